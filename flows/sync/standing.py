"""How far an entity has been read, as `sync_metadata` keeps it: its checkpoint, and what it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

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
        rule: by which rule its last run made rows; None: not known.
        any_stored: whether any document was ever stored.
        settled_at: how late it was in the source, by its server's clock, when a run had seen all documents and nothing
            was left to do up to the checkpoint; None: not since it moved.
        access: how the source was reached then.
    """

    asked: int
    clock: Clock | None
    kind: str | None
    fields: Mapping[str, str | None]
    rule: str | None
    any_stored: bool
    settled_at: datetime | None = None
    access: Mapping[str, Any] = field(default_factory=dict)

    @property
    def checkpoint(self) -> datetime | None:
        """The instant up to which every change is stored."""
        return self.clock.written if self.clock else None


def read_standing(connection: Connection, entity: str) -> Standing:
    """How far an entity has been read before the run that asks."""
    [(asked, checkpoint, server, kind, fields, rule, any_stored, settled_at, access)] = fetch(
        connection, SYNC["standing"], entidade=entity
    )
    clock = Clock(server, checkpoint) if checkpoint else None
    return Standing(asked, clock, kind, fields or {}, rule, any_stored, settled_at, access or {})


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


@dataclass(frozen=True)
class Progress:
    """How many of an entity's documents have rows of its rule.

    Attributes:
        documents: how many there are, without deleted and hidden ones.
        current: how many of them are of the rule.
    """

    documents: int
    current: int

    def described(self) -> str:
        """How many documents are of the rule, in the operators' words."""
        return f"{self.current} de {self.documents} na regra atual"


def progress(engine: Engine, entity: str, rule: str) -> Progress:
    """How many of the entity's documents have rows of a rule."""
    with transaction(engine) as connection:
        [found] = fetch(connection, SYNC["progress"], entidade=entity, regra=rule)
    return Progress(*found)


@dataclass(frozen=True)
class Left:
    """What is left to be read again of an entity.

    Attributes:
        documents: how many are of another rule, or were not checked for longer than a check holds.
        oldest: when the one was checked that was checked longest ago, by the database's clock; None: there are none.
    """

    documents: int
    oldest: datetime | None


def left_to_check(engine: Engine, entity: str, rule: str, holds: timedelta) -> Left:
    """What is left of the entity's documents to be read again; a check `holds` so long."""
    with transaction(engine) as connection:
        [found] = fetch(connection, SYNC["left_to_check"], entidade=entity, regra=rule, vale=holds)
    return Left(*found)
