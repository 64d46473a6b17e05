"""How answers of Tiny become rows; pure."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.tiny_os.listed import line_hash, listed_order
from flows.tiny_os.mapping import filled, map_order

CUSTOMER = {"id": 650, "nome": "Ana", "tipoPessoa": "J - Juridica", "cpfCnpj": "1", "endereco": {"cep": "89200-000"}}


def line(**changes: Any) -> dict[str, Any]:
    told = {"id": 7, "situacao": "3", "data": "2024-05-01", "dataPrevista": "", "valor": None}
    return {**told, "numeroOrdemServico": "12", "cliente": CUSTOMER, "marcadores": [{"descricao": "campo"}], **changes}


def detail(**changes: Any) -> dict[str, Any]:
    return {"id": 7, "situacao": "3", "data": "2024-05-01", "numeroOrdemServico": "12", "contato": CUSTOMER, **changes}


def row(**changes: Any) -> dict[str, Any]:
    return map_order(detail(**changes), None).order


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("15%", ("15%", None, Decimal(15))),
        ("1.234,50", ("1.234,50", Decimal("1234.50"), None)),
        (10, ("10", Decimal(10), None)),
        ("", (None, None, None)),
    ],
)
def test_a_discount_keeps_its_text_beside_what_it_means(written: Any, kept: tuple[Any, ...]) -> None:
    found = row(desconto=written)
    assert (found["desconto"], found["desconto_valor"], found["desconto_percentual"]) == kept


def test_empty_values_zero_dates_and_zero_ids_are_null() -> None:
    found = row(
        dataPrevista="0000-00-00 00:00:00", dataConclusao="", equipamentoSerie="", idListaPreco=0, idContaContabil=0
    )
    names = ("data_prevista", "data_conclusao", "equipamento_serie", "id_lista_preco", "id_conta_contabil")
    assert [found[name] for name in names] == [None] * 5


def test_values_are_read_as_they_drift() -> None:
    found = row(
        id=2**31 + 5,
        situacao="3 - Finalizada",
        dataPrevista="2024-05-02 09:30:00",
        totalPecas="10.50",
        orcar="S",
        orcado=False,
        formaPagamento={"id": 44, "nome": "Pix"},
    )
    assert (found["id"], found["situacao"]) == (2**31 + 5, 3)
    assert (found["data_emissao"], found["total_pecas"]) == (date(2024, 5, 1), Decimal("10.50"))
    assert found["data_prevista"] == datetime(2024, 5, 2, 12, 30, tzinfo=UTC)
    assert (found["orcar"], found["orcado"], found["id_forma_pagamento"]) == (True, False, 44)
    assert row(formaRecebimento={"id": 45, "nome": "Boleto"})["id_forma_pagamento"] == 45
    assert map_order(detail(), None).contacts[0]["tipo_pessoa"] == "J"


@pytest.mark.parametrize("vendor", [None, {"id": 9}, {"id": 9, "contato": None}, []])
def test_a_vendor_without_contact_is_an_id_and_no_more(vendor: Any) -> None:
    read = map_order(detail(vendedor=vendor), None)
    assert read.order["id_vendedor"] == (9 if vendor else None)
    assert [each["id"] for each in read.contacts] == [650]


def test_a_described_vendor_is_a_contact() -> None:
    assert [each["nome"] for each in map_order(detail(vendedor={"id": 9, "nome": "Rui"}), None).contacts] == [
        "Ana",
        "Rui",
    ]
    nested = {"id": 9, "contato": {"nome": "Rui"}}
    assert [each["id"] for each in map_order(detail(vendedor=nested), None).contacts] == [650, 9]


def test_the_list_describes_the_customer_where_the_detail_does_not() -> None:
    assert map_order(detail(contato=None), listed_order(line())).order["id_contato"] == 650
    assert map_order(detail(contato=None), None).order["id_contato"] is None


def test_a_contact_without_address_has_none() -> None:
    assert map_order(detail(), None).addresses[0]["cep"] == "89200-000"
    assert map_order(detail(contato={**CUSTOMER, "endereco": None}), None).addresses == ()
    assert map_order(detail(contato={**CUSTOMER, "endereco": {"cep": ""}}), None).addresses == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"situacao": "8"},
        {"totalPecas": "muito"},
        {"data": "2024-13-01"},
        {"id": None},
        {"vendedor": "Rui"},
        {"desconto": "%"},
        {"orcar": "talvez"},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Tiny|Ordem sem id"):
        row(**wrong)


@pytest.mark.parametrize(
    "changes",
    [
        {"situacao": "5"},
        {"data": "2024-05-02"},
        {"dataPrevista": "2024-05-03 08:00:00"},
        {"valor": 3},
        {"numeroOrdemServico": "13"},
        {"cliente": {**CUSTOMER, "nome": "Bia"}},
        {"cliente": {**CUSTOMER, "endereco": {"cep": "1"}}},
        {"marcadores": []},
    ],
    ids=str,
)
def test_a_change_in_the_list_is_another_hash(changes: dict[str, Any]) -> None:
    assert line_hash(line(**changes)) != line_hash(line())


def test_another_spelling_is_no_change() -> None:
    spelled = line(situacao="3 - Finalizada", dataPrevista="0000-00-00 00:00:00", cliente={**CUSTOMER, "rg": ""})
    assert line_hash(spelled) == line_hash(line())
    two = [{"descricao": "a"}, {"descricao": "b"}]
    assert line_hash(line(marcadores=two)) == line_hash(line(marcadores=two[::-1]))


def test_markers_come_from_the_list_and_none_told_is_not_no_markers() -> None:
    assert listed_order(line(marcadores=[{"descricao": " b "}, {"descricao": "a"}, {"descricao": ""}])).markers == (
        "a",
        "b",
    )
    assert listed_order(line(marcadores=[])).markers == ()
    assert listed_order(line(marcadores=None)).markers is None
    assert map_order(detail(), None).order["marcadores"] is None
    with pytest.raises(ValueError, match="255"):
        listed_order(line(marcadores=[{"descricao": "x" * 256}]))


def test_an_empty_value_takes_the_known_one_but_a_discount_changes_whole() -> None:
    known = {"tecnico": "Rita", "desconto": "15%", "desconto_valor": None, "desconto_percentual": Decimal(15)}
    kept = filled({"tecnico": None, "desconto": None, "desconto_valor": None, "desconto_percentual": None}, known)
    assert kept == known
    changed = {"tecnico": "Léo", "desconto": "5,00", "desconto_valor": Decimal(5), "desconto_percentual": None}
    assert filled(changed, known) == changed


HOSTILE = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["\ud800", "²"])
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "nome", "descricao"]), inner),
    max_leaves=6,
)


NAMES = """id situacao data dataPrevista dataConclusao numeroOrdemServico contato cliente vendedor marcadores desconto
totalPecas formaPagamento categoria listaPreco orcar orcado valor idListaPreco equipamento tecnico""".split()


@settings(deadline=None, print_blob=True)
@given(
    name=st.sampled_from(NAMES),
    value=HOSTILE,
    within=st.sampled_from([(), ("id",), ("nome",), ("endereco",), ("endereco", "cep"), ("tipoPessoa",)]),
)
def test_a_hostile_value_is_mapped_or_refused_with_a_value_error(
    name: str, value: object, within: tuple[str, ...]
) -> None:
    for key in reversed(within):
        value = {key: value}
    with contextlib.suppress(ValueError):
        map_order(detail(**{name: value}), None)
    with contextlib.suppress(ValueError):
        listed_order(line(**{name: value}))
    line_hash(line(**{name: value}) | {"id": None})
