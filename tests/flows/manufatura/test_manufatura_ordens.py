"""Orders made to order: for which lots, how often, with what in them; any number of runs, also two at once."""

import threading
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from blocks.banco import BancoRejected
from blocks.banco.database import connect_args
from flows.manufatura.business_calendar import BusinessCalendar
from flows.manufatura.ordens_mto import DIVERGENT, LINKED, UNNEEDED, WITH_PROBLEMS
from tests.flows.manufatura.manufatura_samples import SHIPMENT, Factory, columns_of, counted

LINKS = """
    SELECT s.separacao_lote_id, s.cod_produto, o.numero_ordem
    FROM separacao s LEFT JOIN ordem_producao o ON o.id = s.ordem_producao_id
"""
WANTED = "separacao_lote_id, cod_produto, qtd_planejada::float"


@pytest.fixture
def mto(factory: Factory) -> Factory:
    """Two products made to order, of bought and made components."""
    for code in ("PA-1", "PA-2"):
        factory.product(code)
    for code, bought in ("MP-1", True), ("MP-2", True), ("SA-1", False):
        factory.component(code, bought=bought)
    factory.bom("PA-1", SA_1=2, MP_1=0.5)
    factory.bom("SA-1", MP_1=0.25, MP_2=1)
    factory.bom("PA-2", MP_2=3)
    return factory


def wanted(mto: Factory) -> list[tuple[str, str, float]]:
    """Lot, product and quantity of the orders after a run."""
    mto.plan()
    return list(mto.orders(WANTED).values())


# --- candidates ----------------------------------------------------------------------------------------------------


def test_an_order_is_made_for_a_lot_s_product(mto: Factory) -> None:
    mto.lot("L1", "PA-1", 10)
    counts = mto.plan()
    assert (counts.documentos, counts.lidos, counts.novos) == (1, 1, 1)
    columns = """
        origem_ordem, status, separacao_lote_id, cod_produto, nome_produto, qtd_planejada, qtd_pedido_atual,
        data_inicio_prevista, data_fim_prevista, data_necessidade, num_pedido_origem, raz_social_red, criado_por,
        qtd_produzida, problemas
    """
    dates = (date(2026, 12, 16), date(2026, 12, 17), SHIPMENT)
    order = ("MTO", "Planejada", "L1", "PA-1", "Produto PA-1", 10, 10, *dates, "VSC1", "Mercado Sol", "Sistema MTO")
    assert mto.orders(columns) == {"OP-000001": (*order, 0, None)}


@pytest.mark.parametrize(
    "product",
    [
        {"disparo_producao": "MTS"},
        {"disparo_producao": None},
        {"produto_produzido": False},
    ],
    ids=str,
)
def test_what_is_made_to_stock_or_not_made_at_all_gets_no_order(factory: Factory, product: dict[str, Any]) -> None:
    factory.product("PA-1", **product)
    factory.lot()
    factory.preselection("L2")
    assert factory.plan().lidos == 0


def test_a_product_that_nobody_registered_gets_no_order(mto: Factory) -> None:
    mto.lot("L1", "PA-9")
    assert mto.plan().lidos == 0


@pytest.mark.parametrize(
    "line",
    [
        {"status": "PREVISAO"},
        {"status": "FATURADO"},
        {"status": "CANCELADO"},
        {"sincronizado_nf": True},
        {"sincronizado_nf": True, "status": "NF no CD"},
        {"lot": None},
    ],
    ids=str,
)
def test_a_line_that_is_forecast_invoiced_cancelled_or_of_no_lot_gets_no_order(
    mto: Factory, line: dict[str, Any]
) -> None:
    mto.lot(**{"lot": "L1", "code": "PA-1"} | line)
    assert wanted(mto) == []


@pytest.mark.parametrize("status", ["ABERTO", "COTADO", "EMBARCADO", "NF no CD"])
@pytest.mark.parametrize("gone", ["FATURADO", "CANCELADO"])
def test_a_line_that_still_goes_out_gets_its_order_whatever_became_of_the_others(
    mto: Factory, status: str, gone: str
) -> None:
    """In the view pedido the whole lot has the status that comes first in the alphabet."""
    mto.lot("L1", "PA-1", 10, status=status)
    mto.lot("L1", "PA-1", 7, status=gone)
    mto.lot("L1", "PA-2", 5, status=gone)
    assert wanted(mto) == [("L1", "PA-1", 10)]


