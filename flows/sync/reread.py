"""One slice of `releitura`: documents read again whatever their dates say, and what is gone of them."""

from blocks.banco import transaction
from flows.run.batches import chunks
from flows.run.counts import Counts
from flows.run.steps import Step
from flows.sync.deletion import refuse
from flows.sync.entity import Listed
from flows.sync.hidden import absent, counted, remember
from flows.sync.known import Known
from flows.sync.origin import moved_fields
from flows.sync.plan import to_check
from flows.sync.rule import rule_of
from flows.sync.standing import left_to_check, progress, read_standing
from flows.sync.store import begin_read, retire
from flows.sync.sync import Sync, read_documents
from flows.sync.window import CHECK_HOLDS, Clock, now_in_source

LEFT = "a_reler"
OLDEST = "conferencia_mais_antiga"
"""Notes of a slice's report: how many documents are still to be read again, and the oldest check (ISO 8601)."""


def reread(sync: Sync, limit: int) -> None:
    """Read up to `limit` documents again: those of another rule, the newest first; then those checked longest ago.

    Nothing is read before the entity's first complete run.

    Raises:
        SourceChanged: the table was filled from another kind of documents, or by another number of theirs.
        BatchesFailed: some could not be stored, after all had their turn.
        DeletionRefused: suspiciously many of them do not exist any more.
    """
    run, entity, source = sync.run, sync.entity, sync.source
    engine, report = run.writer.engine, run.report
    report.window = "os de outra regra e os conferidos há mais tempo"
    rule = rule_of(entity, run.settings)
    try:
        now, fields = source.now(), dict(source.fields())
        with transaction(engine) as connection:
            standing = read_standing(connection, entity.name)
            listed = to_check(connection, entity.name, rule, CHECK_HOLDS, limit) if standing.checkpoint else []
        moved_fields(entity, source, fields, standing)
        if listed:
            numbers = frozenset(number for number, _ in listed)
            seen = Clock.seen(now, (version for _, version in listed))
            read_documents(sync, dict(sorted(listed)), now_in_source(standing.clock, seen), numbers, numbers)
            report.counts += run.submit(_missing(sync, listed)).result()
    finally:
        report.calls = source.calls
    report.rule = progress(engine, entity.name, rule).described()
    left = left_to_check(engine, entity.name, rule, CHECK_HOLDS)
    report.notes |= {LEFT: left.documents, OLDEST: left.oldest and left.oldest.isoformat()}


def _missing(sync: Sync, listed: list[Listed]) -> Step[Counts]:
    """The step that deactivates those of the documents that are gone, and remembers those that are hidden."""
    entity, writer, presence = sync.entity, sync.run.writer, sync.source.presence
    numbers = [number for number, _ in listed]

    def work() -> Counts:
        first = begin_read(writer.engine)
        away, hidden = absent(presence, set(numbers) - presence.visible(numbers).keys())
        gone = sorted(away)
        stored, _ = Known(writer.engine, entity.name).counted()
        refuse(entity, "documentos", gone, stored, sync.run.settings.limite_exclusao)
        remember(writer, entity, sorted(hidden))
        return sum((retire(writer, entity, ids, first) for ids in chunks(gone, entity.batch)), counted(len(hidden)))

    def told(counts: Counts) -> str:
        return f"{counts.removidos} linhas desativadas, {counts.ocultos} documentos ocultos"

    title = f"🗑️ Exclusões de {entity.name}"
    return Step("exclusoes", f"exclusoes {entity.name}", title, work, told, key=(entity.name, numbers))
