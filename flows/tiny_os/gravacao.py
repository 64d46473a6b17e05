"""Stores orders as they were read: rows, statuses with their history, and what has to be kept aside."""

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
from flows.tiny_os.itens import Item, Pedido
from flows.tiny_os.ordens import Ordem, Row, filled, order
from flows.tiny_os.quarentena import keep_aside, rejected
from flows.tiny_os.statements import DOMAIN, TINY
from flows.tiny_os.tabelas import CATEGORIAS, CONTATOS, ENDERECOS, FORMAS, ORDENS

GONE = "não existe mais no Tiny"
STATUS_CHANGES = "mudanças de situação"
"""What operators are told of a run, beside its rows."""

_NEVER_KEPT = frozenset({"dados_api", "excluido_em"})
"""Columns in which what is read counts even where it is empty."""
_ARRAY_SPECIAL = re.compile(r'(["\\])')

_DESCRIBED: tuple[tuple[Target, Callable[[Ordem], tuple[Row, ...]]], ...] = (
    (CONTATOS, lambda each: each.contatos),
    (ENDERECOS, lambda each: each.enderecos),
    (CATEGORIAS, lambda each: each.categorias),
    (FORMAS, lambda each: each.formas),
)


@dataclass(frozen=True)
class Lida:
    """What came of reading an order: its detail, or why there is none."""

    pedido: Pedido
    detalhe: Record | None
    erro: str | None = None


@dataclass(frozen=True)
class Lote:
    """Orders read together.

    Attributes:
        lidas: those that Tiny answered for.
        sumidas: those that it answered 404 for.
        lido_em: Tiny's clock before the first of them was asked for.
        origem: the job, as the history names it.
    """

    lidas: tuple[Lida, ...]
    sumidas: tuple[Pedido, ...]
    lido_em: datetime
    origem: str


@dataclass
class _Work:
    """The orders of a batch that are still good, and those that are not."""

    good: dict[int, tuple[Lida, Ordem]] = field(default_factory=dict)
    rejected: dict[int, Rejected] = field(default_factory=dict)

    def refuse(self, number: int, reason: str) -> None:
        lida, _ = self.good.pop(number)
        self.rejected[number] = rejected(lida.pedido, reason, lida.detalhe)


def store(writer: Writer, batch: Lote) -> Counts:
    """Store a batch in one transaction: the rows that differ, the history, the quarantine."""
    work = _read(batch.lidas)
    with writer.transaction(DOMAIN) as connection:
        for target, rows_of in _DESCRIBED:
            _store_described(connection, target, rows_of, work)
        ids = sorted(work.good)
        known = {number: old for number, old, *_ in fetch(connection, TINY["conhecidas"], ids=ids)}
        values = _known(connection, ORDENS, ids)
        rows = [_storable(work.good[number][1].linha, values.get(number, {}), batch.lido_em) for number in ids]
        written, refused = upsert_fitting(connection, ORDENS, rows)
        for index, reason in refused.items():
            work.refuse(ids[index], reason)
        stored = sorted(work.good)
        seen = fetch(
            connection,
            TINY["historico"],
            ids=stored,
            antigas=[known.get(number) for number in stored],
            vista_em=batch.lido_em,
            origem=batch.origem,
        )
        gone = [each.id for each in batch.sumidas]
        execute(connection, TINY["verificadas"], ids=stored + gone, lido_em=batch.lido_em)
        for name in ("marcadores_novos", "marcadores_retirados", "marcadores_ligados"):
            execute(connection, TINY[name], ids=stored)
        keep_aside(connection, stored + gone, work.rejected.values())
    return Counts(
        documentos=len(batch.lidas) + len(gone),
        novos=written.novos,
        atualizados=written.atualizados,
        inalterados=written.inalterados,
        rejeitados=len(work.rejected),
        ignorados=len(gone),
        motivos={GONE: len(gone)} if gone else {},
        efeitos={STATUS_CHANGES: sum(1 for (old,) in seen if old is not None)},
    )


def correct_statuses(writer: Writer, items: Iterable[Item], listed_at: datetime, origin: str) -> int:
    """Enter statuses that the list shows in orders and history; how many were different."""
    items = list(items)
    with writer.transaction(DOMAIN) as connection:
        return execute(
            connection,
            TINY["corrigir_situacoes"],
            ids=[each.id for each in items],
            situacoes=[each.situacao for each in items],
            listada_em=listed_at,
            origem=origin,
        )


def _read(lidas: Iterable[Lida]) -> _Work:
    work = _Work()
    for each in lidas:
        number = each.pedido.id
        try:
            if each.detalhe is None:
                raise ValueError(each.erro)
            work.good[number] = (each, order(each.detalhe, each.pedido.item))
        except ValueError as error:
            work.rejected[number] = rejected(each.pedido, str(error), each.detalhe)
    return work


def _store_described(
    connection: Connection, target: Target, rows_of: Callable[[Ordem], tuple[Row, ...]], work: _Work
) -> None:
    """What the orders describe besides themselves, each once; what the database refuses spoils its orders only."""
    [key] = target.key
    told: dict[int, Row] = {}
    by: defaultdict[int, set[int]] = defaultdict(set)
    for number, (_, read) in sorted(work.good.items()):
        for row in rows_of(read):
            told[row[key]] = filled(row, told.get(row[key], {}))
            by[row[key]].add(number)
    known = _known(connection, target, sorted(told))
    rows = [filled(row, known.get(number, {})) for number, row in sorted(told.items())]
    _, refused = upsert_fitting(connection, target, rows)
    for index, reason in refused.items():
        for number in by[rows[index][key]] & work.good.keys():
            work.refuse(number, reason)


def _known(connection: Connection, target: Target, ids: Sequence[int]) -> dict[int, Row]:
    """What is stored under these ids, by id and column."""
    names = [name for name in target.columns if name not in _NEVER_KEPT and name != target.version]
    statement = sql.SQL("SELECT {columns} FROM {table} WHERE {key} = ANY(%(ids)s::bigint[])").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, names)), table=table_of(target), key=sql.Identifier(names[0])
    )
    return {row[0]: dict(zip(names, row, strict=True)) for row in fetch(connection, statement, ids=list(ids))}


def _storable(row: Row, known: Mapping[str, object], read_at: datetime) -> Row:
    full = filled(row, known)
    return {**full, "marcadores": _array(full["marcadores"] or ()), "verificado_em": read_at}


def _array(texts: Iterable[str]) -> str:
    """PostgreSQL's literal of an array of texts."""
    quoted = ('"' + _ARRAY_SPECIAL.sub(r"\\\1", each) + '"' for each in texts)
    return "{" + ",".join(quoted) + "}"
