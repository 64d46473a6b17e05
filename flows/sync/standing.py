"""How far an entity has been read, as `sync_metadata` keeps it: its checkpoint, and what it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from blocks.banco import execute, fetch, transaction
from flows.sync.statements import SYNC
from flows.sync.window import Clock, Window, moved


@dataclass(frozen=True)
class Standing:
    """How far an entity has been read.

    Attributes:
        asked: the number of the read that begins with this question (`sync_leitura`).
        clock: the source's clock when the checkpoint moved to where it stands (`written`): every change before it is
            stored or in quarantine. None before the first complete run.
        kind: of which kind the documents were; None: not known.
        fields: by path, the source's field that each of ours was read from.
        any_stored: whether any document was ever stored.
    """

    asked: int
    clock: Clock | None
    kind: str | None
    fields: Mapping[str, str | None]
    any_stored: bool

    @property
    def checkpoint(self) -> datetime | None:
        """The instant up to which every change is stored."""
        return self.clock.written if self.clock else None


def read_standing(connection: Connection, entity: str) -> Standing:
    """How far an entity has been read before the run that asks."""
    [(asked, checkpoint, server, kind, fields, any_stored)] = fetch(connection, SYNC["standing"], entidade=entity)
    return Standing(asked, Clock(server, checkpoint) if checkpoint else None, kind, fields or {}, any_stored)


def move_checkpoint(
    engine: Engine, entity: str, window: Window, seen: Clock, *, flow_run_id: str | None = None
) -> datetime | None:
    """Move the checkpoint as far as `window` and its list allow, now that all of it is stored; where it stands then."""
    with transaction(engine) as connection:
        found = fetch(connection, SYNC["checkpoint"], entidade=entity)
        checkpoint = moved(found[0][0] if found else None, window, seen)
        if checkpoint is not None:
            execute(
                connection,
                SYNC["move_checkpoint"],
                entidade=entity,
                checkpoint=checkpoint,
                relogio=seen.server,
                flow_run_id=flow_run_id,
            )
    return checkpoint
