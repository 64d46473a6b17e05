"""Realised demand: what customers and their groups ordered of what was forecast, from what carteira stores."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from flows.manufatura.demanda import TOO_LARGE
from tests.flows.manufatura.manufatura_samples import Factory, counted
from tests.flows.vendas.vendas_samples import Vendas, cancelled, order, order_line, partner, rewritten

SOL, SOL_BRANCH = "12.345.678/0001-95", "12345678000276"
LUA = "12ABC34501DE35"
CPF = "123.456.789-09"
"""Begins like the CNPJ of Sol."""


@pytest.fixture
def vendas(banco: Engine) -> Vendas:
    return Vendas(banco)


class Market(Factory):
    """Forecasts, groups and the orders of customers."""

    def forecast(self, group: str = "GERAL", code: str = "PA-1", month: int = 11, year: int = 2026) -> None:
        self.insert(
            "previsao_demanda",
            data_mes=month,
            data_ano=year,
            nome_grupo=group,
            cod_produto=code,
            qtd_demanda_prevista=100,
        )

    def group(self, name: str, prefix: str, active: bool = True) -> None:
        self.insert("grupo_empresarial", nome_grupo=name, prefixo_cnpj=prefix, ativo=active)

    def ordered(
        self, quantity: float, customer: str | None = SOL, day: str = "2026-11-10", code: str = "PA-1", **columns: Any
    ) -> None:
        number = self.fetch("SELECT count(*) + 1 FROM historico_pedidos")[0][0]
        self.insert(
            "historico_pedidos",
            num_pedido=f"VSC{number}",
            odoo_order_id=number,
            cod_produto=code,
            data_pedido=day,
            cnpj_cliente=customer,
            qtd_produto_pedido=quantity,
            **columns,
        )

    def realised(self, month: int = 11, year: int = 2026) -> dict[str, float]:
        """Realised demand by group, of PA-1 unless the group names a product."""
        rows = self.fetch(
            "SELECT nome_grupo, qtd_demanda_realizada::float FROM previsao_demanda "
            "WHERE data_mes = :month AND data_ano = :year ORDER BY 1",
            month=month,
            year=year,
        )
        return dict(rows)


@pytest.fixture
def market(factory: Factory) -> Market:
    market = Market(factory.engine)
    market.group("ATACADO SOL", "12345678")
    market.group("LUA", "12ABC345")
    return market


@pytest.mark.parametrize(
    ("customer", "group"),
    [
        (SOL, "ATACADO SOL"),
        (SOL_BRANCH, "ATACADO SOL"),
        ("12345678/0002-76", "ATACADO SOL"),
        (LUA, "LUA"),
        ("12.abc.345/01de-35", "LUA"),
        ("99.345.678/0001-95", "RESTANTE"),
        (CPF, "RESTANTE"),
        ("12345678", "RESTANTE"),
        ("", "RESTANTE"),
        (None, "RESTANTE"),
    ],
)
def test_a_customer_s_group_is_known_by_the_root_of_the_cnpj_however_it_is_written(
    market: Market, customer: str | None, group: str
) -> None:
    for each in ("ATACADO SOL", "LUA", "RESTANTE", "GERAL"):
        market.forecast(each)
    market.ordered(5, customer)
    market.measure(2026, 11)
    expected = {"ATACADO SOL": 0, "LUA": 0, "RESTANTE": 0, "GERAL": 5}
    assert market.realised() == expected | {group: 5}


def test_geral_is_everyone_and_the_groups_share_it_out(market: Market) -> None:
    for group in ("GERAL", "ATACADO SOL", "LUA", "RESTANTE"):
        market.forecast(group)
    for quantity, customer in (1, SOL), (2, SOL_BRANCH), (4, LUA), (8, CPF), (16, None):
        market.ordered(quantity, customer)
    market.measure(2026, 11)
    assert market.realised() == {"GERAL": 31, "ATACADO SOL": 3, "LUA": 4, "RESTANTE": 24}


def test_a_demand_that_does_not_fit_is_told_and_the_others_are_measured(market: Market) -> None:
    market.forecast()
    market.forecast(code="PA-2")
    market.ordered(5, code="PA-2")
    market.measure(2026, 11)
    for _ in range(2):
        market.ordered(999_999_999_999)
    market.ordered(2, code="PA-2")
    counts = market.measure(2026, 11)
    assert counts.avisos == {TOO_LARGE: 1}
    shown = "SELECT cod_produto, qtd_demanda_realizada::float FROM previsao_demanda ORDER BY 1"
    assert market.fetch(shown) == [("PA-1", 0), ("PA-2", 7)]


def test_only_the_product_of_the_forecast_counts(market: Market) -> None:
    market.forecast()
    market.ordered(5)
    market.ordered(7, code="PA-2")
    market.measure(2026, 11)
    assert market.realised() == {"GERAL": 5}


def test_a_forecast_that_nobody_ordered_is_zero(market: Market) -> None:
    market.forecast()
    market.forecast("GRUPO QUE NÃO EXISTE")
    market.do("UPDATE previsao_demanda SET qtd_demanda_realizada = 3 WHERE nome_grupo = 'GERAL'")
    market.measure(2026, 11)
    assert market.realised() == {"GERAL": 0, "GRUPO QUE NÃO EXISTE": 0}


@pytest.mark.parametrize(
    ("month", "days", "outside"),
    [
        (11, ("2026-11-01", "2026-11-30"), ("2026-10-31", "2026-12-01", "2025-11-10")),
        (12, ("2026-12-01", "2026-12-31"), ("2026-11-30", "2027-01-01")),
        (2, ("2026-02-01", "2026-02-28"), ("2026-01-31", "2026-03-01")),
    ],
)
def test_a_month_is_from_its_first_day_to_its_last(
    market: Market, month: int, days: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    market.forecast(month=month)
    for day in (*days, *outside):
        market.ordered(1, day=day)
    market.measure(2026, month)
    assert market.realised(month) == {"GERAL": 2}


def test_an_order_that_came_late_still_counts_in_its_month(market: Market) -> None:
    market.forecast(month=12)
    market.forecast(month=1, year=2027)
    market.ordered(1, day="2026-12-30")
    for _ in range(2):
        for year, month in (2026, 12), (2027, 1):
            market.measure(year, month)
        market.ordered(10, day="2026-12-31")  # stored after the turn of the year
    assert (market.realised(12), market.realised(1, 2027)) == ({"GERAL": 11}, {"GERAL": 0})


def test_a_month_leaves_the_others_alone(market: Market) -> None:
    market.forecast(month=10)
    market.ordered(5, day="2026-10-10")
    before = market.everything()
    assert market.measure(2026, 11).lidos == 0
    assert market.everything() == before


def test_a_group_that_people_make_change_or_end_reaches_the_orders_of_the_month(market: Market) -> None:
    market.forecast("LUA")
    market.forecast("ATACADO SOL")
    market.ordered(5, SOL)
    market.measure(2026, 11)
    market.do("UPDATE grupo_empresarial SET nome_grupo = 'LUA' WHERE prefixo_cnpj = '12345678'")
    counts = market.measure(2026, 11)
    assert (sum(counts.efeitos.values()), counts.atualizados) == (1, 2)
    assert market.realised() == {"ATACADO SOL": 0, "LUA": 5}
    market.do("UPDATE grupo_empresarial SET ativo = false")
    market.measure(2026, 11)
    assert market.realised() == {"ATACADO SOL": 0, "LUA": 0}


def test_a_run_without_changes_writes_nothing(market: Market) -> None:
    for group in ("GERAL", "ATACADO SOL", "RESTANTE"):
        market.forecast(group)
    for customer in (SOL, CPF):
        market.ordered(2.5, customer)
    counts = market.measure(2026, 11)
    assert (counts.lidos, counts.atualizados, counts.inalterados) == (3, 3, 0)
    before = market.everything()
    again = market.measure(2026, 11)
    assert (again.lidos, again.atualizados, again.inalterados) == (3, 0, 3)
    assert list(again.efeitos.values()) == [0]
    assert market.everything() == before


def test_a_month_takes_the_same_statements_however_many_forecasts_it_has(market: Market) -> None:
    with counted(market.engine) as (few, sent):
        market.forecast()
        few.measure(2026, 11)
        statements = list(sent)
    market.do(
        "INSERT INTO previsao_demanda (data_mes, data_ano, nome_grupo, cod_produto, qtd_demanda_prevista) "
        "SELECT 11, 2026, g, 'P' || n, 1 FROM generate_series(1, 1000) n, unnest(ARRAY['GERAL', 'LUA', 'RESTANTE']) g"
    )
    market.do(
        "INSERT INTO historico_pedidos (num_pedido, cod_produto, odoo_order_id, data_pedido, cnpj_cliente, "
        "qtd_produto_pedido) SELECT 'V' || n, 'P' || n % 1000 + 1, n, '2026-11-15', :lua, 1 "
        "FROM generate_series(1, 5000) n",
        lua=LUA,
    )
    with counted(market.engine) as (many, sent):
        counts = many.measure(2026, 11)
    assert (counts.lidos, counts.atualizados) == (3001, 2000)
    assert sent == statements
    assert sum("UPDATE previsao_demanda" in statement for statement in sent) == 1


# --- what carteira leaves for it -----------------------------------------------------------------------------------


def history(vendas: Vendas) -> dict[tuple[str, str], float]:
    return vendas.by("SELECT num_pedido, cod_produto, qtd_produto_pedido::float FROM historico_pedidos", 2)


def test_confirmed_orders_are_the_history(vendas: Vendas) -> None:
    """Odoo before 17 calls those that are locked `done`."""
    vendas.orders(*(order(n, situacao=state) for n, state in enumerate(("sale", "done", "draft", "sent", "cancel"), 1)))
    assert history(vendas) == {("VSC1", "P1"): 10, ("VSC2", "P1"): 10}


def test_the_history_tells_who_ordered_what_when_and_for_how_much(vendas: Vendas) -> None:
    Market(vendas.engine).group("ATACADO SOL", "12345678")
    vendas.orders(order(1, order_line("P1", 4, preco=12.5, subtotal=45), criacao="2026-11-01 01:30:00"))
    columns = """
        odoo_order_id, cnpj_cliente, nome_grupo, vendedor, equipe_vendas, nome_produto, preco_produto_pedido::float,
        valor_produto_pedido::float, data_pedido
    """
    [row] = vendas.fetch(f"SELECT {columns} FROM historico_pedidos")
    assert row == (1, SOL, "ATACADO SOL", "Ana", "Interior", "Produto P1", 12.5, 45, date(2026, 10, 31))


@pytest.mark.parametrize("state", ["cancel", "draft", "sent"])
def test_an_order_that_is_cancelled_or_reopened_leaves_and_comes_back(vendas: Vendas, state: str) -> None:
    vendas.orders(order(1), order(2))
    vendas.orders(rewritten(order(1), "2026-11-20 12:00:00", situacao=state))
    assert history(vendas) == {("VSC2", "P1"): 10}
    vendas.orders(rewritten(order(1), "2026-11-20 13:00:00"))
    assert history(vendas) == {("VSC1", "P1"): 10, ("VSC2", "P1"): 10}


def test_an_order_that_is_deleted_leaves(vendas: Vendas) -> None:
    vendas.orders(order(1), order(2))
    vendas.delete_orders(1)
    assert history(vendas) == {("VSC2", "P1"): 10}


def test_a_line_that_is_deleted_leaves(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1"), order_line("P2")))
    vendas.orders(rewritten(order(1, order_line("P1")), "2026-11-20 12:00:00"))
    assert history(vendas) == {("VSC1", "P1"): 10}


def test_a_changed_quantity_and_a_product_twice_in_an_order_follow(vendas: Vendas) -> None:
    vendas.orders(order(1, order_line("P1", 10), order_line("P1", 2.5), order_line("P2", 1)))
    assert history(vendas) == {("VSC1", "P1"): 12.5, ("VSC1", "P2"): 1}
    vendas.orders(
        rewritten(order(1, order_line("P1", 7), order_line("P1", 2.5), order_line("P2", 1)), "2026-11-20 12:00:00")
    )
    assert history(vendas) == {("VSC1", "P1"): 9.5, ("VSC1", "P2"): 1}


def test_the_same_orders_again_write_nothing(vendas: Vendas) -> None:
    orders = order(1), order(2, order_line("P1"), order_line("P2")), cancelled(order(3))
    vendas.orders(*orders)
    before = vendas.everything()["historico_pedidos"]
    vendas.orders(*orders)
    vendas.orders(*(rewritten(each, "2026-11-21 12:00:00") for each in orders))  # saved again without a change
    assert vendas.everything()["historico_pedidos"] == before
    assert len(before) == 3


def test_from_an_order_in_odoo_to_the_realised_demand_of_its_customer_s_group(vendas: Vendas, market: Market) -> None:
    for group in ("GERAL", "ATACADO SOL", "RESTANTE"):
        market.forecast(group, "P1")
    person = partner(id=51, cnpj=None, cpf=CPF)
    vendas.orders(order(1), order(2, order_line("P1", 4), cliente=person), order(3, order_line("P2")))
    market.measure(2026, 11)
    assert market.realised() == {"GERAL": 14, "ATACADO SOL": 10, "RESTANTE": 4}
    vendas.orders(cancelled(order(1), "2026-11-20 12:00:00"))
    market.measure(2026, 11)
    assert market.realised() == {"GERAL": 4, "ATACADO SOL": 0, "RESTANTE": 4}