def test_lines_of_one_product_are_summed_and_the_first_shipment_counts(mto: Factory) -> None:
    mto.lot("L1", "PA-1", 10, expedicao="2026-12-21", num_pedido="VSC2")
    mto.lot("L1", "PA-1", 2.5, expedicao="2026-12-18", num_pedido="VSC1")
    mto.lot("L1", "PA-1", 1, expedicao=None, num_pedido="VSC3")
    mto.lot("L2", "PA-1", 4)
    assert wanted(mto) == [("L1", "PA-1", 13.5), ("L2", "PA-1", 4)]
    assert mto.orders("data_fim_prevista, num_pedido_origem")["OP-000001"] == (date(2026, 12, 17), "VSC1")


def test_a_quantity_is_never_multiplied_by_the_other_products_of_the_lot_nor_of_the_order(mto: Factory) -> None:
    for code in ("PA-1", "PA-2", "MP-1", "MP-2"):
        mto.lot("L1", code, 10)
        for order in ("VSC1", "VSC2"):
            sale(mto, code, num_pedido=order, separacao_lote_id="L1")
    assert wanted(mto) == [("L1", "PA-1", 10), ("L1", "PA-2", 10)]


def test_shipment_lines_win_over_a_preselection_of_the_lot(mto: Factory) -> None:
    mto.preselection("L1", "PA-1", 99)
    mto.preselection("L1", "PA-2", 99)
    mto.lot("L1", "PA-1", 10)
    for lot, line in ("L2", {"status": "PREVISAO"}), ("L3", {"status": "FATURADO"}), ("L4", {"code": "MP-1"}):
        mto.preselection(lot, "PA-1", 99, num_pedido=lot)
        mto.lot(lot, **line)
    assert wanted(mto) == [("L1", "PA-1", 10)]


def test_a_preselection_counts_where_its_lot_has_no_shipment_lines(mto: Factory) -> None:
    mto.preselection("L1", "PA-1", 10)
    mto.preselection("L1", "PA-1", 2, num_pedido="VSC2", data_expedicao_editada="2026-12-21")
    mto.preselection(None, "PA-1", 5, num_pedido="VSC3")
    assert wanted(mto) == [("L1", "PA-1", 12)]
    assert mto.orders("data_fim_prevista, num_pedido_origem")["OP-000001"] == (date(2026, 12, 17), "VSC1")


@pytest.mark.parametrize(
    ("line", "product", "reason"),
    [
        ({"expedicao": None}, {}, "lote sem data de expedição"),
        ({"quantity": 0}, {}, "lote sem quantidade válida"),
        ({"quantity": "999999999999"}, {}, "lote sem quantidade válida"),
        ({}, {"lead_time_mto": None}, "produto MTO sem lead_time_mto no cadastro"),
    ],
    ids=str,
)
def test_what_cannot_be_planned_is_told_and_does_not_stop_the_others(
    mto: Factory, line: dict[str, Any], product: dict[str, Any], reason: str
) -> None:
    mto.product("PA-3", **product)
    for _ in range(2):
        mto.lot(**{"lot": "L1", "code": "PA-3"} | line)
    mto.lot("L1", "PA-1")
    counts = mto.plan()
    assert (counts.novos, counts.ignorados, dict(counts.motivos)) == (1, 1, {reason: 1})


def test_the_company_s_calendar_decides_when_an_order_starts(mto: Factory) -> None:
    mto.lot()
    mto.plan(calendar=BusinessCalendar("SP", days_off=frozenset({date(2026, 12, 17)})))
    assert mto.orders("data_inicio_prevista") == {"OP-000001": date(2026, 12, 15)}


# --- once ----------------------------------------------------------------------------------------------------------


