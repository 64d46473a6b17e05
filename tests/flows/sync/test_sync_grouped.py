"""Rows that are made of lines: which row a line is part of, who owns a number, and what becomes of the others."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Engine, text

from blocks.banco import transaction
from flows.run.counts import Counts
from flows.settings import Settings
from flows.sync.followups import follow
from flows.vendas.carteira import CARTEIRA
from flows.vendas.statements import VENDAS
from flows.vendas.tabelas import backlog_of

PARAMETERS = Settings().parameters()
ROWS = backlog_of(VENDAS["lidos"])
REWRITTEN = "SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'carteira_linha'"


class Lines:
    """Lines of orders, and the rows that are made of them."""

    def __init__(self, engine: Engine, initial: Mapping[str, str]) -> None:
        """`initial` is what a new line brings, see `Target.initial`."""
        self.engine = engine
        self._initial = initial
        self.rewritten = 0
        self._waiting: list[tuple[int, str, dict[str, Any]]] = []

    def put(self, line: int, order: int, number: str, code: str = "P1", **columns: Any) -> None:
        """Have a line stored when its order's rows are made, as a confirmed order gives it if nothing else is said."""
        given = {
            "odoo_line_id": line,
            "odoo_order_id": order,
            "odoo_product_id": 1,
            "num_pedido": number,
            "cod_produto": code,
            "nome_produto": "Azeite",
            "qtd_produto_pedido": 1,
            "status_pedido": "Pedido de venda",
            "ativo": True,
        } | columns
        values = ", ".join([*(f":{name}" for name in given), *self._initial.values()])
        names = ", ".join([*given, *self._initial])
        changes = ", ".join(f"{name} = excluded.{name}" for name in given)
        statement = (
            f"INSERT INTO carteira_linha ({names}) VALUES ({values}) ON CONFLICT (odoo_line_id) DO UPDATE SET {changes}"
        )
        self._waiting.append((order, statement, given))

    def make(self, *orders: int) -> Counts:
        """Store the lines that were put of these orders, and make the rows; `rewritten` counts lines written again."""
        now = [(statement, given) for order, statement, given in self._waiting if order in orders]
        self._waiting = [each for each in self._waiting if each[0] not in orders]
        with transaction(self.engine) as connection:
            before = connection.execute(text(REWRITTEN)).scalar_one()  # counts what was not reported yet, too
            for statement, given in now:
                connection.execute(text(statement), given)
            counts = follow(connection, ROWS, **PARAMETERS, documentos=list(orders))
            self.rewritten = connection.execute(text(REWRITTEN)).scalar_one() - before
            return counts

    def written(self, *orders: int) -> int:
        """Make the rows; how many were written."""
        return self.make(*orders).efeitos["linhas da carteira"]

    def rows(self, columns: str = "id", where: str = "ativo") -> dict[tuple[str, str], Any]:
        """Rows by number and code: the value of one column, or a tuple of several."""
        found = self.fetch(f"SELECT num_pedido, cod_produto, {columns} FROM carteira_principal WHERE {where}")
        return {(num, cod): rest[0] if len(rest) == 1 else tuple(rest) for num, cod, *rest in found}

    def quarantine(self) -> dict[int, str]:
        """The status of what is in quarantine, by line."""
        return dict(self.fetch("SELECT registro_id, status FROM import_failures"))

    def fetch(self, query: str) -> list[Any]:
        with self.engine.begin() as connection:
            return [tuple(each) for each in connection.execute(text(query))]

    def do(self, statement: str, **parameters: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)


@pytest.fixture(params=[CARTEIRA.target.initial, {}], ids=["bringing an id", "bringing none"])
def lines(banco: Engine, request: pytest.FixtureRequest) -> Lines:
    return Lines(banco, request.param)


def test_lines_of_one_code_are_one_row_and_every_line_knows_its_row(lines: Lines) -> None:
    lines.put(11, 1, "A", qtd_produto_pedido=2, vendedor="Ana")
    lines.put(12, 1, "A", qtd_produto_pedido=3, vendedor="Bia")
    lines.put(13, 1, "A", "P2")
    assert lines.written(1) == 2
    assert lines.rows("qtd_produto_pedido::int, vendedor") == {("A", "P1"): (5, "Ana"), ("A", "P2"): (1, None)}
    rows = lines.rows()
    parts = dict(lines.fetch("SELECT odoo_line_id, linha_de FROM carteira_linha"))
    assert parts == {11: rows["A", "P1"], 12: rows["A", "P1"], 13: rows["A", "P2"]}


