"""What a run will read: the window and the list of documents, made once and persisted with the run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from blocks.banco import execute, fetch, transaction
from flows.run import quarantine
from flows.run.batches import chunks
from flows.run.counts import Counts
from flows.run.errors import SourceChanged
from flows.sync.entity import Entity, Listed, Source
from flows.sync.hidden import recall
from flows.sync.request import Request
from flows.sync.statements import SYNC
from flows.sync.window import OVERLAP, Window, decide, is_settled, moved


@dataclass(frozen=True)
class Plan:
    """The documents to read, and what the list alone already tells.

    Attributes:
        listed_at: the source's clock before the list was read; everything read is newer.
        window: None for a run by document numbers.
        documents: what to read, in the order of the ids.
        known: those of them that are stored, in whatever version.
        settled: counts of the documents that need no reading.
        vanished: stored documents that were asked for, by number or since they were hidden, and that are gone.
        hidden: those that exist in the source and may not be seen.
        unread: documents that are remembered as hidden, whole or in part, and that are neither read nor gone.
        complete: whether the source was listed since ever, now or in an earlier run, so that everything is known.
        unknown: numbers that neither side knows.
    """

    listed_at: datetime
    window: Window | None
    documents: tuple[Listed, ...]
    known: frozenset[int] = frozenset()
    settled: Counts = field(default_factory=Counts)
    vanished: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    unread: frozenset[int] = frozenset()
    complete: bool = False
    unknown: tuple[str, ...] = ()

    def batches(self, size: int) -> Iterator[tuple[Listed, ...]]:
        """The documents, `size` at a time."""
        return chunks(self.documents, size)

    def batch_count(self, size: int) -> int:
        """How many batches that makes."""
        return -(-len(self.documents) // size)

    def described(self) -> str:
        """The window in the operator's words."""
        if self.window is None:
            return "documentos informados"
        since = f"de {self.window.since:%Y-%m-%d %H:%M:%S}" if self.window.since else "do início"
        return f"{since} até {self.window.until:%Y-%m-%d %H:%M:%S} UTC"


def plan(engine: Engine, entity: Entity, source: Source, width: timedelta, request: Request) -> Plan:
    """List what the run has to read.

    Raises:
        SourceChanged: the table was filled from another kind of documents.
        SincroniaError: the source or the database cannot be reached. A list that could not be read
            is never taken for an empty one.
    """
    _refuse_another_kind(engine, entity, source)
    if request.numbers:
        return _by_number(engine, entity, source, request.numbers)
    now = source.now()
    with transaction(engine) as connection:
        checkpoint = read_checkpoint(connection, entity.name)
        due = {*quarantine.due(connection, entity.name), *_no_longer_waiting(connection, entity)}
        remembered = fetch(connection, SYNC["hidden_documents"], entidade=entity.name)
    recalled = recall(source.presence, remembered)
    due = (due | recalled.again) - recalled.unseen
    window = decide(now, checkpoint, width, request)
    listed = dict(source.changed(window.since, window.until if window.bounded else None))
    with transaction(engine) as connection:
        stored = _stored(connection, entity.name, [*listed, *due])
    for number in due:  # read again for the sake of its lines kept aside or hidden, in whatever version it is
        if number not in listed and number in stored:
            listed[number] = stored[number][0]
    settled = {
        number
        for number, version in listed.items()
        if number in stored and number not in due and is_settled(version, *stored[number][:2])
    }
    rows = sum(stored[number][2] for number in settled)
    late = [
        number
        for number, version in listed.items()
        if checkpoint is not None and version < checkpoint - OVERLAP and _missed(version, stored.get(number))
    ]
    documents = tuple(sorted(item for item in listed.items() if item[0] not in settled))
    return Plan(
        now,
        window,
        documents,
        frozenset(stored) - settled,
        Counts(inalterados=rows, assentados=rows, tardios=len(late)),
        vanished=tuple(sorted(recalled.gone)),
        hidden=tuple(sorted(recalled.hidden)),
        unread=frozenset(number for number, *_ in remembered) - recalled.gone - {number for number, _ in documents},
        complete=checkpoint is not None or window.since is None,
    )


def read_checkpoint(connection: Connection, entity: str) -> datetime | None:
    """Up to which instant of the source's clock every change is stored; None before the first complete run."""
    rows = fetch(connection, SYNC["checkpoint"], entidade=entity)
    return rows[0][0] if rows else None


def move_checkpoint(
    engine: Engine, entity: str, window: Window, *, kind: str, flow_run_id: str | None = None
) -> datetime | None:
    """Move the checkpoint as far as `window` allows, now that all of it is stored; where it stands then.

    `kind` is the source's: from now on no other is read into the entity.
    """
    with transaction(engine) as connection:
        checkpoint = moved(read_checkpoint(connection, entity), window)
        if checkpoint is not None:
            execute(
                connection,
                SYNC["move_checkpoint"],
                entidade=entity,
                checkpoint=checkpoint,
                flow_run_id=flow_run_id,
                origem=kind,
            )
    return checkpoint


Stored = tuple[datetime, datetime, int]
"""The stored version of a document, the source's clock when it was read, its rows."""


def _refuse_another_kind(engine: Engine, entity: Entity, source: Source) -> None:
    with transaction(engine) as connection:
        for (other,) in fetch(connection, SYNC["kind_of_source"], entidade=entity.name, origem=source.kind):
            raise SourceChanged(
                f"{entity.title}: a tabela foi preenchida de {other}, e a origem agora é {source.kind}; os ids se "
                "confundiriam. Volte à origem anterior, ou esvazie a tabela e o que sync_metadata e sync_documento "
                f"guardam de {entity.name}"
            )


def _by_number(engine: Engine, entity: Entity, source: Source, numbers: Sequence[str]) -> Plan:
    now = source.now()
    found = source.numbered(numbers)
    missing = [number for number in numbers if number not in found]
    with transaction(engine) as connection:
        stored = fetch(connection, SYNC["stored_numbers"], entidade=entity.name, numeros=missing)
    asked = {identifier for identifier, _ in stored}
    renamed = asked & set(source.presence.visible(asked)) if asked else set()
    hidden = source.presence.hidden(asked - renamed) if asked - renamed else set()
    documents = {identifier: version for listed in found.values() for identifier, version in listed}
    with transaction(engine) as connection:
        known = _stored(connection, entity.name, sorted({*documents, *renamed}))
    documents = {identifier: known[identifier][0] for identifier in renamed & known.keys()} | documents
    numbers_known = {number for _, number in stored}
    return Plan(
        now,
        None,
        tuple(sorted(documents.items())),
        frozenset(known),
        vanished=tuple(sorted(asked - renamed - hidden)),
        hidden=tuple(sorted(hidden)),
        unknown=tuple(number for number in missing if number not in numbers_known),
    )


def _stored(connection: Connection, entity: str, ids: Sequence[int]) -> dict[int, Stored]:
    rows = fetch(connection, SYNC["stored_versions"], entidade=entity, documentos=list(ids))
    return {number: (version, read_at, lines) for number, version, read_at, lines in rows}


def _no_longer_waiting(connection: Connection, entity: Entity) -> list[int]:
    if entity.awaited is None:
        return []
    return [number for (number,) in fetch(connection, entity.awaited, entidade=entity.name)]


def _missed(version: datetime, stored: Stored | None) -> bool:
    return stored is None or stored[0] < version
