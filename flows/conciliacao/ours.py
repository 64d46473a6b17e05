"""Our side of the comparison: what the tables of an entity add up to, and their rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from psycopg2 import sql
from sqlalchemy import Connection, Engine

from blocks.banco import fetch, listed, table_of, transaction
from flows.conciliacao.months import Cell, Cells, Month, by_month
from flows.conciliacao.statements import CONCILIACAO
from flows.conciliacao.theirs import Apart
from flows.sync.entity import Entity
from flows.sync.grouped import Grouped
from flows.sync.totals import CURRENCY, Cut, Measure, Totals


@dataclass(frozen=True)
class Ours:
    """The rows of an entity that declares `totals`; of these the cuts and measures that its server can give, too.

    Rows of the documents `without` do not count.
    """

    engine: Engine
    entity: Entity
    totals: Totals
    cuts: tuple[Cut, ...]
    measures: tuple[Measure, ...]
    without: Collection[int] = ()

    def by_month(self, which: str = "rows") -> dict[Month | None, Cells]:
        """What the rows add up to, by month; of `hidden` ones instead."""
        cuts = sql.SQL("").join(sql.SQL(", {}").format(sql.SQL(cut.column)) for cut in self.cuts)
        sums = sql.SQL("").join(
            sql.SQL(", coalesce(sum(t.{}), 0)").format(sql.Identifier(each.column)) for each in self.measures
        )
        grouping = sql.SQL(", ").join(sql.Literal(2 + number) for number in range(len(self.cuts)))
        statement = sql.SQL(
            "SELECT date_trunc('month', t.dia)::date{cuts}, count(DISTINCT t.{document}), count(*){sums} "
            "FROM ({rows}) t GROUP BY 1{also}{grouping}"
        ).format(
            cuts=cuts,
            document=sql.Identifier(self.entity.document),
            sums=sums,
            rows=self._statement(which),
            also=sql.SQL(", " if self.cuts else ""),
            grouping=grouping,
        )
        keys = len(self.cuts)
        return by_month(
            (first, tuple(map(str, rest[:keys])), Cell(rest[keys], rest[keys + 1], tuple(rest[keys + 2 :])))
            for first, *rest in self._fetch(statement)
        )

    def lines(self, month: Month | None) -> pd.DataFrame:
        """The rows of a month: `linha`, `documento`, `versao` (stored of the document), `situacao`, the measures."""
        said = [cut.column for cut in self.cuts if cut is not CURRENCY]  # a page of records does not tell it
        state = " || '|' || ".join(said) if said else "''"
        statement = sql.SQL(
            "SELECT t.{line}, t.{document}, t.versao_gravada, {state}{measures} FROM ({rows}) t WHERE {span}"
        ).format(
            line=sql.Identifier(self.entity.line_id),
            document=sql.Identifier(self.entity.document),
            state=sql.SQL(state),
            measures=sql.SQL("").join(sql.SQL(", t.{}").format(sql.Identifier(each.column)) for each in self.measures),
            rows=self._statement("rows"),
            span=sql.SQL("t.dia IS NULL" if month is None else "t.dia >= %(primeiro)s AND t.dia < %(seguinte)s"),
        )
        span = {} if month is None else {"primeiro": month.first, "seguinte": month.next.first}
        columns = ["linha", "documento", "versao", "situacao", *(each.told for each in self.measures)]
        return pd.DataFrame(self._fetch(statement, **span), columns=columns)

    def parties(self, columns: Sequence[str]) -> dict[tuple[Any, ...], set[int]]:
        """By what our rows say of the partner, the documents."""
        statement = sql.SQL("SELECT DISTINCT {columns}, t.{document} FROM ({rows}) t").format(
            columns=listed(columns, "t"), document=sql.Identifier(self.entity.document), rows=self._statement("rows")
        )
        found: dict[tuple[Any, ...], set[int]] = {}
        for *key, document in self._fetch(statement):
            found.setdefault(tuple(key), set()).add(document)
        return found

    def apart(self) -> Apart:
        """The lines of the source that need not be rows here, besides those that a rule leaves out."""
        lines, documents = self._kept_aside()
        hidden = [document for (document,) in self._fetch(CONCILIACAO["hidden_documents"])]
        return Apart(lines, documents, hidden, self._dormant(), sorted(self.without))

    def _kept_aside(self) -> tuple[list[int], list[int]]:
        """What is in quarantine: lines, and documents as a whole."""
        found = self._fetch(CONCILIACAO["quarantine"])
        if self.entity.lines is None:
            return sorted({record for record, _ in found}), []
        whole = {document for record, document in found if record == document}
        return sorted({record for record, document in found if record != document}), sorted(whole)

    def _dormant(self) -> list[int]:
        """The lines whose row does not count although it stands for a line of the source."""
        return [line for (line,) in self._fetch(self._statement("dormant"))] if self.totals.dormant else []

    def versions(self, documents: Collection[int]) -> dict[int, datetime | None]:
        """The version in which documents are stored; those that are not are left out."""
        return dict(self._fetch(CONCILIACAO["versions"], documentos=sorted(documents)))

    def checkpoint(self) -> datetime | None:
        """Up to which instant of the source everything should be stored."""
        found = self._fetch(CONCILIACAO["checkpoint"])
        return found[0][0] if found else None

    def badly_grouped(self) -> list[int]:
        """Documents whose rows made of lines are not what their lines add up to."""
        made = made_of(self.entity)
        if made is None or not self.totals.summed:
            return []
        sums = [sql.SQL("coalesce(sum(t.{0}), 0) AS {0}").format(sql.Identifier(each)) for each in self.totals.summed]
        theirs = [sql.SQL("coalesce(r.{}, 0)").format(sql.Identifier(each)) for each in self.totals.summed]
        statement = sql.SQL(CONCILIACAO["grouped"]).format(
            table=table_of(self.entity.target),
            document=sql.Identifier(self.entity.document),
            alive=alive(self.entity),
            rows=table_of(made.target),
            sums=sql.SQL(", ").join(sums),
            ours=listed(self.totals.summed, "l"),
            theirs=sql.SQL(", ").join(theirs),
            standing=standing([made.retired], "r"),
        )
        return [document for (document,) in self._fetch(statement) if document is not None]

    def _statement(self, name: str) -> sql.Composed:
        return sql.SQL(CONCILIACAO[name]).format(
            table=table_of(self.entity.target),
            document=sql.Identifier(self.entity.document),
            line=sql.Identifier(self.entity.line_id),
            day=sql.SQL(self.totals.column),
            alive=alive(self.entity),
        )

    def _fetch(self, statement: str | sql.Composable, **parameters: Any) -> list[tuple[Any, ...]]:
        with transaction(self.engine) as connection:
            fora = sorted(self.without)
            return fetch(connection, statement, entidade=self.entity.name, fora=fora, **parameters)


def made_of(entity: Entity) -> Grouped | None:
    """The rows that are made of an entity's lines; None: the lines themselves are what people read."""
    own = (each for each in entity.after if isinstance(each, Grouped) and each.lines == entity.target.table)
    return next(own, None)


