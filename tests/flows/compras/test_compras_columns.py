"""How requests, orders, allocations and receipts become rows: plain dictionaries in, plain dictionaries out."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from blocks.odoo import Record
from blocks.odoo.model import field_of, resolve_field
from flows.cadastros import UNIT
from flows.compras import alocacoes, entradas, pedidos, requisicoes
from flows.compras.alocacoes import ALOCACOES
from flows.compras.entradas import ENTRADAS
from flows.compras.modelos import SUPPLIER
from flows.compras.pedidos import PEDIDOS, PURCHASE_TYPES
from flows.compras.requisicoes import REQUISICOES
from flows.settings import Settings
from flows.sync.context import Context
from flows.sync.mapping import Ignored, Waiting
from tests.flows.compras.compras_samples import (
    DOZENS,
    KILOS,
    TONS,
    UNITS,
    allocation,
    context,
    move,
    order,
    order_line,
    ordered_line,
    product,
    receipt,
    request,
    request_line,
    returned,
    supplier,
)


def request_header(document: Record) -> Record:
    return requisicoes.header(document, context())


def request_row(item: Record | None = None, **changes: Any) -> Record:
    return requisicoes.line(request(**changes), item or request_line(), context())


def order_header(document: Record, known: Context | None = None) -> Record:
    return pedidos.header(document, known or context())


def order_row(item: Record | None = None, **changes: Any) -> Record:
    return pedidos.line(order(**changes), item or order_line(), context())


def allocation_row(document: Record, known: Context | None = None) -> Record:
    return alocacoes.row(document, known or context())


def receipt_header(document: Record, known: Context | None = None) -> Record:
    return entradas.header(document, known or context())


def movement(item: Record | None = None, known: Context | None = None, **changes: Any) -> Record:
    return entradas.line(receipt(**changes), item or move(), known or context())


def test_the_mapping_gives_exactly_the_columns_that_the_targets_own() -> None:
    for entity, document in ((REQUISICOES, request()), (PEDIDOS, order()), (ENTRADAS, receipt())):
        assert entity.line is not None
        row = entity.header(document, context()) | entity.line(document, document["linhas"][0], context())
        assert row.keys() == set(entity.target.columns)
    assert allocation_row(allocation()).keys() == set(ALOCACOES.target.columns)


# --- requests --------------------------------------------------------------------------------------------------------


def test_every_column_of_a_request() -> None:
    assert request_header(request()) == {
        "num_requisicao": "REQ/FB/00007",
        "company_id": "NACOM GOYA - FB",
        "requisicao_odoo_id": 7,
        "odoo_modelo": "purchase.request",
        "data_requisicao_criacao": date(2026, 11, 18),
        "usuario_requisicao_criacao": "Ana",
        "data_requisicao_solicitada": date(2026, 11, 19),
        "observacoes_odoo": "Para a linha 2",
    }


def test_every_column_of_a_request_line() -> None:
    assert request_row(request_line(quantidade=0.1)) == {
        "odoo_id": 71,
        "cod_produto": "P1",
        "nome_produto": "Produto P1",
        "qtd_produto_requisicao": Decimal("0.1"),
        "unid_medida_requisicao": "Unidade",
        "data_necessidade": date(2026, 12, 1),
        "lead_time_requisicao": 12,
        "status": "Aprovada",
        "purchase_state": "purchase",
        "ativo": True,
        "motivo_exclusao": None,
        "odoo_write_date": datetime(2026, 11, 20, 11, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("model", "state", "status"),
    [
        ("purchase.request", "draft", "Rascunho"),
        ("purchase.request", "to_approve", "Aguardando Aprovação"),
        ("purchase.request", "approved", "Aprovada"),
        ("purchase.request", "in_progress", "Pendente"),
        ("purchase.request", "done", "Concluída"),
        ("purchase.requisition", "draft", "Rascunho"),
        ("purchase.requisition", "in_progress", "Pendente"),
        ("purchase.requisition", "ongoing", "Pendente"),
        ("purchase.requisition", "open", "Pendente"),
        ("purchase.requisition", "confirmed", "Pendente"),  # since Odoo 18
        ("purchase.requisition", "done", "Concluída"),
        ("purchase.requisition", None, "Pendente"),
    ],
)
def test_the_states_of_both_request_models(model: str, state: str | None, status: str) -> None:
    shown = request_row(situacao=state, modelo=model)
    assert (shown["status"], shown["ativo"], shown["motivo_exclusao"]) == (status, True, None)


@pytest.mark.parametrize(
    ("state", "cancelled", "status", "reason"),
    [
        ("rejected", True, "Rejeitada", "Rejeitada no Odoo"),
        ("rejected", False, "Rejeitada", "Rejeitada no Odoo"),
        ("approved", True, "Cancelada", "Cancelada no Odoo"),
        ("done", True, "Cancelada", "Cancelada no Odoo"),
        ("cancel", False, "Cancelada", "Cancelada no Odoo"),
    ],
)
def test_a_refused_line_is_told_from_a_cancelled_one(state: str, cancelled: bool, status: str, reason: str) -> None:
    shown = request_row(request_line(cancelada=cancelled), situacao=state)
    assert (shown["status"], shown["ativo"], shown["motivo_exclusao"]) == (status, False, reason)


@pytest.mark.parametrize(
    ("asked", "needed", "days"),
    [
        ("2026-11-19", "2026-11-19", 0),
        ("2026-11-19", "2026-11-10", -9),
        (None, "2026-12-01", None),
        ("2026-11-19", None, None),
    ],
)
def test_the_lead_time_of_a_request_is_in_calendar_days(
    asked: str | None, needed: str | None, days: int | None
) -> None:
    assert request_row(request_line(necessidade=needed), solicitada=asked)["lead_time_requisicao"] == days


@pytest.mark.parametrize(
    ("written", "shown"), [("<p>um</p><p>dois &amp; três</p>", "um\ndois & três"), ("<p><br></p>", None), (None, None)]
)
def test_observations_are_the_text_of_the_html(written: str | None, shown: str | None) -> None:
    assert request_header(request(observacao=written))["observacoes_odoo"] == shown


def test_the_version_of_a_row_is_the_latest_write_date_of_header_and_line() -> None:
    late = "2026-11-20 23:00:00"
    expected = datetime(2026, 11, 20, 23, tzinfo=UTC)
    for shown in (request_row(escrita=late), order_row(escrita=late), movement(escrita=late)):
        assert shown["odoo_write_date"] == expected
    for shown in (
        request_row(request_line(escrita=late)),
        order_row(order_line(escrita=late)),
        movement(move(escrita=late)),
    ):
        assert shown["odoo_write_date"] == expected


# --- what requests, orders and allocations share ---------------------------------------------------------------------


def mapped(item: Record | None) -> list[Any]:
    """The three entities that keep only stocked products, each with a line of this product."""
    wanted = {**allocation()["linha_requisicao"], "produto": item}
    return [
        lambda: request_row(request_line(produto=item)),
        lambda: order_row(order_line(produto=item)),
        lambda: allocation_row(allocation(linha_requisicao=wanted)),
    ]


def test_sections_and_notes_are_ignored() -> None:
    for row in mapped(None):
        with pytest.raises(Ignored, match="seção ou nota"):
            row()


@pytest.mark.parametrize(
    ("kind", "storable", "kept"),
    [
        ("product", None, True),
        ("consu", None, False),
        ("service", None, False),
        ("consu", True, True),  # Odoo 18 marks goods
        ("consu", False, False),
        ("service", False, False),
    ],
)
def test_only_products_that_are_kept_in_stock_are_rows(kind: str, storable: bool | None, kept: bool) -> None:
    for row in mapped(product(tipo=kind, estocavel=storable)):
        if kept:
            assert row()["cod_produto"] == "P1"
        else:
            with pytest.raises(Ignored, match="não é de estoque"):
                row()


@pytest.mark.parametrize("code", [None, "", "  "])
def test_a_product_without_code_is_refused_by_its_name(code: str | None) -> None:
    nameless = product(code, nome="Azeite")
    for row in (*mapped(nameless), lambda: movement(move(produto=nameless))):
        with pytest.raises(ValueError, match=r"Código do produto 'Azeite' \(id 7\)"):
            row()


def test_a_service_without_code_is_ignored_rather_than_refused() -> None:
    for row in mapped(product(None, tipo="service")):
        with pytest.raises(Ignored, match="não é de estoque"):
            row()


def test_descriptions_are_cut_to_their_columns_and_keys_never() -> None:
    long = "x" * 400
    item = product(long, nome=long)
    assert len(order_header(order(numero=long))["num_pedido"]) == 400
    assert len(request_header(request(numero=long))["num_requisicao"]) == 400
    cut = order_header(
        order(fornecedor=supplier(razao_social=long), empresa={"id": 1, "nome": long, "moeda": "BRL"}, comprador=long)
    )
    assert [len(cut[name]) for name in ("raz_social", "company_id", "usuario_pedido_criacao")] == [255, 100, 100]
    for row, size in (
        (request_row(request_line(produto=item)), 255),
        (order_row(order_line(produto=item)), 255),
        (movement(move(produto=item), context(comprados={long: True})), 200),
    ):
        assert (len(row["cod_produto"]), len(row["nome_produto"])) == (400, size)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-21 02:30:00", date(2026, 11, 20)),
        ("2026-11-21 02:59:59", date(2026, 11, 20)),
        ("2026-11-21 03:00:00", date(2026, 11, 21)),
    ],
)
def test_business_days_are_cut_in_sao_paulo(written: str, day: date) -> None:
    assert request_header(request(criacao=written))["data_requisicao_criacao"] == day
    assert order_header(order(pedido_em=written))["data_pedido_criacao"] == day
    assert order_row(order_line(previsao=written))["data_pedido_previsao"] == day
    assert receipt_header(receipt(concluido_em=written))["data_movimentacao"] == day


def test_a_bad_date_or_number_is_told_by_its_value() -> None:
    with pytest.raises(ValueError, match="0000-00-00"):
        order_header(order(pedido_em="0000-00-00 00:00:00"))
    with pytest.raises(ValueError, match="0000-00-00"):
        request_row(request_line(necessidade="0000-00-00"))
    with pytest.raises(ValueError, match="muito"):
        order_row(order_line(quantidade="muito"))
    with pytest.raises(ValueError, match="sem valor no produto 'Produto P1'"):
        order_row(order_line(quantidade=None))


# --- orders ----------------------------------------------------------------------------------------------------------


def test_every_column_of_an_order() -> None:
    assert order_header(order(acordo="BO00003")) == {
        "num_pedido": "C2500008",
        "company_id": "NACOM GOYA - FB",
        "odoo_purchase_order_id": 8,
        "num_requisicao": "BO00003",
        "cnpj_fornecedor": "11.222.333/0001-81",
        "cnpj_valido": True,
        "raz_social": "OLIVEIRAS LTDA",
        "data_pedido_criacao": date(2026, 11, 19),
        "usuario_pedido_criacao": "Bia",
        "status_odoo": "purchase",
        "tipo_pedido": "compra",
        "ativo": True,
        "motivo_exclusao": None,
        "moeda": "BRL",
    }


def test_every_column_of_an_order_line() -> None:
    assert order_row() == {
        "odoo_id": 81,
        "data_pedido_previsao": date(2026, 12, 1),
        "cod_produto": "P1",
        "nome_produto": "Produto P1",
        "qtd_produto_pedido": Decimal(10),
        "unid_medida_pedido": "Unidade",
        "qtd_produto_pedido_estoque": Decimal(10),
        "unid_medida_estoque": "Unidade",
        "qtd_recebida": Decimal(4),
        "qtd_recebida_estoque": Decimal(4),
        "preco_produto_pedido": Decimal("3.3333"),
        "preco_liquido_produto_pedido": Decimal("2.99997"),
        "valor_moeda_pedido": Decimal(30),
        "valor_produto_pedido": Decimal(30),
        "icms_produto_pedido": Decimal("1.8"),
        "pis_produto_pedido": None,
        "cofins_produto_pedido": None,
        "odoo_write_date": datetime(2026, 11, 20, 11, tzinfo=UTC),
    }


@pytest.mark.parametrize("state", ["draft", "sent", "to approve", "purchase", "done"])
def test_an_order_keeps_odoo_s_own_state_and_is_active(state: str) -> None:
    shown = order_header(order(situacao=state))
    assert (shown["status_odoo"], shown["ativo"], shown["motivo_exclusao"]) == (state, True, None)


def test_a_cancelled_order_is_not_active_and_says_why() -> None:
    shown = order_header(order(situacao="cancel"))
    assert (shown["status_odoo"], shown["ativo"], shown["motivo_exclusao"]) == (
        "cancel",
        False,
        "Pedido cancelado no Odoo",
    )


@pytest.mark.parametrize(
    ("typed", "shown", "valid"),
    [
        ("11.222.333/0001-81", "11.222.333/0001-81", True),
        ("11222333000181", "11.222.333/0001-81", True),
        (" 11 222 333 0001 81 ", "11.222.333/0001-81", True),
        ("11222333000182", "11.222.333/0001-82", False),
        ("12ABC34501DE35", "12.ABC.345/01DE-35", True),
        ("12abc34501de36", "12.ABC.345/01DE-36", False),
        ("00000000000000", "00.000.000/0000-00", False),
        ("BR11222333000181", "11.222.333/0001-81", True),  # the European form of a tax id
        ("br 11.222.333/0001-81", "11.222.333/0001-81", True),
        ("BR52998224725", "529.982.247-25", True),
        ("BR123456000178", "BR.123.456/0001-78", False),  # 14 places: letters of its own
        ("PT507957547", "PT507957547", False),
        ("/", None, None),
        (" - ", None, None),
        ("ISENTO", "ISENTO", False),
        (None, None, None),
        ("", None, None),
        ("  ", None, None),
    ],
)
def test_a_supplier_s_cnpj_is_formatted_and_its_digits_checked(
    typed: str | None, shown: str | None, valid: bool | None
) -> None:
    found = order_header(order(fornecedor=supplier(typed)))
    assert (found["cnpj_fornecedor"], found["cnpj_valido"]) == (shown, valid)


@pytest.mark.parametrize(("cpf", "valid"), [("52998224725", True), ("52998224724", False)])
def test_a_person_is_known_by_the_cpf(cpf: str, valid: bool) -> None:
    found = order_header(order(fornecedor=supplier(None, cpf=cpf, razao_social=None)))
    assert found["cnpj_fornecedor"] == f"529.982.247-{cpf[-2:]}"
    assert (found["cnpj_valido"], found["raz_social"]) == (valid, "Oliveiras")


@pytest.mark.parametrize("none", ["/", "", " ", "-", None])
def test_a_person_is_known_by_the_cpf_whatever_stands_for_no_cnpj(none: str | None) -> None:
    found = order_header(order(fornecedor=supplier(none, cpf="52998224725")))
    assert (found["cnpj_fornecedor"], found["cnpj_valido"]) == ("529.982.247-25", True)


def test_the_cpf_has_a_field_of_its_own_in_the_localisation_and_in_odoo_16() -> None:
    spec = field_of(SUPPLIER.fields["cpf"])
    assert resolve_field(spec, {"vat", "l10n_br_cpf_code"}, "auto") == "l10n_br_cpf_code"
    assert resolve_field(spec, {"vat", "l10n_br_cpf_code"}, "vanilla") == "l10n_br_cpf_code"
    assert resolve_field(spec, {"l10n_br_cpf", "l10n_br_cpf_code"}, "auto") == "l10n_br_cpf"
    assert [resolve_field(spec, {"vat"}, profile) for profile in ("auto", "vanilla", "ciel_it")] == [None] * 3


@pytest.mark.parametrize(("locked", "status"), [(None, "purchase"), (False, "purchase"), (True, "done")])
def test_an_order_that_is_locked_is_done_though_odoo_19_only_marks_it(locked: bool | None, status: str) -> None:
    assert order_header(order(bloqueado=locked))["status_odoo"] == status
    assert allocation_row(allocation(linha_pedido=ordered_line(bloqueado=locked)))["purchase_state"] == status
    assert order_header(order(situacao="cancel", bloqueado=locked))["status_odoo"] == "cancel"


# --- what they are worth ---------------------------------------------------------------------------------------------

MONEY = ("moeda", "preco_produto_pedido", "preco_liquido_produto_pedido", "valor_moeda_pedido", "valor_produto_pedido")


def worth(item: Record, **changes: Any) -> dict[str, Any]:
    document = order(**changes)
    row = {**order_header(document), **pedidos.line(document, item, context())}
    return {name: row[name] for name in MONEY}


def test_a_discount_makes_the_net_price_and_the_value_is_odoo_s_own() -> None:
    found = worth(order_line(preco=10.0, desconto=12.5, subtotal=87.5))
    assert tuple(found.values()) == ("BRL", 10, Decimal("8.75"), Decimal("87.5"), Decimal("87.5"))


def test_without_discounts_on_the_server_the_net_price_is_the_price() -> None:
    found = worth(order_line(preco=10.0, desconto=None, subtotal=100.0))
    assert (found["preco_produto_pedido"], found["preco_liquido_produto_pedido"]) == (10, 10)


def test_an_order_in_another_currency_has_its_value_in_the_company_s_beside_it() -> None:
    found = worth(order_line(preco=10.0, desconto=0.0, subtotal=100.0), moeda="USD", cambio=0.2)
    assert tuple(found.values()) == ("USD", 10, 10, 100, 500)


def test_the_company_s_own_currency_needs_no_rate() -> None:
    for rate in (0.0, None, 3.0):
        assert worth(order_line(subtotal=100.0), cambio=rate)["valor_produto_pedido"] == 100


@pytest.mark.parametrize("rate", [0.0, None])
def test_an_order_in_another_currency_without_a_rate_is_refused_with_both(rate: float | None) -> None:
    with pytest.raises(ValueError, match="C2500008 está em USD e o Odoo não tem o seu câmbio para BRL"):
        order_row(moeda="USD", cambio=rate)


def test_an_order_without_supplier_is_refused() -> None:
    with pytest.raises(ValueError, match="C2500008 não tem fornecedor"):
        order_header(order(fornecedor=None))


GROUP = [
    "61724241000178",
    "61.724.241/0001-78",
    "BR61724241000178",
    "61.724.241/0009-25",
    " 61724241 0001 78 ",
    "18467441000163",
]


@pytest.mark.parametrize("typed", GROUP)
def test_what_comes_from_a_company_of_the_group_is_ignored_however_its_cnpj_is_typed(typed: str) -> None:
    for header, document in ((order_header, order), (receipt_header, receipt)):
        with pytest.raises(Ignored, match="fornecedor do grupo"):
            header(document(fornecedor=supplier(typed)))


@pytest.mark.parametrize("typed", ["61724242000178", "6172424100017", None])
def test_other_suppliers_are_not_of_the_group(typed: str | None) -> None:
    assert order_header(order(fornecedor=supplier(typed)))["num_pedido"] == "C2500008"
    assert receipt_header(receipt(fornecedor=supplier(typed)))["num_pedido"] == "C2500008"


def test_the_group_is_what_the_setting_says() -> None:
    mine = context(Settings(fornecedores_do_grupo="11222333"))
    none = context(Settings(fornecedores_do_grupo="nenhum"))
    for header, document in ((order_header, order), (receipt_header, receipt)):
        with pytest.raises(Ignored, match="fornecedor do grupo"):
            header(document(), mine)
        assert header(document(fornecedor=supplier(GROUP[0])), none)["num_pedido"] == "C2500008"


@pytest.mark.parametrize("kind", [*sorted(PURCHASE_TYPES), None])
def test_the_types_that_are_purchases_and_none_are_rows(kind: str | None) -> None:
    assert order_header(order(tipo=kind))["tipo_pedido"] == kind


@pytest.mark.parametrize("kind", ["venda", "transferencia", "Compra", "rem-industrializacao"])
def test_other_types_are_ignored_with_their_name(kind: str) -> None:
    with pytest.raises(Ignored, match=f"tipo de pedido {kind}"):
        order_header(order(tipo=kind))


CONVERSIONS = [
    (2.5, TONS, KILOS, Decimal(2500)),
    (3.0, DOZENS, UNITS, Decimal(36)),
    (36.0, UNITS, DOZENS, Decimal(3)),
    (0.1, TONS, KILOS, Decimal(100)),
    (5.0, UNITS, UNITS, Decimal(5)),
    (5.0, {"id": 1, "nome": "Unidade", "fator": None}, UNITS, Decimal(5)),  # one unit needs no factor
    (5.0, None, UNITS, Decimal(5)),
    (5.0, UNITS, None, Decimal(5)),
]


@pytest.mark.parametrize(("quantity", "unit", "own", "stocked"), CONVERSIONS)
def test_quantities_are_given_in_the_product_s_own_unit(
    quantity: float, unit: Record | None, own: Record | None, stocked: Decimal
) -> None:
    ordered = order_row(order_line(quantidade=quantity, unidade=unit, produto=product(unidade=own)))
    assert (ordered["qtd_produto_pedido"], ordered["unid_medida_pedido"]) == (
        Decimal(str(quantity)),
        unit and unit["nome"],
    )
    assert (ordered["qtd_produto_pedido_estoque"], ordered["unid_medida_estoque"]) == (stocked, own and own["nome"])
    came = movement(move(quantidade=quantity, unidade=unit, produto=product(unidade=own)))
    assert came["qtd_movimentacao"] == stocked


@pytest.mark.parametrize("factor", [None, 0.0])
def test_units_without_a_factor_are_refused_by_their_names(factor: float | None) -> None:
    unknown = {**KILOS, "id": 30, "nome": "Bombona", "fator": factor}
    for unit, own in ((unknown, KILOS), (KILOS, unknown)):
        for row in (
            lambda unit=unit, own=own: order_row(order_line(unidade=unit, produto=product(unidade=own))),
            lambda unit=unit, own=own: movement(move(unidade=unit, produto=product(unidade=own))),
        ):
            with pytest.raises(ValueError, match=f"{unit['nome']} e {own['nome']} não têm fator"):
                row()


@pytest.mark.parametrize(
    "other",
    [UNITS, {**KILOS, "id": 40, "categoria": None, "caminho": "3/40/"}],
    ids=["of another category", "since Odoo 19 below another root"],
)
def test_units_that_measure_different_things_are_refused_by_their_names(other: Record) -> None:
    own = KILOS if other["categoria"] else {**KILOS, "categoria": None, "caminho": "12/"}
    with pytest.raises(ValueError, match=f"{other['nome']} e {own['nome']} medem coisas diferentes"):
        order_row(order_line(unidade=other, produto=product(unidade=own)))


def test_the_factor_of_a_unit_is_factor_inv_and_factor_itself_since_odoo_19() -> None:
    spec = field_of(UNIT.fields["fator"])
    for profile in ("auto", "vanilla", "ciel_it"):
        assert resolve_field(spec, {"factor", "factor_inv"}, profile) == "factor_inv"
        assert resolve_field(spec, {"factor"}, profile) == "factor"


def test_the_unit_of_a_line_or_move_is_named_anew_in_odoo_19_and_20() -> None:
    for fields in (pedidos.LINE.fields, entradas.MOVE_FIELDS):
        spec = field_of(fields["unidade"])
        for name in ("product_uom", "product_uom_id", "uom_id"):
            assert resolve_field(spec, {name, "name"}, "auto") == name


# --- agreements ------------------------------------------------------------------------------------------------------


def test_a_template_for_orders_is_no_request() -> None:
    with pytest.raises(Ignored, match="modelo de compra"):
        request_header(request(modelo="purchase.requisition", tipo="purchase_template"))
    assert request_header(request(modelo="purchase.requisition", tipo="blanket_order"))["requisicao_odoo_id"] == 7


def test_what_is_needed_without_a_day_of_its_own_is_needed_on_its_agreement_s() -> None:
    item = request_line(necessidade=None)
    found = request_row(item, solicitada="2026-11-19", necessidade="2026-12-22")
    assert (found["data_necessidade"], found["lead_time_requisicao"]) == (date(2026, 12, 22), 33)
    assert request_row(necessidade="2026-12-22")["data_necessidade"] == date(2026, 12, 1)


def test_the_day_of_an_agreement_is_the_one_on_which_it_ends_since_odoo_18() -> None:
    spec = field_of(requisicoes.AGREEMENT.fields["necessidade"])
    assert resolve_field(spec, {"schedule_date", "date_end"}, "auto") == "schedule_date"
    assert resolve_field(spec, {"date_end", "date_start"}, "auto") == "date_end"


# --- allocations -----------------------------------------------------------------------------------------------------


def test_every_column_of_an_allocation() -> None:
    assert allocation_row(allocation()) == {
        "odoo_allocation_id": 9,
        "requisicao_compra_id": 701,
        "purchase_request_line_odoo_id": 71,
        "purchase_order_line_odoo_id": 81,
        "stock_move_odoo_id": 91,
        "company_id": "NACOM GOYA - FB",
        "cod_produto": "P1",
        "nome_produto": "Produto P1",
        "qtd_requisitada": Decimal(10),
        "qtd_alocada": Decimal(4),
        "qtd_aberta": Decimal(6),
        "purchase_state": "purchase",
        "ativo": True,
        "create_date_odoo": datetime(2026, 11, 20, 9, tzinfo=UTC),
        "write_date_odoo": datetime(2026, 11, 20, 10, tzinfo=UTC),
    }


def test_an_allocation_without_request_line_is_ignored() -> None:
    with pytest.raises(Ignored, match="sem linha de requisição") as raised:
        allocation_row(allocation(linha_requisicao=None))
    assert not isinstance(raised.value, Waiting)


def test_an_allocation_whose_request_is_not_stored_waits_for_its_request_line() -> None:
    with pytest.raises(Waiting, match="ainda não sincronizada") as raised:
        allocation_row(allocation(), context(requisicoes={72: 702}))
    assert raised.value.what == "71"


def test_an_allocation_of_a_service_does_not_wait_for_a_row_that_never_comes() -> None:
    wanted = {**allocation()["linha_requisicao"], "produto": product(tipo="service")}
    with pytest.raises(Ignored, match="não é de estoque") as raised:
        allocation_row(allocation(linha_requisicao=wanted), context(requisicoes={}))
    assert not isinstance(raised.value, Waiting)


def test_an_allocation_without_order_line_is_a_row_without_order() -> None:
    shown = allocation_row(allocation(linha_pedido=None, movimento={"id": 92, "linha_pedido": None}))
    names = ("purchase_order_line_odoo_id", "purchase_state", "stock_move_odoo_id")
    assert [shown[name] for name in names] == [None, None, 92]
    assert shown["requisicao_compra_id"] == 701
    shown = allocation_row(allocation(linha_pedido=None, movimento=None))
    assert [shown[name] for name in names] == [None, None, None]


def test_what_a_partial_receipt_leaves_open_is_tied_to_the_order_by_its_stock_move() -> None:
    shown = allocation_row(allocation(linha_pedido=None))
    assert (shown["purchase_order_line_odoo_id"], shown["purchase_state"]) == (81, "purchase")


def test_the_lookup_asks_for_the_request_line_of_each_allocation_that_has_one() -> None:
    keys = ALOCACOES.lookups["requisicoes"].keys
    assert list(keys(allocation())) == [71]
    assert list(keys(allocation(linha_requisicao=None))) == []


# --- receipts --------------------------------------------------------------------------------------------------------


def test_every_column_of_a_receipt() -> None:
    assert receipt_header(receipt()) == {
        "odoo_picking_id": 90,
        "data_movimentacao": date(2026, 11, 20),
        "tipo_movimentacao": "ENTRADA_COMPRA",
        "local_movimentacao": "COMPRA",
        "num_pedido": "C2500008",
        "tipo_origem": "ODOO",
        "observacao": "Recebimento FB/IN/00090",
        "criado_por": "odoo_sync",
    }


def test_every_column_of_a_movement() -> None:
    assert movement() == {
        "odoo_move_id": 91,
        "cod_produto": "P1",
        "nome_produto": "Produto P1",
        "qtd_movimentacao": Decimal(4),
        "ativo": True,
        "purchase_line_id": 81,
        "odoo_write_date": datetime(2026, 11, 20, 12, tzinfo=UTC),
    }


def test_a_receipt_without_origin_is_known_by_its_own_number() -> None:
    assert receipt_header(receipt(origem=None))["num_pedido"] == "FB/IN/00090"


@pytest.mark.parametrize("state", ["draft", "waiting", "confirmed", "assigned", "cancel"])
def test_a_receipt_that_is_not_done_is_ignored(state: str) -> None:
    with pytest.raises(Ignored, match="não concluído"):
        receipt_header(receipt(situacao=state))


@pytest.mark.parametrize(
    "changes",
    [
        {"local_origem": {"id": 5, "uso": "customer"}},
        {"numero": "FB/DEV/00090"},
        {"numero": "FB/DEV/00090", "local_origem": {"id": 5, "uso": "customer"}},
    ],
)
def test_a_customer_s_return_is_ignored_known_by_location_or_number(changes: Record) -> None:
    with pytest.raises(Ignored, match="devolução de cliente"):
        receipt_header(receipt(**changes))


@pytest.mark.parametrize("usage", ["internal", "transit", "production"])
def test_a_receipt_from_elsewhere_is_ignored_with_where_it_came_from(usage: str) -> None:
    with pytest.raises(Ignored, match=rf"não vem de fornecedor \({usage}\)"):
        receipt_header(receipt(local_origem={"id": 6, "uso": usage}))
    with pytest.raises(Ignored, match="não vem de fornecedor"):
        receipt_header(receipt(local_origem=None))


@pytest.mark.parametrize("changes", [{"situacao": "cancel"}, {"situacao": "assigned"}, {"quantidade": 0.0}])
def test_a_move_of_which_nothing_came_is_ignored(changes: Record) -> None:
    with pytest.raises(Ignored, match="sem quantidade concluída") as raised:
        movement(move(**changes))
    assert not isinstance(raised.value, Waiting)


@pytest.mark.parametrize("purchased", [{}, {"P1": False}, {"P1": None}])
def test_a_product_that_is_not_marked_as_purchased_waits_with_its_code(purchased: dict[str, Any]) -> None:
    with pytest.raises(Waiting, match="não marcado como comprado") as raised:
        movement(None, context(comprados=purchased))
    assert raised.value.what == "P1"


def test_a_code_typed_with_blanks_is_looked_up_and_stored_without_them() -> None:
    spaced = move(" P1 ")
    assert entradas.codes(receipt(spaced)) == {"P1"}
    assert movement(spaced)["cod_produto"] == "P1"


def test_the_lookup_asks_for_each_code_of_a_receipt_once() -> None:
    assert entradas.codes(receipt(move(), move("P2"), move(), move(None), move(produto=None))) == {"P1", "P2"}


@pytest.mark.parametrize(
    ("returns", "left", "active"),
    [
        ([], 4, True),
        ([returned(1.0)], 3, True),
        ([returned(1.0), returned(1.5)], Decimal("1.5"), True),
        ([returned(4.0)], 4, False),
        ([returned(2.0), returned(2.0)], 4, False),
        ([returned(5.0)], 4, False),
        ([returned(4.0, situacao="assigned")], 4, True),
        ([returned(4.0, situacao="cancel"), returned(1.0)], 3, True),
        ([returned(2.0, situacao="draft")], 4, True),
    ],
)
def test_what_went_back_to_the_supplier_is_taken_off_and_a_full_return_deactivates(
    returns: list[Record], left: Any, active: bool
) -> None:
    shown = movement(move("P1", *returns))
    assert (shown["qtd_movimentacao"], shown["ativo"]) == (left, active)


def test_a_return_counts_in_its_own_unit() -> None:
    kilos = product(unidade=KILOS)
    back = returned(300.0, unidade=KILOS)
    shown = movement(move("P1", back, quantidade=2.0, unidade=TONS, produto=kilos))
    assert (shown["qtd_movimentacao"], shown["ativo"]) == (1700, True)
    whole = returned(2.0, unidade=TONS)
    assert movement(move("P1", whole, quantidade=2000.0, unidade=KILOS, produto=kilos))["ativo"] is False


def test_a_move_that_no_order_line_asked_for_is_a_movement_without_order() -> None:
    assert movement(move(linha_pedido=None))["purchase_line_id"] is None
