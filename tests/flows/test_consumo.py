"""The page for those who read the tables: each example runs as the user that the page makes, and tells what is so."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from blocks.banco import open_engine
from blocks.zone import BUSINESS_ZONE
from demo.odoo import odoo_process
from demo.postgres import Postgres
from demo.tiny import tiny_process
from flows.operacao.timetable import with_interval, write_timetable
from flows.settings import Settings
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from tests.conftest import as_owner
from tests.flows.compras.compras_company import Compras
from tests.flows.operacao.conftest import log
from tests.flows.tiny_os.conftest import MINUTE, SimulatedAccount, connected
from tests.flows.vendas.sales_company import CAPS, OLIVES, Sales, selling

PAGE = (Path(__file__).parents[2] / "docs" / "consumo.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = {title: code for title, language, code in BLOCKS if language == "sql"}
READER = "leitura"
ROLE = EXAMPLES.pop("Um usuário que só lê")
FRESH = "Quão frescos são os dados"
OPEN, LATE = "Carteira aberta por cliente", "Pedidos de compra atrasados"
RECEIVED, FINISHED = "Recebimentos da semana", "Ordens de serviço finalizadas por dia"
CNPJ = "11.444.777/0001-61"
SUPPLIER = "Fornecedor Novo"
"""As `Compras.supplier` names it."""


@dataclass(frozen=True)
class Filled:
    """A database that both simulators filled, and the reader's connections.

    Attributes:
        now: the noon of the simulated Odoo at which all that happened there.
        numbers: of the documents that the fixture made, by what they are.
        finished: the service orders that were finished today, and the one that was finished the evening before.
    """

    owner: Engine
    reader: Engine
    sales: Sales
    now: datetime
    numbers: dict[str, str]
    finished: list[int]

    @property
    def today(self) -> date:
        return self.now.astimezone(BUSINESS_ZONE).date()

    def told(self, title: str, *, at: datetime | None = None) -> list[dict[str, Any]]:
        """What an example of the page gives the reader, read at an instant; by default now."""
        statement = EXAMPLES[title]
        if at is not None:
            assert "now()" in statement
            statement = statement.replace("now()", f"TIMESTAMPTZ '{at.isoformat()}'")
        with self.reader.connect() as connection:
            return [dict(row) for row in connection.exec_driver_sql(statement.replace("%", "%%")).mappings()]


def sold(sales: Sales) -> dict[str, str]:
    """A new customer: 6 of 10 caps of an order are open, one is late; others are cancelled, invoiced, a quotation."""
    customer = sales.call("res.partner", "create", {"name": "Cliente de Prova", "is_company": True, "vat": CNPJ})

    def order(amount: float, price: float, product: int = CAPS, **values: Any) -> int:
        line = {"product_id": product, "product_uom_qty": amount, "price_unit": price}
        return sales.order(line, partner_id=customer, **values)

    part = order(10, 12.5)
    line = {"product_id": CAPS, "quantity": 4, "product_uom_id": 1, "price_unit": 12.5, "discount": 0}
    sales.invoice(part, line, partner_id=customer)
    late = order(2, 50, commitment_date="2026-11-02 12:00:00")
    sales.call("sale.order", "action_cancel", [order(100, 1)])
    sales.invoice(order(3, 20), partner_id=customer)
    draft = sales.call("sale.order", "create", {"partner_id": customer, "order_line": [[0, 0, {"product_id": OLIVES}]]})
    return {"part": sales.number(part), "late order": sales.number(late), "quotation": sales.number(draft)}


def bought(buying: Compras, now: datetime) -> dict[str, str]:
    """A new supplier: orders that are late, late in part, here, still to come, and late without being confirmed."""
    supplier = buying.supplier()
    first, second, _ = buying.products()
    then = f"{now - timedelta(days=10):%Y-%m-%d} 15:00:00"
    soon = f"{now + timedelta(days=3):%Y-%m-%d} 15:00:00"

    def order(planned: str, *, confirm: bool = True) -> int:
        made = buying.order((first, 10), (second, 4), supplier=supplier, confirm=confirm)
        for line in buying.lines(made):
            buying.rpc.call("purchase.order.line", "write", [line], {"date_planned": planned})
        return made

    late, part, whole, future = order(then), order(then), order(then), order(soon)
    draft = order(then, confirm=False)
    buying.receive(part, 7, 4)
    given_back = buying.receive(whole)
    buying.give_back(given_back, {buying.moves(given_back)[1]: 1})
    made = {"late": late, "in part": part, "whole": whole, "future": future, "draft": draft}
    return {what: str(buying.one("purchase.order", order, "name")) for what, order in made.items()} | {
        "first": buying.one("product.product", first, "default_code"),
        "second": buying.one("product.product", second, "default_code"),
    }


def noon(sales: Sales) -> datetime:
    """Skip the source's clock to the next noon in São Paulo, so that what follows happens on one day."""
    now = datetime.fromisoformat(sales.odoo.control("clock", seconds=0)["now"]).replace(tzinfo=UTC)
    then = (now.astimezone(BUSINESS_ZONE) + timedelta(days=1)).replace(hour=12, minute=0)
    sales.skip(seconds=(then - now).total_seconds())
    return then


