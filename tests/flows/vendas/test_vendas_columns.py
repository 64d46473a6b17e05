"""How an order and an invoice become the columns of a row: plain dictionaries in, plain dictionaries out."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from blocks.odoo import Record
from flows.settings import Settings
from flows.sync.context import Context
from flows.sync.mapping import Ignored
from flows.vendas import carteira, faturamento
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from flows.vendas.modelos import ORDER_TYPES
from tests.flows.vendas.vendas_samples import (
    COMPANIES,
    invoice,
    invoice_line,
    order,
    order_line,
    partner,
    product,
)

CONTEXT = Context(Settings())


def order_header(document: Record) -> Record:
    return carteira.header(document, CONTEXT)


def order_row(document: Record, item: Record) -> Record:
    return carteira.line(document, item, CONTEXT)


def invoice_header(document: Record) -> Record:
    return faturamento.header(document, CONTEXT)


def invoice_row(document: Record, item: Record) -> Record:
    return faturamento.line(document, item, CONTEXT)


def test_every_column_of_an_order() -> None:
    given = order(7, entrega_em="2026-12-01 15:00:00", observacao="<p>Ligar</p>", etiquetas=[{"name": "A", "color": 1}])
    assert order_header(given) == {
        "num_pedido": "VSC7",
        "odoo_order_id": 7,
        "pedido_cliente": "PC-1",
        "data_pedido": date(2026, 11, 18),
        "data_atual_pedido": date(2026, 11, 19),
        "data_entrega_pedido": date(2026, 12, 1),
        "status_pedido": "Pedido de venda",
        "cnpj_cpf": "12.345.678/0001-95",
        "raz_social": "MERCADO SOL LTDA",
        "raz_social_red": "Mercado Sol",
        "municipio": "Campinas",
        "estado": "SP",
        "vendedor": "Ana",
        "equipe_vendas": "Interior",
        "cond_pgto_pedido": "30 dias",
        "forma_pgto_pedido": "Boleto",
        "incoterm": "CIF",
        "metodo_entrega_pedido": None,
        "cliente_nec_agendamento": "não",
        "observ_ped_1": "Ligar",
        "cnpj_endereco_ent": "12.345.678/0001-95",
        "empresa_endereco_ent": "Mercado Sol",
        "cep_endereco_ent": "13010-000",
        "nome_cidade": "Campinas",
        "cod_uf": "SP",
        "bairro_endereco_ent": "Centro",
        "rua_endereco_ent": "Rua A",
        "endereco_ent": "10",
        "telefone_endereco_ent": "+55 19 3232-0000",
        "tags_pedido": '[{"name": "A", "color": 1}]',
        "company_id": 1,
        "moeda": "BRL",
        "ativo": True,
    }


def test_every_column_of_an_order_line() -> None:
    item = order_line(id=101, quantidade=0.1, cancelada=2, preco=3.3, subtotal=0.3)
    assert order_row(order(1, item), item) == {
        "odoo_line_id": 101,
        "odoo_product_id": product()["id"],
        "cod_produto": "P1",
        "nome_produto": "Produto P1",
        "unid_medida_produto": "Caixas",
        "embalagem_produto": "Vidro",
        "materia_prima_produto": "Palmito",
        "categoria_produto": "Conservas",
        "qtd_produto_pedido": Decimal("0.1"),
        "qtd_pedido_unidade": Decimal("0.1"),
        "unid_medida_pedido": "Caixas",
        "qtd_cancelada_produto_pedido": Decimal(2),
        "preco_produto_pedido": Decimal("3.3"),
        "preco_liquido_produto_pedido": Decimal(3),
        "valor_moeda_pedido": Decimal("0.3"),
        "valor_produto_pedido": Decimal("0.3"),
        "odoo_write_date": datetime(2026, 11, 20, 11, tzinfo=UTC),
    }


def test_every_column_of_an_invoice() -> None:
    assert invoice_header(invoice(7, empresa=COMPANIES[2], serie="001")) == {
        "company_id": 2,
        "serie": "1",
        "numero_nf": "NF7",
        "odoo_move_id": 7,
        "data_fatura": date(2026, 11, 20),
        "cnpj_cliente": "12.345.678/0001-95",
        "nome_cliente": "Mercado Sol",
        "municipio": "Campinas",
        "estado": "SP",
        "vendedor": "Ana",
        "equipe_vendas": "Interior",
        "incoterm": "CIF",
        "moeda": "BRL",
        "status_nf": "Lançado",
        "ativo": True,
    }


def test_every_column_of_an_invoice_line() -> None:
    item = invoice_line(id=101, quantidade=4, preco=0.1, subtotal=0.2, na_empresa=-0.2, total=0.4)
    assert invoice_row(invoice(1, item), item) == {
        "odoo_line_id": 101,
        "odoo_product_id": product()["id"],
        "odoo_order_id": 1,
        "odoo_order_line_id": 101,
        "cod_produto": "P1",
        "nome_produto": "Produto P1",
        "qtd_produto_faturado": Decimal(4),
        "unid_medida_produto": "Caixas",
        "qtd_faturada_unidade": Decimal(4),
        "unid_medida_faturada": "Caixas",
        "preco_liquido_produto_faturado": Decimal("0.05"),
        "valor_liquido_faturado": Decimal("0.2"),
        "valor_moeda_faturado": Decimal("0.4"),
        "preco_produto_faturado": Decimal("0.1"),
        "valor_produto_faturado": Decimal("0.4"),
        "peso_unitario_produto": Decimal("2.5"),
        "peso_total": Decimal("10.0"),
        "origem": "VSC1",
        "odoo_write_date": datetime(2026, 11, 20, 11, tzinfo=UTC),
    }


def test_the_mapping_gives_exactly_the_columns_that_the_targets_own() -> None:
    for entity, document in ((CARTEIRA, order()), (FATURAMENTO, invoice())):
        assert entity.line is not None
        row = entity.header(document, CONTEXT) | entity.line(document, document["linhas"][0], CONTEXT)
        assert row.keys() == set(entity.target.columns)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-20 23:30:00", date(2026, 11, 20)),
        ("2026-11-21 02:30:00", date(2026, 11, 20)),
        ("2026-11-21 02:59:59", date(2026, 11, 20)),
        ("2026-11-21 03:00:00", date(2026, 11, 21)),
    ],
)
def test_business_days_are_cut_in_sao_paulo(written: str, day: date) -> None:
    shown = order_header(order(criacao=written, pedido_em=written, entrega_em=written))
    assert [shown[name] for name in ("data_pedido", "data_atual_pedido", "data_entrega_pedido")] == [day] * 3


def test_the_day_of_an_invoice_has_no_zone() -> None:
    assert invoice_header(invoice(data="2026-11-21"))["data_fatura"] == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("draft", "Cotação"),
        ("sent", "Cotação"),
        ("sale", "Pedido de venda"),
        ("done", "Pedido de venda"),
        ("cancel", "Cancelado"),
        ("outro", "Rascunho"),
        (None, "Rascunho"),
    ],
)
def test_the_states_of_an_order(state: str | None, status: str) -> None:
    assert order_header(order(situacao=state))["status_pedido"] == status


@pytest.mark.parametrize(
    ("state", "status"),
    [("draft", "Provisório"), ("posted", "Lançado"), ("cancel", "Cancelado"), ("outro", "Lançado")],
)
def test_the_states_of_an_invoice(state: str, status: str) -> None:
    assert invoice_header(invoice(situacao=state))["status_nf"] == status


CARRIER = {"id": 1, "nome": "Serra Azul", "parceiro": partner(nome="Terminal Serra", municipio="Bauru (SP)", cep="17")}


@pytest.mark.parametrize(
    ("incoterm", "carrier", "where"),
    [
        ("[RED] REDESPACHO", CARRIER, "Terminal Serra"),
        ("[RED] REDESPACHO", CARRIER | {"parceiro": None}, "Loja"),
        ("[RED] REDESPACHO", None, "Loja"),
        ("[CIF] COST REDUCED", CARRIER, "Loja"),
        ("[REDX] REDESPACHO", CARRIER, "Loja"),
        ("[FOB] RED", CARRIER, "Loja"),
        (None, CARRIER, "Loja"),
    ],
)
def test_only_the_exact_code_red_delivers_to_the_carrier(
    incoterm: str | None, carrier: Record | None, where: str
) -> None:
    shown = order_header(order(incoterm=incoterm, transportadora=carrier, entrega=partner(nome="Loja")))
    assert shown["empresa_endereco_ent"] == where
    assert shown["nome_cidade"] == ("Bauru" if where == "Terminal Serra" else "Campinas")
    assert shown["metodo_entrega_pedido"] == (carrier and "Serra Azul")


NOWHERE: Record = {"municipio": None, "cidade": None, "uf": None}


@pytest.mark.parametrize(
    ("delivery", "customer", "city", "state"),
    [
        (partner(municipio="Recife (PE)"), partner(), "Recife", "PE"),
        (partner(**NOWHERE), partner(municipio="Recife (PE)"), "Recife", "PE"),
        (partner(**NOWHERE), partner(**NOWHERE), None, "SP"),
        (partner(**NOWHERE | {"cidade": "Olinda", "uf": {"sigla": "pe"}}), partner(), "Olinda", "PE"),
        (partner(**NOWHERE | {"uf": {"sigla": "Lisboa"}}), partner(**NOWHERE), None, "SP"),
        (None, partner(municipio="Recife (PE)"), "Recife", "PE"),
    ],
)
def test_the_delivery_place_falls_back_to_the_customer_and_then_to_sp(
    delivery: Record | None, customer: Record, city: str | None, state: str
) -> None:
    shown = order_header(order(entrega=delivery, cliente=customer))
    assert (shown["nome_cidade"], shown["cod_uf"]) == (city, state)


def test_tags_are_json_with_accents_and_none_without_tags() -> None:
    shown = order_header(order(etiquetas=[{"id": 1, "name": "Bonificação", "color": 4}, {"name": 'a "b"', "color": 0}]))
    assert json.loads(shown["tags_pedido"]) == [{"name": "Bonificação", "color": 4}, {"name": 'a "b"', "color": 0}]
    assert "ç" in shown["tags_pedido"]
    assert order_header(order(etiquetas=[]))["tags_pedido"] is None


@pytest.mark.parametrize(
    ("value", "shown"), [(True, "sim"), (False, "não"), (None, None), ("obrigatório sempre", "obrigatóri")]
)
def test_scheduling_is_said_in_words(value: Any, shown: str | None) -> None:
    assert order_header(order(cliente=partner(agendamento=value)))["cliente_nec_agendamento"] == shown


def test_a_person_is_known_by_the_cpf() -> None:
    person = partner(cnpj=None, cpf="12345678909", razao_social=None)
    shown = order_header(order(cliente=person))
    assert (shown["cnpj_cpf"], shown["raz_social"]) == ("123.456.789-09", "Mercado Sol")
    assert invoice_header(invoice(cliente=person, cliente_cnpj=None))["cnpj_cliente"] == "123.456.789-09"


def test_an_invoice_s_own_customer_data_go_before_the_partner_s() -> None:
    shown = invoice_header(invoice(cliente_cnpj=None, cliente_nome=None, cliente=partner(nome="Outro")))
    assert (shown["cnpj_cliente"], shown["nome_cliente"]) == ("12.345.678/0001-95", "Outro")
    shown = invoice_header(invoice(cliente=None))
    assert (shown["cnpj_cliente"], shown["nome_cliente"], shown["municipio"], shown["estado"]) == (
        "12.345.678/0001-95",
        "Mercado Sol",
        None,
        None,
    )


def test_an_order_without_customer_is_rejected_and_one_with_empty_fields_is_not() -> None:
    with pytest.raises(ValueError, match="VSC1 não tem cliente"):
        order_header(order(cliente=None))
    optional = ("vendedor", "equipe", "criacao", "pedido_em", "pedido_cliente", "condicao", "forma", "incoterm")
    shown = order_header(order(entrega=None, **dict.fromkeys(optional)))
    assert [shown[name] for name in ("vendedor", "data_pedido", "forma_pgto_pedido", "incoterm")] == [None] * 4


@pytest.mark.parametrize("kind", sorted(ORDER_TYPES))
def test_the_types_that_are_sales_are_rows(kind: str) -> None:
    assert order_header(order(tipo=kind))["num_pedido"] == "VSC1"
    assert invoice_header(invoice(tipo=kind))["numero_nf"] == "NF1"


@pytest.mark.parametrize("kind", ["compra", "dev-venda", "transferencia", "Venda", None])
def test_other_types_are_ignored_with_their_name(kind: str | None) -> None:
    for header, document in ((order_header, order(tipo=kind)), (invoice_header, invoice(tipo=kind))):
        with pytest.raises(Ignored, match=kind or "vazio"):
            header(document)


@pytest.mark.parametrize("number", [None, "/"])
def test_an_invoice_without_a_number_is_ignored(number: str | None) -> None:
    with pytest.raises(Ignored, match="sem número"):
        invoice_header(invoice(numero=number))


def test_sections_and_notes_are_ignored() -> None:
    for line, item in ((order_row, order_line(produto=None)), (invoice_row, invoice_line(produto=None))):
        with pytest.raises(Ignored, match="seção ou nota"):
            line({"linhas": [item]}, item)


@pytest.mark.parametrize("quantity", [0, None])
def test_an_invoice_line_without_quantity_is_ignored(quantity: float | None) -> None:
    with pytest.raises(Ignored, match="quantidade"):
        invoice_row(invoice(), invoice_line(quantidade=quantity))


@pytest.mark.parametrize("code", [None, "", "  "])
def test_a_product_without_code_is_rejected_by_its_name(code: str | None) -> None:
    for line, document, item in (
        (order_row, order(), order_line(produto=product(code, nome="Azeite"))),
        (invoice_row, invoice(), invoice_line(produto=product(code, nome="Azeite"))),
    ):
        with pytest.raises(ValueError, match=r"Código do produto 'Azeite' \(id \d+\)"):
            line(document, item)


@pytest.mark.parametrize(
    ("category", "names"),
    [
        (None, [None, None, None]),
        ({"nome": "Vidro", "acima": None}, ["Vidro", None, None]),
        ({"nome": "Vidro", "acima": {"nome": "Palmito", "acima": None}}, ["Vidro", "Palmito", None]),
    ],
)
def test_missing_category_levels_are_empty(category: Record | None, names: list[str | None]) -> None:
    shown = order_row(order(), order_line(produto=product(categoria=category)))
    assert [shown[f"{name}_produto"] for name in ("embalagem", "materia_prima", "categoria")] == names


def test_a_bad_date_or_number_is_told_by_its_value() -> None:
    with pytest.raises(ValueError, match="0000-00-00"):
        order_header(order(entrega_em="0000-00-00"))
    with pytest.raises(ValueError, match="0000-00-00"):
        invoice_header(invoice(data="0000-00-00"))
    with pytest.raises(ValueError, match="muito"):
        order_row(order(), order_line(quantidade="muito"))


def test_the_version_of_a_row_is_the_latest_write_date_of_header_and_line() -> None:
    written = order(escrita="2026-11-20 12:00:00")
    assert order_row(written, order_line())["odoo_write_date"] == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_line_s_origin_is_its_own_order_where_an_invoice_covers_two() -> None:
    both = invoice(origem="VSC1, VSC2")
    other = invoice(origem="VSC9")
    assert invoice_row(both, invoice_line(pedido="VSC2"))["origem"] == "VSC2"
    assert invoice_row(other, invoice_line(pedido=None))["origem"] == "VSC9"
    assert invoice_row(invoice(origem=None), invoice_line(pedido=None))["origem"] == ""
    assert invoice_row(other, invoice_line(pedidos=[{"id": 1, "pedido": None}]))["origem"] == "VSC9"


def test_a_product_without_weight_has_no_total_weight() -> None:
    shown = invoice_row(invoice(), invoice_line(produto=product(peso=None)))
    assert (shown["peso_unitario_produto"], shown["peso_total"]) == (None, None)


def test_descriptions_are_cut_to_their_columns_and_keys_never() -> None:
    long = "x" * 300
    shown = order_header(order(numero=long, pedido_cliente=long, vendedor=long, incoterm=long))
    assert len(shown["num_pedido"]) == 300
    assert [len(shown[name]) for name in ("pedido_cliente", "vendedor", "incoterm")] == [100, 100, 20]
    assert len(order_row(order(), order_line(produto=product(long)))["cod_produto"]) == 300