def test_any_number_of_runs_makes_each_order_once_and_an_unchanged_run_writes_nothing(mto: Factory) -> None:
    for lot in ("L1", "L2"):
        for code in ("PA-1", "PA-2"):
            mto.lot(lot, code)
    mto.preselection("L3", num_pedido="VSC9")
    assert mto.plan().novos == 5
    before = mto.everything()
    for _ in range(3):
        counts = mto.plan()
        assert (counts.novos, counts.atualizados, counts.inalterados) == (0, 0, 5)
        assert not any((*counts.efeitos.values(), *counts.avisos.values()))
    assert mto.everything() == before


def test_numbers_follow_each_other_in_the_order_of_the_dates(mto: Factory) -> None:
    mto.lot("L1", expedicao="2026-12-21")
    mto.lot("L2", expedicao="2026-12-18")
    mto.plan()
    mto.lot("L3", expedicao="2026-12-01")
    mto.plan()
    assert mto.orders("separacao_lote_id") == {"OP-000001": "L2", "OP-000002": "L1", "OP-000003": "L3"}


def test_higher_numbers_that_others_gave_are_stepped_over(mto: Factory) -> None:
    for number in ("OP-000041", "OP-2025-000099", "WH/MO/99999", "OP-77"):
        mto.order(number)
    mto.lot("L1")
    mto.plan()
    mto.order("OP-1000000")
    mto.lot("L2")
    mto.plan()
    assert mto.orders("separacao_lote_id", "origem_ordem = 'MTO'") == {"OP-000042": "L1", "OP-1000001": "L2"}


def test_the_number_of_an_order_that_a_person_deleted_is_not_given_again(mto: Factory) -> None:
    mto.lot("L1")
    mto.plan()
    mto.do("DELETE FROM ordem_producao")
    mto.plan()
    assert mto.orders("separacao_lote_id") == {"OP-000002": "L1"}


def test_a_dry_run_counts_the_same_and_leaves_nothing_not_even_a_gap_in_the_numbers(mto: Factory) -> None:
    mto.lot("L1")
    mto.lot("L2")
    before = mto.everything()
    dry = mto.planned(dry_run=True)
    assert mto.everything() == before
    assert mto.planned() == dry
    assert list(mto.orders("id")) == ["OP-000001", "OP-000002"]


def test_a_run_that_fails_leaves_nothing_not_even_a_gap_in_the_numbers(mto: Factory) -> None:
    mto.lot("L1")
    mto.lot("L2", quantity=13)
    before = mto.everything()
    mto.do("ALTER TABLE separacao ADD CONSTRAINT quebra CHECK (ordem_producao_id IS NULL OR qtd_saldo <> 13)")
    try:
        with pytest.raises(BancoRejected):
            mto.plan()
    finally:
        mto.do("ALTER TABLE separacao DROP CONSTRAINT quebra")
    assert mto.everything() == before
    mto.plan()
    assert list(mto.orders("id")) == ["OP-000001", "OP-000002"]