def repaired(tiny: SimulatedAccount) -> list[int]:
    """Three orders are seen to be finished, one of them twice and one late in the evening before."""
    tiny.run(synchronise, TINY_OS)
    chosen = [each["id"] for each in tiny.orders() if each["situacao"] in "01256"][:3]
    for status in ("3", "6", "3"):
        for order in chosen[:1] if status == "6" else chosen:
            tiny.tiny.control("change", id=order, situacao=status)
        tiny.run(synchronise, TINY_OS)
    return chosen


@pytest.fixture(scope="module")
def filled(_module_engine: Engine, postgres: Postgres) -> Iterator[Filled]:
    engine = _module_engine
    with (
        odoo_process() as odoo,
        tiny_process(minute=MINUTE, orders=120, months=24, quota=100_000, clock="2026-11-22T15:00:00") as tiny,
        as_owner(engine) as owner,
        selling(odoo, engine) as sales,
        connected(tiny, engine, MINUTE) as client,
    ):
        buying = Compras(sales.odoo, sales.rpc, sales.engine)
        buying.mark_purchased()
        now = noon(sales)
        numbers = sold(sales) | bought(buying, now)
        sales.sync()
        buying.sync()
        next(client.orders(page_size=1))
        account = SimulatedAccount(tiny, engine, client, values={"tiny_dias_recentes": 800, "tiny_revisitas": 0})
        finished = repaired(account)
        write_timetable(owner, with_interval(Settings())["deployments"])
        with owner.begin() as connection:
            connection.exec_driver_sql(ROLE.replace("troque-esta-senha", postgres.password))
        reader = open_engine(postgres.url(str(engine.url.database)).replace(f"//{postgres.user}:", f"//{READER}:", 1))
        yield Filled(owner, reader, sales, now, numbers, finished)
        reader.dispose()


def test_the_reader_sees_what_it_is_given_and_changes_nothing(filled: Filled) -> None:
    for statement in ("SELECT * FROM tiny.credenciais", "SELECT * FROM tiny.contatos", "DELETE FROM separacao"):
        with pytest.raises(Exception, match=r"permission denied|read-only"), filled.reader.begin() as connection:
            connection.exec_driver_sql(statement)


def test_no_code_of_the_page_is_left_out() -> None:
    assert PAGE.count("```") == 2 * len(BLOCKS)
    assert EXAMPLES.keys() == {FRESH, OPEN, LATE, RECEIVED, FINISHED}


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_runs_as_it_is_written(filled: Filled, title: str) -> None:
    filled.told(title)


def test_the_open_backlog_of_a_customer_is_what_is_confirmed_and_not_invoiced(filled: Filled) -> None:
    rows = filled.told(OPEN, at=filled.now)
    [ours] = [row for row in rows if row["cnpj_cpf"] == CNPJ]
    assert ours == {
        "cnpj_cpf": CNPJ,
        "cliente": "Cliente de Prova",
        "pedidos": 2,
        "itens": 2,
        "valor_aberto": Decimal("175.00"),  # 6 of 12.50 and 2 of 50.00
        "valor_atrasado": Decimal("100.00"),
        "primeira_entrega": date(2026, 11, 2),
    }
    assert [row["valor_aberto"] for row in rows] == sorted((row["valor_aberto"] for row in rows), reverse=True)


def test_the_open_backlog_is_the_lines_of_all_orders_less_those_of_all_invoices(filled: Filled) -> None:
    """Worked out from the lines as they are in Odoo, not from the balances."""
    ordered = filled.sales.fetch(
        "SELECT num_pedido, cod_produto, qtd_produto_pedido, valor_produto_pedido FROM carteira_linha "
        "WHERE ativo AND status_pedido = 'Pedido de venda'"
    )
    invoiced = filled.sales.fetch(
        "SELECT origem, cod_produto, qtd_produto_faturado FROM faturamento_linha "
        "WHERE ativo AND status_nf <> 'Cancelado'"
    )
    quantity: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    value: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for number, code, amount, worth in ordered:
        quantity[number, code] += amount
        value[number, code] += worth
    left = dict(quantity)
    for number, code, amount in invoiced:
        if (number, code) in left:
            left[number, code] -= amount
    still = {key: amount for key, amount in left.items() if amount > 0}
    rows = filled.told(OPEN)
    assert len(still) > 20
    assert sum(row["itens"] for row in rows) == len(still)
    assert sum(row["pedidos"] for row in rows) == len({number for number, _ in still})
    expected = sum(amount * value[key] / quantity[key] for key, amount in still.items())
    assert sum(row["valor_aberto"] for row in rows) == pytest.approx(expected, abs=Decimal("0.01") * len(rows))


