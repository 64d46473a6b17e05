"""Stores a batch of orders in one transaction: their rows, the history of their statuses, and the quarantine."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco import Target, execute, fetch, table_of, upsert_fitting
from blocks.tiny import Record
from flows.run.counts import Counts
from flows.run.quarantine import Rejected
from flows.run.writer import Writer
from flows.tiny_os.listed import ListedOrder, WantedOrder
from flows.tiny_os.mapping import OrderRows, Row, filled, map_order
from flows.tiny_os.quarantine import keep_aside, reject
from flows.tiny_os.statements import DOMAIN, TINY
from flows.tiny_os.targets import CATEGORIAS, CONTATOS, ENDERECOS, FORMAS, ORDENS

GONE = "não existe mais no Tiny"
STATUS_CHANGES = "mudanças de situação"
"""What operators are told of a run, beside its rows."""

_NEVER_KEPT = frozenset({"dados_api", "excluido_em"})
"""Columns whose stored value is replaced even by an empty one."""
_ARRAY_SPECIAL = re.compile(r'(["\\])')

_DESCRIBED: tuple[tuple[Target, Callable[[OrderRows], tuple[Row, ...]]], ...] = (
    (CONTATOS, lambda rows: rows.contacts),
    (ENDERECOS, lambda rows: rows.addresses),
    (CATEGORIAS, lambda rows: rows.categories),
    (FORMAS, lambda rows: rows.payment_methods),
)
"""The tables besides that of the orders, and an order's rows in each."""


@dataclass(frozen=True)
class ReadOrder:
    """An order for which Tiny was asked.

    Attributes:
        wanted: the order.
        read: the number of the read (`begin_read`).
        detail: its detail; None if Tiny gave none.
        error: why it gave none.
    """

    wanted: WantedOrder
    read: int
    detail: Record | None
    error: str | None = None


@dataclass(frozen=True)
class Batch:
    """Orders that were read together and are stored together.

    Attributes:
        orders: those that exist in Tiny, as far as is known.
        gone: the number of the read by the ids of those for which Tiny answered 404.
        read_at: Tiny's clock before the first of them was asked for, aware UTC: to be shown, it decides nothing.
        origin: the name of the job, for the history.
    """

    orders: tuple[ReadOrder, ...]
    gone: Mapping[int, int]
    read_at: datetime
    origin: str


@dataclass
class _Work:
    """The orders of a batch by id: those that can be stored so far, and those that are rejected."""

    good: dict[int, tuple[ReadOrder, OrderRows]] = field(default_factory=dict)
    rejected: dict[int, Rejected] = field(default_factory=dict)

    def refuse(self, order_id: int, reason: str) -> None:
        """Reject an order that was good so far."""
        order, _ = self.good.pop(order_id)
        self.rejected[order_id] = reject(order.wanted, reason, order.detail)


def store(writer: Writer, batch: Batch) -> Counts:
    """Store a batch in one transaction: the rows that differ, the history, the quarantine.

    Raises:
        BancoError: nothing of the batch is stored.
    """
    work = _mapped(batch.orders)
    with writer.transaction(DOMAIN) as connection:
        stored_before = fetch(connection, TINY["conhecidas"], ids=sorted(work.good))
        known = {order_id: old for order_id, old, *_ in stored_before}
        for order_id, *_, read in stored_before:
            if read > work.good[order_id][0].read:  # a read that began later is stored
                del work.good[order_id]
        for target, rows_of in _DESCRIBED:
            _store_described(connection, target, rows_of, work)
        ids = sorted(work.good)
        values = _known(connection, ORDENS, ids)
        rows = [_storable(*work.good[one], values.get(one, {}), batch.read_at) for one in ids]
        written, refused = upsert_fitting(connection, ORDENS, rows)
        for index, reason in refused.items():
            work.refuse(ids[index], reason)
        stored = sorted(work.good)
        seen = fetch(
            connection,
            TINY["historico"],
            ids=stored,
            antigas=[known.get(order_id) for order_id in stored],
            vista_em=batch.read_at,
            origem=batch.origin,
        )
        gone = [*batch.gone]
        reads = {each.wanted.id: each.read for each in batch.orders if each.detail is not None} | dict(batch.gone)
        execute(connection, TINY["verificadas"], ids=[*reads], leituras=[*reads.values()], lido_em=batch.read_at)
        for name in ("marcadores_novos", "marcadores_retirados", "marcadores_ligados"):
            execute(connection, TINY[name], ids=stored)
        keep_aside(connection, stored + gone, work.rejected.values())
    return Counts(
        documentos=len(work.good) + len(work.rejected) + len(gone),
        novos=written.novos,
        atualizados=written.atualizados,
        inalterados=written.inalterados,
        rejeitados=len(work.rejected),
        ignorados=len(gone),
        motivos={GONE: len(gone)} if gone else {},
        efeitos={STATUS_CHANGES: sum(1 for (old,) in seen if old is not None)},
    )


