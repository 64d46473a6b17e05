"""Reading documents again, or retiring those that are gone: the ordinary ways of a sync, watched row by row."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pandas as pd
from sqlalchemy import Connection

from blocks.banco import fetch, transaction
from flows.conciliacao.content import COLUMNS, changes
from flows.conciliacao.ours import rows_of
from flows.run.batches import chunks
from flows.run.deletions import most_believed
from flows.run.errors import DeletionRefused
from flows.run.writer import Writer
from flows.sync.deletion import UNKNOWN_VERSION
from flows.sync.hidden import absent, counted, remember
from flows.sync.known import Known
from flows.sync.origin import moved_fields
from flows.sync.standing import read_standing
from flows.sync.statements import SYNC
from flows.sync.store import begin_read, retire
from flows.sync.sync import Sync, read_documents
from flows.sync.window import Clock, now_in_source


@dataclass(frozen=True)
class Repaired:
    """What became of documents.

    Attributes:
        gone: those that were retired, since the source has them no more.
        hidden: those that exist and may not be seen: they stay as they are.
        changes: what changed in their rows, as `content.changes` says; in a dry run what would change.
        numbers: by id, the numbers that people know them by.
    """

    gone: Sequence[int] = ()
    hidden: Sequence[int] = ()
    changes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))
    numbers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched(Writer):
    """A writer of a dry run that shows what is written before it is rolled back."""

    watch: Callable[[Connection], None] = lambda _: None

    @contextmanager
    def transaction(self, domain: str, prepare: Callable[[Connection], object] | None = None) -> Iterator[Connection]:
        """As a writer's; `watch` is called once all is written."""
        with super().transaction(domain, prepare) as connection:
            yield connection
            self.watch(connection)


def repair(sync: Sync, documents: Collection[int]) -> Repaired:
    """Read these documents again, whole, and store them; retire those that the source has no more.

    Raises:
        DeletionRefused: more would be retired than is believed; all else is done.
        SourceChanged: what is stored came from elsewhere.
        SincroniaError: the source or the database failed.
    """
    if not documents:
        return Repaired()
    engine, entity = sync.run.writer.engine, sync.entity
    with transaction(engine) as connection:
        standing = read_standing(connection, entity.name)
        before = rows_of(connection, entity, documents)
        stored = fetch(connection, SYNC["stored_versions"], entidade=entity.name, documentos=sorted(documents))
    moved_fields(entity, sync.source, sync.source.fields(), standing)
    versions = {number: version for number, version, *_ in stored}
    asked = begin_read(engine)
    visible = set(sync.source.presence.visible(documents))
    away, hidden = absent(sync.source.presence, set(documents) - visible)
    gone = sorted(away)
    seen = Clock.seen(sync.source.now(), versions.values())
    found: list[pd.DataFrame] = []

    def watch(connection: Connection) -> None:
        found.append(changes(before, rows_of(connection, entity, documents)))

    writer = sync.run.writer
    if writer.dry_run:
        writer = Watched(writer.engine, writer.alive, writer.parameters, writer.dry_run, watch)
    watched = replace(sync, run=replace(sync.run, writer=writer))
    listed = {number: versions.get(number) or UNKNOWN_VERSION for number in sorted(visible)}
    read_documents(watched, listed, now_in_source(standing.clock, seen), frozenset(versions))
    _retire(watched, gone, asked)
    remember(watched.run.writer, entity, sorted(hidden))
    sync.run.add(counted(len(hidden)))
    if not writer.dry_run:
        with transaction(engine) as connection:
            watch(connection)
    numbers = _numbers(sync, documents)
    return Repaired(gone, sorted(hidden), pd.concat(found, ignore_index=True).drop_duplicates(), numbers)


def _retire(sync: Sync, gone: Sequence[int], asked: int) -> None:
    documents, _ = Known(sync.run.writer.engine, sync.entity.name).counted()
    share = sync.run.settings.limite_exclusao
    if len(gone) > most_believed(documents, share):
        raise DeletionRefused(
            f"{sync.entity.title}: {len(gone)} de {documents} documentos sumiriam de uma vez (limite {share:.0%}); "
            "nenhum foi desativado. Confira o acesso do usuário na origem; se a exclusão for real: "
            f"sincronia executar {sync.entity.name} -p limite_exclusao=1. Exemplos de id: {list(gone)[:5]}"
        )
    for some in chunks(gone, sync.entity.batch):
        sync.run.add(retire(sync.run.writer, sync.entity, some, asked))


def _numbers(sync: Sync, documents: Collection[int]) -> dict[int, str]:
    """The numbers of documents: what we know of them, and of the others what the source says."""
    with transaction(sync.run.writer.engine) as connection:
        rows = fetch(
            connection,
            "SELECT documento_id, numero FROM sync_documento WHERE entidade = %(e)s AND documento_id = ANY(%(ids)s)",
            e=sync.entity.name,
            ids=sorted(documents),
        )
    known = {number: str(name) for number, name in rows if name}
    sums, path = sync.source.sums, sync.source.sums.documents.numbers[0]
    unknown = sorted(set(documents) - known.keys())
    if unknown and "." not in path:
        for page in sums.headers([("id", "in", unknown)], [path]):
            known |= {each["id"]: str(each[path]) for each in page if each[path]}
    return known