def at_once(mto: Factory, runs: int) -> list[int]:
    """New orders of so many runs that start together, each on connections of its own."""
    gate = threading.Barrier(runs)
    made: list[int] = []

    def run() -> None:
        engine = create_engine(mto.engine.url, connect_args=connect_args(60))
        try:
            with engine.connect():  # the first takes a moment
                gate.wait()
            made.append(Factory(engine).plan().novos)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=run) for _ in range(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(made)


def test_runs_at_the_same_time_make_each_order_once_with_numbers_that_follow_each_other(mto: Factory) -> None:
    for n in range(60):
        mto.lot(f"L{n}", "PA-1")
        mto.lot(f"L{n}", "PA-2")
    assert at_once(mto, 3) == [0, 0, 120]
    assert list(mto.orders("id")) == [f"OP-{n:06d}" for n in range(1, 121)]
    mto.lot("L60")
    assert at_once(mto, 2) == [0, 1]
    assert list(mto.orders("id"))[-1] == "OP-000121"


def test_only_the_lots_that_were_asked_for_are_planned(mto: Factory) -> None:
    mto.lot("L1")
    mto.lot("L2")
    mto.plan()
    mto.do("UPDATE separacao SET status = 'CANCELADO' WHERE separacao_lote_id = 'L1'")
    mto.do("UPDATE separacao SET qtd_saldo = 12")
    mto.lot("L3")
    counts = mto.plan("L3", "L9")
    assert (counts.lidos, counts.novos, counts.avisos[UNNEEDED]) == (1, 1, 0)
    assert mto.orders("qtd_planejada::float") == {"OP-000001": 10, "OP-000002": 10, "OP-000003": 10}


# --- later ---------------------------------------------------------------------------------------------------------


def test_a_planned_order_follows_its_lot(mto: Factory) -> None:
    mto.lot()
    mto.plan()
    mto.do("UPDATE separacao SET qtd_saldo = 20, expedicao = '2026-12-22'")
    assert mto.plan().atualizados == 1
    columns = """
        qtd_planejada::float, qtd_pedido_atual::float, data_inicio_prevista, data_fim_prevista, data_necessidade,
        materiais_necessarios #>> '{0,quantidade}'
    """
    dates = (date(2026, 12, 18), date(2026, 12, 21), date(2026, 12, 22))
    assert mto.orders(columns) == {"OP-000001": (20, 20, *dates, "40.0")}
    assert mto.plan().atualizados == 0


def test_a_planned_order_follows_its_bill_of_materials_and_what_is_wrong_with_it(mto: Factory) -> None:
    mto.lot()
    mto.plan()
    mto.do("UPDATE lista_materiais SET status = 'inativo' WHERE cod_produto_produzido = 'SA-1'")
    counts = mto.plan()
    assert (counts.atualizados, counts.efeitos[WITH_PROBLEMS]) == (1, 1)
    assert mto.orders("problemas") == {"OP-000001": ["Sem lista de materiais válida: SA-1"]}
    mto.do("UPDATE lista_materiais SET status = 'ativo'")
    assert mto.plan().atualizados == 1
    assert mto.orders("problemas") == {"OP-000001": None}


@pytest.mark.parametrize("status", ["Liberada", "Em Produção", "Concluída"])
def test_an_order_past_planning_is_left_alone_and_told(mto: Factory, status: str) -> None:
    mto.lot()
    mto.plan()
    mto.do("UPDATE ordem_producao SET status = :status", status=status)
    mto.do("UPDATE separacao SET qtd_saldo = 20, expedicao = '2026-12-22'")
    before = mto.everything()
    counts, tables = mto.planned()
    assert (counts.novos, counts.atualizados, counts.avisos[DIVERGENT]) == (0, 0, 1)
    assert mto.everything() == before
    [told] = columns_of(tables["ordens-mto-planejadas"][1], "observação")
    assert told.startswith(f"OP-000001 ({status}, lote L1): planejada 10.000, o lote pede 20.000")


def test_a_cancelled_order_is_made_anew(mto: Factory) -> None:
    mto.lot()
    mto.plan()
    mto.do("UPDATE ordem_producao SET status = 'Cancelada'")
    assert mto.plan().novos == 1
    assert mto.orders("status") == {"OP-000001": "Cancelada", "OP-000002": "Planejada"}
    assert mto.fetch(LINKS) == [("L1", "PA-1", "OP-000002")]
    assert mto.plan().novos == 0


@pytest.mark.parametrize(
    "what",
    [
        "DELETE FROM separacao WHERE separacao_lote_id = 'L1'",
        "UPDATE separacao SET status = 'CANCELADO', qtd_saldo = 0 WHERE separacao_lote_id = 'L1'",
        "UPDATE separacao SET status = 'FATURADO', sincronizado_nf = true WHERE separacao_lote_id = 'L1'",
        "UPDATE separacao SET separacao_lote_id = 'L2' WHERE separacao_lote_id = 'L1'",
    ],
)
def test_an_order_whose_lot_is_gone_is_told_and_left_for_a_person(mto: Factory, what: str) -> None:
    mto.lot("L1")
    mto.lot("L2")
    mto.plan()
    mto.do(what)
    counts, tables = mto.planned()
    assert counts.avisos[UNNEEDED] == 1
    assert mto.orders("status")["OP-000001"] == "Planejada"
    told = [line for line in tables["ordens-mto-planejadas"][1] if line["observação"].startswith("o lote não pede")]
    assert [(line["ordem"], line["lote"], line["produto"]) for line in told] == [("OP-000001", "L1", "PA-1")]


def test_orders_that_people_made_are_neither_changed_nor_taken_for_a_lot_s(mto: Factory) -> None:
    mto.order("OP-000001", status="Planejada", separacao_lote_id="L1", cod_produto="PA-1")
    mto.order("OP-000002", status="Planejada")
    before = mto.orders("xmin::text")
    mto.lot("L1")
    assert mto.plan().avisos[UNNEEDED] == 0
    assert mto.orders("xmin::text", "origem_ordem = 'Manual'") == before
    assert mto.orders("separacao_lote_id", "origem_ordem = 'MTO'") == {"OP-000003": "L1"}


def test_shipment_lines_are_linked_to_their_orders(mto: Factory) -> None:
    for code in ("PA-1", "PA-1", "PA-2", "MP-1"):
        mto.lot("L1", code)
    mto.lot("L1", "PA-1", status="PREVISAO")
    mto.lot("L2", "PA-2", expedicao=None)
    assert mto.plan().efeitos[LINKED] == 3
    mto.lot("L1", "PA-2")  # added later
    assert mto.plan().efeitos[LINKED] == 1
    assert sorted(mto.fetch(LINKS), key=repr) == sorted(
        [
            *[("L1", "PA-1", "OP-000001")] * 2,
            *[("L1", "PA-2", "OP-000002")] * 2,
            ("L1", "PA-1", None),
            ("L1", "MP-1", None),
            ("L2", "PA-2", None),
        ],
        key=repr,
    )


# --- materials -----------------------------------------------------------------------------------------------------


def materials(mto: Factory, *keys: str) -> list[tuple[Any, ...]]:
    mto.plan()
    [found] = mto.orders("materiais_necessarios").values()
    return [tuple(each[key] for key in keys) for each in found]


def test_the_materials_are_all_levels_of_the_bill_of_materials(mto: Factory) -> None:
    mto.lot("L1", "PA-1", 10)
    assert materials(mto, "cod_produto", "nome_produto", "quantidade", "nivel", "tipo") == [
        ("SA-1", "Produto SA-1", 20, 1, "produzido"),
        ("MP-1", "Produto MP-1", 5, 2, "comprado"),
        ("MP-2", "Produto MP-2", 20, 2, "comprado"),
        ("MP-1", "Produto MP-1", 5, 1, "comprado"),
    ]


def purchase(mto: Factory, code: str, unit: str | None) -> None:
    number = mto.fetch("SELECT count(*) + 1 FROM pedido_compras")[0][0]
    mto.insert(
        "pedido_compras",
        num_pedido=f"P{number}",
        cod_produto=code,
        odoo_id=number,
        odoo_purchase_order_id=number,
        company_id="1",
        qtd_produto_pedido=1,
        qtd_produto_pedido_estoque=1,
        status_odoo="purchase",
        unid_medida_estoque=unit,
        odoo_write_date="2026-11-20",
    )


def sale(mto: Factory, code: str, **columns: Any) -> None:
    number = mto.fetch("SELECT count(*) + 1 FROM carteira_principal")[0][0]
    given = {"num_pedido": f"V{number}", "odoo_order_id": number, "odoo_write_date": "2026-11-20"}
    given |= {"nome_produto": "x", "nome_cidade": "x", "cod_uf": "SP", "cnpj_cpf": "1"}
    given |= {"qtd_produto_pedido": 1, "preco_produto_pedido": 1}
    mto.insert("carteira_principal", cod_produto=code, **given | columns)


def test_a_material_s_unit_is_that_of_its_last_purchase_and_else_of_a_sale(mto: Factory) -> None:
    for unit in ("g", "kg", None):
        purchase(mto, "MP-1", unit)
    sale(mto, "MP-1", unid_medida_produto="caixa")
    sale(mto, "SA-1", unid_medida_produto="balde")
    mto.lot("L1", "PA-1")
    units = dict(materials(mto, "cod_produto", "unidade"))
    assert units == {"MP-1": "kg", "SA-1": "balde", "MP-2": None}


def test_a_cycle_and_a_missing_bill_of_materials_are_named_on_the_order(mto: Factory) -> None:
    mto.bom("MP-2", SA_1=1)
    mto.product("PA-3")
    mto.lot("L1", "PA-1")
    mto.lot("L1", "PA-3")
    counts, tables = mto.planned()
    assert (counts.novos, counts.efeitos[WITH_PROBLEMS]) == (2, 2)
    problems = [
        "Ciclo na lista de materiais: MP-2 → SA-1 → MP-2",
        "Sem lista de materiais válida: PA-3",
    ]
    assert mto.orders("problemas") == {f"OP-{n:06d}": [problem] for n, problem in enumerate(problems, 1)}
    assert columns_of(tables["ordens-mto-planejadas"][1], "observação") == problems
    assert mto.plan().atualizados == 0


def test_the_planned_orders_are_shown_by_their_start(mto: Factory) -> None:
    mto.lot("L1", "PA-1", expedicao="2026-12-21")
    mto.lot("L2", "PA-2", 2.5, expedicao="2026-12-18")
    mto.plan()
    mto.lot("L3", "PA-1", expedicao="2026-12-15")
    _, tables = mto.planned()
    _, lines = tables["ordens-mto-planejadas"]
    assert columns_of(lines, "ordem") == ["OP-000003", "OP-000001", "OP-000002"]
    assert lines[1] == {
        "ordem": "OP-000001",
        "lote": "L2",
        "produto": "PA-2",
        "quantidade": "2.500",
        "início": "16/12/2026",
        "fim": "17/12/2026",
        "observação": "",
    }


# --- shortages -----------------------------------------------------------------------------------------------------


def stock(mto: Factory, code: str, quantity: float, **columns: Any) -> None:
    mto.insert(
        "movimentacao_estoque",
        cod_produto=code,
        nome_produto=code,
        data_movimentacao="2026-11-01",
        tipo_movimentacao="ENTRADA_COMPRA",
        local_movimentacao="COMPRA",
        qtd_movimentacao=quantity,
        **columns,
    )


def shortages(mto: Factory) -> dict[str, tuple[str, str, str]]:
    _, lines = mto.planned()[1]["ordens-mto-faltas"]
    return {each["componente"]: (each["necessário"], each["estoque"], each["falta"]) for each in lines}


def test_bought_components_that_stock_does_not_cover_are_shown_the_worst_first(mto: Factory) -> None:
    mto.lot("L1", "PA-1", 10)  # 5 + 5 of MP-1, 20 of MP-2
    mto.lot("L1", "PA-2", 10)  # 30 of MP-2
    for code, quantity in ("MP-1", 12), ("MP-1", -3), ("MP-2", 5), ("SA-1", -1):
        stock(mto, code, quantity)
    stock(mto, "MP-2", 1000, ativo=False)
    mto.plan()
    found = shortages(mto)
    assert {code: tuple(map(float, each)) for code, each in found.items()} == {"MP-2": (50, 5, 45), "MP-1": (10, 9, 1)}
    assert list(found) == ["MP-2", "MP-1"]
    stock(mto, "MP-1", 1)
    assert list(shortages(mto)) == ["MP-2"]


def test_closed_orders_take_nothing_and_all_open_ones_do(mto: Factory) -> None:
    mto.lot("L1", "PA-2", 10)
    mto.plan()
    for status, short in ("Liberada", True), ("Em Produção", True), ("Concluída", False), ("Planejada", True):
        mto.do("UPDATE ordem_producao SET status = :status", status=status)
        assert ("MP-2" in shortages(mto)) is short


@pytest.mark.parametrize(
    "materials",
    ['{"MP-2": 5}', '"MP-2"', '["MP-2", 5, null]', '[{"tipo": "comprado", "cod_produto": "MP-2"}]',
     '[{"tipo": "comprado", "cod_produto": "MP-2", "quantidade": "muito"}]', "null", None],
)  # fmt: skip
def test_materials_that_others_wrote_in_another_shape_stop_nothing(mto: Factory, materials: str | None) -> None:
    mto.order("OP-000009", materiais_necessarios=materials)
    mto.order("OP-000010", materiais_necessarios='[{"tipo": "comprado", "cod_produto": "MP-1", "quantidade": 5}]')
    mto.lot("L1", "PA-2", 1)
    assert {code: float(each[0]) for code, each in shortages(mto).items()} == {"MP-2": 3, "MP-1": 5}


# --- whatever people do --------------------------------------------------------------------------------------------

LOTS, CODES = ("L1", "L2", "L3"), ("PA-1", "PA-2")
PLACES = st.tuples(st.sampled_from(LOTS), st.sampled_from(CODES))
QUANTITIES = st.decimals(0, 50, places=3)
STEPS = st.one_of(
    st.tuples(st.just("line"), PLACES, QUANTITIES),
    st.tuples(st.just("preselection"), PLACES, QUANTITIES),
    st.tuples(st.just("quantity"), PLACES, QUANTITIES),
    st.tuples(st.just("day"), PLACES, st.sampled_from([None, *(SHIPMENT + timedelta(days=n) for n in range(9))])),
    st.tuples(
        st.just("line status"), PLACES, st.sampled_from(["ABERTO", "COTADO", "PREVISAO", "FATURADO", "CANCELADO"])
    ),
    st.tuples(st.just("order status"), PLACES, st.sampled_from(["Planejada", "Liberada", "Concluída", "Cancelada"])),
    st.tuples(st.just("delete"), PLACES, st.none()),
    st.tuples(st.just("run"), PLACES, st.none()),
    st.tuples(st.just("dry run"), PLACES, st.none()),
)
OF_PLACE = "WHERE separacao_lote_id = :lot AND cod_produto = :code"
LIVE = "origem_ordem = 'MTO' AND status <> 'Cancelada'"


def step(mto: Factory, number: int, what: str, place: tuple[str, str], value: Any) -> None:
    lot, code = place
    at = {"lot": lot, "code": code, "value": value}
    match what:
        case "line":
            mto.lot(lot, code, value)
        case "preselection":
            mto.preselection(lot, code, value, num_pedido=f"VSC{number}")
        case "quantity":
            mto.do(f"UPDATE separacao SET qtd_saldo = :value {OF_PLACE}", **at)
        case "day":
            mto.do(f"UPDATE separacao SET expedicao = :value {OF_PLACE}", **at)
        case "line status":
            mto.do(f"UPDATE separacao SET status = :value {OF_PLACE}", **at)
        case "order status":
            # a cancelled order stays so; another may have taken its place
            mto.do(f"UPDATE ordem_producao SET status = :value {OF_PLACE} AND status <> 'Cancelada'", **at)
        case "delete":
            mto.do(f"DELETE FROM separacao {OF_PLACE}", lot=lot, code=code)
        case "run" | "dry run":
            mto.plan(dry_run=what == "dry run")


def asked(mto: Factory) -> dict[tuple[str, str], Decimal]:
    """What is to be made, counted in Python from the lots as they are."""
    lines = mto.fetch(
        "SELECT separacao_lote_id, cod_produto, qtd_saldo, expedicao FROM separacao "
        "WHERE status NOT IN ('PREVISAO', 'FATURADO', 'CANCELADO')"
    )
    shipped = {lot for (lot,) in mto.fetch("SELECT separacao_lote_id FROM separacao")}
    items = (
        "SELECT separacao_lote_id, cod_produto, qtd_selecionada_usuario, data_expedicao_editada FROM pre_separacao_item"
    )
    lines += [line for line in mto.fetch(items) if line[0] not in shipped]
    totals: dict[tuple[str, str], Decimal] = {}
    dated = {(lot, code) for lot, code, _, day in lines if day}
    for lot, code, quantity, _ in lines:
        totals[lot, code] = totals.get((lot, code), Decimal(0)) + quantity
    return {place: total for place, total in totals.items() if total > 0 and place in dated}


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_whatever_people_do_between_any_number_of_runs_the_orders_fit_the_lots(
    mto: Factory, steps: list[tuple[str, tuple[str, str], Any]]
) -> None:
    for table in ("separacao", "pre_separacao_item", "ordem_producao"):
        mto.do(f"DELETE FROM {table}")
    mto.do("ALTER SEQUENCE ordem_producao_numero RESTART")
    for number, (what, place, value) in enumerate(steps):
        step(mto, number, what, place, value)
    mto.plan()
    orders = mto.fetch(f"SELECT separacao_lote_id, cod_produto, status, qtd_planejada FROM ordem_producao WHERE {LIVE}")
    live = {(lot, code): (status, quantity) for lot, code, status, quantity in orders}
    assert len(live) == len(orders)  # one for each lot and product
    for place, quantity in asked(mto).items():
        status, planned = live[place]
        assert status != "Planejada" or planned == quantity
    numbers = list(mto.orders("id"))
    assert numbers == [f"OP-{n:06d}" for n in range(1, len(numbers) + 1)]
    before = mto.everything()
    mto.plan()
    assert mto.everything() == before


# --- at size -------------------------------------------------------------------------------------------------------


def wholesale(mto: Factory, first: int, lots: int) -> None:
    """Lots of three products each, out of 300."""
    mto.do(
        """
        INSERT INTO separacao (separacao_lote_id, num_pedido, cod_produto, qtd_saldo, expedicao, cod_uf)
        SELECT 'G' || l, 'VSC' || l, 'G0-' || (l * 7 + p * 101) % 300, 1 + l % 50, DATE '2026-12-01' + l % 60, 'SP'
        FROM generate_series(CAST(:first AS int), :last) l, generate_series(0, 2) p
        """,
        first=first,
        last=first + lots - 1,
    )


@pytest.mark.slow
def test_five_thousand_lots_take_the_statements_of_ten(factory: Factory) -> None:
    """Four levels of components: three of each product, two of each component, some thirty materials an order."""
    levels = (300, 150, 60, 40, 25)
    for level, products in enumerate(levels):
        factory.do(
            """
            INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto, produto_comprado,
                produto_produzido, disparo_producao, lead_time_mto)
            SELECT 'G' || :level || '-' || n, 'Produto ' || n, 1, 1, :level = 4, :level < 4,
                   CASE WHEN :level = 0 THEN 'MTO' END, n % 15
            FROM generate_series(0, :products - 1) n
            """.replace(":level", str(level)),
            products=products,
        )
        if level:
            factory.do(
                f"""
                INSERT INTO lista_materiais (cod_produto_produzido, cod_produto_componente, qtd_utilizada)
                SELECT 'G{level - 1}-' || n, 'G{level}-' || (n * 3 + c) % {products}, 0.5 + c
                FROM generate_series(0, {levels[level - 1] - 1}) n, generate_series(0, {2 if level == 1 else 1}) c
                """
            )
    wholesale(factory, 0, 10)
    with counted(factory.engine) as (few, sent):
        assert few.plan().novos == 30
        statements = len(sent)
    wholesale(factory, 10, 4990)
    for table in ("separacao", "cadastro_palletizacao", "lista_materiais"):
        factory.do(f"ANALYZE {table}")  # which autovacuum does where rows have been for a minute
    seconds = []
    for novos in 14_970, 0:
        with counted(factory.engine) as (many, sent):
            began = time.monotonic()
            counts = many.plan()
            seconds.append(f"{time.monotonic() - began:.2f} s")
        assert (counts.lidos, counts.novos, counts.atualizados) == (15_000, novos, 0)
        assert len(sent) == statements
    assert counts.efeitos[WITH_PROBLEMS] == 0
    print(f"15,000 orders made, unchanged: {', '.join(seconds)}; {statements} statements each")  # noqa: T201
    assert factory.fetch("SELECT count(*), count(DISTINCT numero_ordem) FROM ordem_producao") == [(15_000, 15_000)]
    [(deepest,)] = factory.fetch(
        "SELECT max((m ->> 'nivel')::int) FROM ordem_producao, jsonb_array_elements(materiais_necessarios) m"
    )
    assert deepest == 4