def alive(entity: Entity) -> sql.Composed:
    """The condition that a row `t` is not one that the sync has retired."""
    return standing([marks for marks in (entity.retired, entity.excluded) if marks], "t")


def standing(marks: Iterable[Mapping[str, Any]], row: str) -> sql.Composed:
    """The condition that not all columns of one of the `marks` have its values."""
    retired = [
        sql.SQL(" AND ").join(
            sql.SQL("{} IS NOT DISTINCT FROM {}").format(sql.Identifier(row, name), sql.Literal(value))
            for name, value in mark.items()
        )
        for mark in marks
    ]
    return sql.SQL(" AND ").join(sql.SQL("NOT ({})").format(each) for each in retired)


def rows_of(connection: Connection, entity: Entity, documents: Collection[int]) -> pd.DataFrame:
    """The rows of documents as they are: their lines and what is made of them, with all columns that the sync writes.

    `tabela` and `registro` say which row it is, `documento` whose.
    """
    made = made_of(entity)
    tables = [(entity.target, entity.document, entity.line_id)]
    tables += [(made.target, made.document, "id")] if made else []
    frames = []
    for target, document, key in tables:
        columns = [each for each in target.columns if each != key]
        statement = sql.SQL("SELECT {key}, {document}, {columns} FROM {table} WHERE {document} = ANY(%(ids)s)").format(
            key=sql.Identifier(key),
            document=sql.Identifier(document),
            columns=listed(columns),
            table=table_of(target),
        )
        found = fetch(connection, statement, ids=sorted(documents))
        frame = pd.DataFrame(found, columns=["registro", "documento", *columns], dtype=object)
        frame = frame.loc[:, ~frame.columns.duplicated()].drop(
            columns=[target.version or "odoo_write_date"], errors="ignore"
        )
        frame.insert(0, "tabela", target.table)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