@pytest.mark.parametrize("lines", [CARTEIRA.target.initial], indirect=True)
def test_a_new_line_that_brings_its_rows_id_is_written_once(lines: Lines) -> None:
    for line, code in ((10, "P1"), (11, "P2"), (12, "P3")):
        lines.put(line, 1, "A", code)
    lines.make(1)
    assert lines.rewritten == 0
    lines.put(13, 1, "A", "P3")
    lines.put(14, 1, "A", "P4")
    lines.make(1)
    assert lines.rewritten == 1  # the one that is part of a row that was there


def test_nothing_is_written_where_nothing_changed(lines: Lines) -> None:
    for order, number in ((1, "A"), (2, "B"), (3, "A")):
        lines.put(order * 10, order, number)
    lines.make(1, 2, 3)
    tables = ("carteira_principal", "carteira_linha")
    before = [lines.fetch(f"SELECT xmin::text, t.* FROM {table} t ORDER BY 2") for table in tables]
    assert lines.written(1, 2, 3) == 0
    assert [lines.fetch(f"SELECT xmin::text, t.* FROM {table} t ORDER BY 2") for table in tables] == before


@pytest.mark.parametrize(("number", "code"), [("NOVO", "P1"), ("A", "P9"), ("NOVO", "P9")])
def test_a_row_with_what_people_typed_follows_its_lines_to_another_key(lines: Lines, number: str, code: str) -> None:
    lines.put(11, 1, "A")
    lines.make(1)
    lines.do("UPDATE carteira_principal SET protocolo = 'PR-1'")
    before = lines.rows()["A", "P1"]
    lines.put(11, 1, number, code)
    assert lines.written(1) == 1
    assert lines.rows("id, protocolo", "true") == {(number, code): (before, "PR-1")}


@pytest.mark.parametrize("batches", [[(1, 2)], [(1,), (2,)], [(2,), (1,)]], ids=str)
def test_two_documents_exchange_their_numbers_in_one_batch_and_across_batches(
    lines: Lines, batches: list[tuple[int, ...]]
) -> None:
    lines.put(11, 1, "A")
    lines.put(21, 2, "B")
    lines.make(1, 2)
    first, second = lines.rows()["A", "P1"], lines.rows()["B", "P1"]
    renumbered = {1: (11, 1, "B"), 2: (21, 2, "A")}
    for batch in batches:
        for order in batch:
            lines.put(*renumbered[order])
        lines.make(*batch)
    assert lines.rows(where="true") == {("B", "P1"): first, ("A", "P1"): second}
    assert set(lines.quarantine().values()) <= {"resolvido"}


@pytest.mark.parametrize(
    ("before", "after", "batches"),
    [
        ("ABC", "BCA", [(1, 2, 3)]),
        ("ABC", "BCA", [(1,), (2,), (3,)]),
        ("ABC", "BCA", [(3, 1), (2,)]),
        ("ABCDE", "BCDEA", [(1,), (2,), (3,), (4,), (5,)]),
        ("ABCDE", "BCDEA", [(3,), (1, 5), (2,), (4,)]),
    ],
    ids=str,
)
def test_a_cycle_of_numbers_is_resolved_in_one_batch_and_across_batches(
    lines: Lines, before: str, after: str, batches: list[tuple[int, ...]]
) -> None:
    for order, number in enumerate(before, start=1):
        lines.put(order * 10, order, number)
    lines.make(*range(1, len(before) + 1))
    held = {order: lines.rows()[number, "P1"] for order, number in enumerate(before, start=1)}
    for batch in batches:
        for order in batch:
            lines.put(order * 10, order, after[order - 1])
        lines.make(*batch)
    assert lines.rows(where="true") == {(after[order - 1], "P1"): row for order, row in held.items()}
    assert set(lines.quarantine().values()) <= {"resolvido"}


def test_rows_of_one_document_exchange_their_codes(lines: Lines) -> None:
    lines.put(11, 1, "A", "P1")
    lines.put(12, 1, "A", "P2")
    lines.make(1)
    first, second = lines.rows()["A", "P1"], lines.rows()["A", "P2"]
    lines.put(11, 1, "A", "P2")
    lines.put(12, 1, "A", "P1")
    lines.make(1)
    assert lines.rows(where="true") == {("A", "P2"): first, ("A", "P1"): second}


def test_of_lines_that_part_those_that_keep_the_key_keep_the_row(lines: Lines) -> None:
    for line in (11, 12, 13):
        lines.put(line, 1, "A")
    lines.make(1)
    row = lines.rows()["A", "P1"]
    lines.put(11, 1, "A", "P9")
    lines.make(1)
    rows = lines.rows("id, qtd_produto_pedido::int", "true")
    assert rows["A", "P1"] == (row, 2)
    assert rows["A", "P9"][1] == 1 and len(rows) == 2


