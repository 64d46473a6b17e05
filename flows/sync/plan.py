"""What a run will read: the window and the list of documents, made once and persisted with the run."""

from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from blocks.banco import fetch, transaction
from blocks.zone import shown
from flows.run import quarantine
from flows.run.counts import Counts
from flows.settings import Settings
from flows.sync.entity import Entity, Listed, Source
from flows.sync.hidden import Remembered, absent, recall
from flows.sync.origin import moved_fields, record_origin
from flows.sync.request import Request
from flows.sync.rule import rule_of
from flows.sync.standing import Standing, read_standing
from flows.sync.statements import SYNC
from flows.sync.window import OVERLAP, Clock, Now, Window, decide, is_settled, now_in_source, was_ahead

AHEAD = (
    "documentos mudaram antes da hora que o servidor já tinha informado: o cabeçalho Date do Odoo, ou de um proxy à "
    "frente dele, está adiantado, ou uma transação durou mais que a sobreposição"
)
BEHIND = (
    "documentos com data de escrita no futuro: o cabeçalho Date do Odoo, ou de um proxy à frente dele, está atrasado, "
    "ou um relógio errado os carimbou"
)


@dataclass(frozen=True)
class Plan:
    """The documents to read, and what the list alone already tells.

    Attributes:
        asked: the number of the list, in the order of the reads.
        seen: what the list shows of the source's clock.
        listed_at: how late it was in the source then; everything read is newer.
        window: None for a run by document numbers.
        documents: what to read, by id in ascending order, with the versions that the list saw.
        known: those of them that are stored, in whatever version.
        again: those of them that are read though nothing says that they changed.
        settled: counts of the documents that need no reading, and warnings.
        vanished: stored documents that were asked for, by number or since they were hidden, and that are gone.
        hidden: those that exist in the source and may not be seen.
        unread: documents that are remembered as hidden, whole or in part, and that are neither read nor gone.
        complete: whether the source was listed since ever, now or in an earlier run, so that everything is known.
        unknown: numbers that neither side knows.
    """

    asked: int
    seen: Clock
    listed_at: Now
    window: Window | None
    documents: Mapping[int, datetime | None]
    known: frozenset[int] = frozenset()
    again: frozenset[int] = frozenset()
    settled: Counts = field(default_factory=Counts)
    vanished: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    unread: frozenset[int] = frozenset()
    complete: bool = False
    unknown: tuple[str, ...] = ()

    def described(self) -> str:
        """The window in the operator's words."""
        if self.window is None:
            return "documentos informados"
        since = f"de {shown(self.window.since)}" if self.window.since else "do início"
        return f"{since} até {shown(self.window.until)}"


@dataclass(frozen=True)
class _Left:
    """What the database alone says is left to do.

    Attributes:
        due: documents with lines kept aside that are to be tried again.
        chosen: documents to be read again since their rows are of another rule, or were not checked for too long.
        remembered: what earlier runs found hidden.
    """

    due: Set[int]
    chosen: Set[int]
    remembered: Remembered


@dataclass(frozen=True)
class _Open:
    """What the list is compared with.

    Attributes:
        standing: how far the entity had been read.
        now: what the source's server says that the time is.
        rule: by which rows are made now.
        window: in which documents were listed.
        left: what is left to do besides.
    """

    standing: Standing
    now: datetime
    rule: str
    window: Window
    left: _Left


def plan(engine: Engine, entity: Entity, source: Source, settings: Settings, request: Request) -> Plan:
    """List what the run has to read.

    Raises:
        SourceChanged: the table was filled from another kind of documents, or by another number of theirs.
        SincroniaError: the source or the database cannot be reached. A list that could not be read
            is never taken for an empty one.
    """
    rule = rule_of(entity, settings)
    with ThreadPoolExecutor(1) as aside:  # the database is asked while the source is
        with transaction(engine) as connection:
            standing = read_standing(connection, entity.name)
            checked = settings.releitura_dias if standing.checkpoint and not request.spans else None
            # Within the transaction, so that it opens a second connection: later one stores what changed while the
            # other counts the rest, and the store would have to wait until it is open.
            left = aside.submit(_left, engine, entity, rule, checked)
        now, fields = source.now(), dict(source.fields())
        told = moved_fields(entity, source, fields, standing)
        if request.numbers:
            made = _by_number(engine, entity, source, standing, request.numbers, now=now)
        else:
            window = decide(now, standing.checkpoint, entity.width(settings), request)
            listed = _listed(source, window, standing)
            known = _Open(standing, now, rule, window, left.result())
            made = _by_window(engine, entity, source, known, listed, reread=request.reread)
    if not request.dry_run:
        record_origin(engine, entity, source, standing, rule, moved=bool(told))
    return replace(made, settled=made.settled + Counts(avisos=told))


def _listed(source: Source, window: Window, standing: Standing) -> dict[int, datetime | None]:
    """The documents that changed in the window, with their versions."""
    # The first load of all needs no whole versions: there is nothing to compare them with.
    return dict(source.changed(window.since, window.until if window.bounded else None, whole=standing.any_stored))