def correct_statuses(writer: Writer, listed: Iterable[ListedOrder], listed_at: datetime, origin: str, read: int) -> int:
    """Store the statuses that the list shows, with their history; how many were different.

    Args:
        writer: the run's.
        listed: lines of the list, of stored orders.
        listed_at: Tiny's clock before the list was read, aware UTC, for the history.
        origin: the name of the job, likewise.
        read: the number that `begin_read` gave before the list was read: what a later read told stays.
    """
    listed = list(listed)
    with writer.transaction(DOMAIN) as connection:
        return execute(
            connection,
            TINY["corrigir_situacoes"],
            ids=[each.id for each in listed],
            situacoes=[each.status for each in listed],
            listada_em=listed_at,
            origem=origin,
            leitura=read,
        )


def _mapped(orders: Iterable[ReadOrder]) -> _Work:
    work = _Work()
    for order in orders:
        wanted = order.wanted
        try:
            if order.detail is None:
                raise ValueError(order.error)
            work.good[wanted.id] = (order, map_order(order.detail, wanted.listed))
        except ValueError as error:
            work.rejected[wanted.id] = reject(wanted, str(error), order.detail)
    return work


def _store_described(
    connection: Connection, target: Target, rows_of: Callable[[OrderRows], tuple[Row, ...]], work: _Work
) -> None:
    """Store the rows of another table that the orders describe, such as contacts, each once.

    A row that the database refuses makes the orders that describe it rejected.
    """
    [key] = target.key
    described: dict[int, Row] = {}
    by: defaultdict[int, set[int]] = defaultdict(set)
    for order_id, (_, rows_of_order) in sorted(work.good.items()):
        for row in rows_of(rows_of_order):
            described[row[key]] = filled(row, described.get(row[key], {}))
            by[row[key]].add(order_id)
    known = _known(connection, target, sorted(described))
    rows = [filled(row, known.get(row_id, {})) for row_id, row in sorted(described.items())]
    _, refused = upsert_fitting(connection, target, rows)
    for index, reason in refused.items():
        for order_id in by[rows[index][key]] & work.good.keys():
            work.refuse(order_id, reason)


def _known(connection: Connection, target: Target, ids: Sequence[int]) -> dict[int, Row]:
    """The stored rows with these ids, without the columns that are always replaced."""
    apart = {*_NEVER_KEPT, target.version, *target.along}
    names = [name for name in target.columns if name not in apart]
    statement = sql.SQL("SELECT {columns} FROM {table} WHERE {key} = ANY(%(ids)s::bigint[])").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, names)), table=table_of(target), key=sql.Identifier(names[0])
    )
    return {row[0]: dict(zip(names, row, strict=True)) for row in fetch(connection, statement, ids=list(ids))}


def _storable(order: ReadOrder, rows: OrderRows, known: Mapping[str, object], read_at: datetime) -> Row:
    full = filled(rows.order, known)
    markers = _array(full["marcadores"] or ())
    return {**full, "marcadores": markers, "verificado_em": read_at, "leitura": order.read}


def _array(texts: Iterable[str]) -> str:
    """PostgreSQL's literal of an array of texts."""
    quoted = ('"' + _ARRAY_SPECIAL.sub(r"\\\1", each) + '"' for each in texts)
    return "{" + ",".join(quoted) + "}"