def test_lines_that_come_together_are_one_row_and_the_other_row_is_retired(lines: Lines) -> None:
    lines.put(11, 1, "A", "P1")
    lines.put(12, 1, "A", "P2")
    lines.make(1)
    row = lines.rows()["A", "P1"]
    lines.put(12, 1, "A", "P1")
    lines.make(1)
    assert lines.rows("id, qtd_produto_pedido::int") == {("A", "P1"): (row, 2)}
    retired = lines.rows("qtd_saldo_produto_pedido::int, motivo_exclusao", "NOT ativo")
    assert retired == {("A", "P2"): (0, "Item ou pedido excluído no Odoo")}


def test_a_row_of_which_no_line_is_left_is_retired_once_and_comes_back_as_the_same_row(lines: Lines) -> None:
    lines.put(11, 1, "A")
    lines.make(1)
    row = lines.rows()["A", "P1"]
    lines.put(11, 1, "A", ativo=False)
    assert (lines.written(1), lines.rows(), lines.rows(where="NOT ativo")) == (1, {}, {("A", "P1"): row})
    assert lines.written(1) == 0
    lines.put(11, 1, "A", ativo=True)
    lines.make(1)
    assert lines.rows("id, motivo_exclusao", "true") == {("A", "P1"): (row, None)}


def test_a_retired_row_gives_way_to_another_document_of_its_number(lines: Lines) -> None:
    lines.put(11, 1, "A")
    lines.make(1)
    lines.put(11, 1, "A", ativo=False)
    lines.make(1)
    lines.put(21, 2, "A")
    assert lines.make(2).rejeitados == 0
    assert lines.rows("odoo_order_id", "true") == {("A", "P1"): 2}


def test_of_two_living_documents_of_one_number_the_one_that_holds_it_keeps_it_and_the_other_is_told(
    lines: Lines,
) -> None:
    lines.put(21, 2, "A")
    lines.make(2)
    lines.put(11, 1, "A")
    lines.put(12, 1, "A", "P2")
    assert lines.make(1).rejeitados == 2
    assert lines.rows("odoo_order_id", "true") == {("A", "P1"): 2}
    assert lines.quarantine() == {11: "pendente", 12: "pendente"}
    assert lines.fetch("SELECT linha_de FROM carteira_linha WHERE odoo_order_id = 1") == [(None,), (None,)]
    [(message, owner)] = lines.fetch(
        "SELECT erro, payload->>'dono_do_numero' FROM import_failures WHERE registro_id = 11"
    )
    assert "ODOO_EMPRESAS" in message and "id 2" in message and "número A" in message
    assert owner == "2"


def test_a_contested_number_is_given_to_the_one_who_waits_when_its_holder_moves_away(lines: Lines) -> None:
    lines.put(11, 1, "A")
    lines.make(1)
    lines.put(21, 2, "A")
    lines.make(2)
    assert lines.quarantine() == {21: "pendente"}
    lines.put(11, 1, "B")
    lines.make(1)
    assert lines.rows("odoo_order_id", "true") == {("B", "P1"): 1, ("A", "P1"): 2}
    assert lines.quarantine() == {21: "resolvido"}


def test_who_waits_for_a_number_is_not_told_again_when_its_holder_is_read(lines: Lines) -> None:
    lines.put(11, 1, "A")
    lines.make(1)
    lines.put(21, 2, "A")
    assert [lines.make(2).rejeitados, lines.make(1).rejeitados] == [1, 0]
    assert lines.fetch("SELECT tentativas FROM import_failures") == [(1,)]


def test_a_document_that_waits_for_a_number_keeps_the_rows_that_it_had(lines: Lines) -> None:
    lines.put(11, 1, "A")
    lines.put(21, 2, "B")
    lines.make(1, 2)
    before = lines.rows()
    lines.put(21, 2, "A")
    lines.make(2)
    assert lines.rows() == before


@pytest.mark.parametrize("first", [1, 2])
def test_a_cancelled_document_gives_its_number_to_a_living_one_whoever_came_first(lines: Lines, first: int) -> None:
    lines.put(11, 1, "A", status_pedido="Cancelado")
    lines.put(21, 2, "A")
    for order in (first, 3 - first):
        assert lines.make(order).rejeitados == 0
    assert lines.rows("odoo_order_id, ativo", "true") == {("A", "P1"): (2, True)}
    assert lines.quarantine() == {}


def test_other_failures_of_a_document_are_left_alone_when_it_gets_its_number(lines: Lines) -> None:
    lines.put(11, 1, "A")
    lines.do(
        "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status) "
        "VALUES ('carteira', 1, 11, 'outro', '{}', 'pendente')"
    )
    lines.make(1)
    assert lines.quarantine() == {11: "pendente"}