def _left(engine: Engine, entity: Entity, rule: str, checked: float | None) -> _Left:
    """What is left to do; a check holds `checked` days, and None are chosen to be checked if that is None."""
    with transaction(engine) as connection:
        due = {*quarantine.due(connection, entity.name), *no_longer_waiting(connection, entity)}
        old = () if checked is None else to_check(connection, entity.name, rule, timedelta(checked), entity.batch)
        remembered = fetch(connection, SYNC["hidden_documents"], entidade=entity.name)
    return _Left(due, {number for number, _ in old} - due, remembered)


def to_check(connection: Connection, entity: str, rule: str, holds: timedelta, limit: int) -> list[Listed]:
    """The documents to be read again whatever their dates say, as they are stored, `limit` at most.

    Those of another rule, the newest first; then those whose check is older than it `holds`, the oldest first.
    """
    return [
        (number, version)
        for number, version in fetch(
            connection, SYNC["to_check"], entidade=entity, regra=rule, vale=holds, limite=limit
        )
    ]


def _by_window(
    engine: Engine,
    entity: Entity,
    source: Source,
    known: _Open,
    listed: dict[int, datetime | None],
    *,
    reread: bool,
) -> Plan:
    standing, now, window = known.standing, known.now, known.window
    chosen, remembered = known.left.chosen, known.left.remembered
    recalled = recall(source.presence, remembered)
    due = (known.left.due | recalled.again) - recalled.unseen
    before, seen = standing.clock, Clock.seen(now, listed.values())
    with transaction(engine) as connection:
        stored = _stored(connection, entity.name, [*listed, *due, *chosen])
    for number in due | chosen:  # read again in whatever version it is
        if number not in listed:
            listed[number] = stored[number][0] if number in stored else now
    unmoved = {
        number
        for number, version in listed.items()
        if number in stored and number not in due and is_settled(version, *stored[number][:2], window.patience)
    }
    settled = {number for number in unmoved - chosen if not reread and stored[number][3] == known.rule}
    rows = sum(stored[number][2] for number in settled)
    late = [
        number
        for number, version in listed.items()
        if before and version and version < before.server - OVERLAP and _missed(version, stored.get(number))
    ]
    documents = {number: listed[number] for number in sorted(listed.keys() - settled)}
    return Plan(
        standing.asked,
        seen,
        now_in_source(before, seen),
        window,
        documents,
        frozenset(stored) - settled,
        frozenset((unmoved | chosen) & stored.keys()) - settled,
        Counts(inalterados=rows, assentados=rows, tardios=len(late), avisos=_clock_warnings(before, seen, listed)),
        vanished=tuple(sorted(recalled.gone)),
        hidden=tuple(sorted(recalled.hidden)),
        unread=frozenset(number for number, *_ in remembered).difference(recalled.gone, documents),
        complete=standing.checkpoint is not None or window.since is None,
    )


def _by_number(
    engine: Engine, entity: Entity, source: Source, standing: Standing, numbers: Sequence[str], *, now: datetime
) -> Plan:
    found = source.numbered(numbers)
    missing = [number for number in numbers if number not in found]
    with transaction(engine) as connection:
        stored = fetch(connection, SYNC["stored_numbers"], entidade=entity.name, numeros=missing)
    asked = {identifier for identifier, _ in stored}
    renamed = asked & set(source.presence.visible(asked)) if asked else set()
    gone, hidden = absent(source.presence, asked - renamed)
    documents = {identifier: version for listed in found.values() for identifier, version in listed}
    seen = Clock.seen(now, documents.values())
    with transaction(engine) as connection:
        known = _stored(connection, entity.name, sorted({*documents, *renamed}))
    documents = {identifier: known[identifier][0] for identifier in renamed & known.keys()} | documents
    numbers_known = {number for _, number in stored}
    return Plan(
        standing.asked,
        seen,
        now_in_source(standing.clock, seen),
        None,
        dict(sorted(documents.items())),
        frozenset(known),
        vanished=tuple(sorted(gone)),
        hidden=tuple(sorted(hidden)),
        unknown=tuple(number for number in missing if number not in numbers_known),
    )


Stored = tuple[datetime | None, datetime, int, str | None]
"""The stored version of a document, how late it was in the source when it was read, how many rows, of which rule."""


def _stored(connection: Connection, entity: str, ids: Sequence[int]) -> dict[int, Stored]:
    rows = fetch(connection, SYNC["stored_versions"], entidade=entity, documentos=list(ids))
    return {number: (version, read_at, lines, rule) for number, version, read_at, lines, rule in rows}


def no_longer_waiting(connection: Connection, entity: Entity) -> list[int]:
    """Ids of the documents with a line that waited for something that is here now."""
    if entity.awaited is None:
        return []
    return [number for (number,) in fetch(connection, entity.awaited, entidade=entity.name)]


def _missed(version: datetime, stored: Stored | None) -> bool:
    return stored is None or (stored[0] is not None and stored[0] < version)


def _clock_warnings(before: Clock | None, seen: Clock, listed: Mapping[int, datetime | None]) -> dict[str, int]:
    """What operators are told where the server's clock and the write dates disagree, with the number of documents."""
    dates = [version for version in listed.values() if version]
    warned = {BEHIND: sum(1 for date in dates if date > seen.server + OVERLAP)}
    if before and before.written and was_ahead(before, seen):
        warned[AHEAD] = sum(1 for date in dates if before.written < date <= seen.server)
    return {told: quantity for told, quantity in warned.items() if quantity}