def test_late_purchase_orders_are_those_that_are_confirmed_due_and_not_all_here(filled: Filled) -> None:
    numbers = filled.numbers
    rows = [row for row in filled.told(LATE, at=filled.now) if row["fornecedor"] == SUPPLIER]
    assert {(row["num_pedido"], row["cod_produto"], row["qtd_que_falta"]) for row in rows} == {
        (numbers["late"], numbers["first"], 10),
        (numbers["late"], numbers["second"], 4),
        (numbers["in part"], numbers["first"], 3),
        (numbers["whole"], numbers["second"], 1),  # one went back
    }
    assert {row["dias_de_atraso"] for row in rows} == {10}
    assert {row["dias_que_costuma_levar"] for row in rows if row["cod_produto"] == numbers["first"]} == {0}


def test_nothing_is_late_on_the_day_itself(filled: Filled) -> None:
    due = filled.now - timedelta(days=10)
    assert [row for row in filled.told(LATE, at=due) if row["fornecedor"] == SUPPLIER] == []
    assert [row for row in filled.told(LATE, at=due + timedelta(days=1)) if row["fornecedor"] == SUPPLIER]


def test_the_receipts_of_the_week_are_what_came_less_what_went_back(filled: Filled) -> None:
    rows = [row for row in filled.told(RECEIVED, at=filled.now) if row["fornecedor"] == SUPPLIER]
    assert {(row["cod_produto"], row["qtd_recebida"], row["recebimentos"], row["ultimo"]) for row in rows} == {
        (filled.numbers["first"], 17, 2, filled.today),
        (filled.numbers["second"], 7, 2, filled.today),
    }


def test_next_week_and_the_week_before_are_others(filled: Filled) -> None:
    for week in (-7, 7):
        rows = filled.told(RECEIVED, at=filled.now + timedelta(days=week))
        assert [row for row in rows if row["fornecedor"] == SUPPLIER] == []


def test_finished_service_orders_count_once_a_day_and_by_the_day_in_sao_paulo(filled: Filled) -> None:
    """Of the three the last one is moved to 23:30 of the day before in São Paulo, which is another day in UTC."""
    [(seen,)] = filled.sales.fetch("SELECT max(changed_at) FROM tiny.ordem_status_history")
    today = seen.astimezone(BUSINESS_ZONE).date()
    night = datetime(today.year, today.month, today.day, tzinfo=BUSINESS_ZONE)
    for moment, orders in (
        (night + timedelta(hours=12), filled.finished),
        (night - timedelta(minutes=30), filled.finished[2:]),
    ):
        filled.sales.do(
            "UPDATE tiny.ordem_status_history SET changed_at = :moment WHERE id_os = ANY(:orders) AND status_novo = 3",
            moment=moment,
            orders=orders,
        )
    rows = filled.told(FINISHED, at=night + timedelta(hours=23))
    assert rows == [
        {"dia": today - timedelta(days=1), "finalizadas": 1},
        {"dia": today, "finalizadas": 2},
    ]
    assert filled.sales.fetch("SELECT count(*) > 50 FROM tiny.conclusoes WHERE fonte = 'primeira_leitura'") == [(True,)]


def test_freshness_is_told_of_every_table_the_oldest_first(filled: Filled) -> None:
    log(filled.owner, "carteira", "sucesso", ago=timedelta(minutes=5), pedido="desde o último checkpoint")
    log(filled.owner, "pedidos", "sucesso", ago=timedelta(hours=20), pedido="desde o último checkpoint")
    rows = filled.told(FRESH)
    told = {row["tabela"]: row for row in rows if row["idade_segundos"] is not None}
    assert told.keys() == {
        *("carteira_principal", "carteira_linha", "historico_pedidos"),
        *("pedido_compras", "historico_pedido_compras"),
    }
    assert (told["carteira_principal"]["atrasada"], told["pedido_compras"]["atrasada"]) == (False, True)
    ages = [row["idade_segundos"] for row in rows if row["idade_segundos"] is not None]
    assert ages == sorted(ages, reverse=True)


def test_the_pandas_example_adds_up_to_what_the_database_says(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    [code] = [code for title, language, code in BLOCKS if (title, language) == ("pandas", "python")]
    monkeypatch.setenv("LEITURA_URL", filled.reader.url.render_as_string(hide_password=False))
    found: dict[str, Any] = {}
    exec(compile(code, "docs/consumo.md", "exec"), found)
    found["engine"].dispose()
    with filled.owner.connect() as connection:
        asked = "SELECT sum(valor_produto_faturado) FROM faturamento_produtos WHERE status_nf = 'Lançado'"
        total = float(connection.execute(text(asked)).scalar_one())
    assert total > 0
    assert found["por_mes"].sum() == pytest.approx(total)
    assert found["maiores"].is_monotonic_decreasing
    assert found["por_mes"].index.freqstr == "M"
