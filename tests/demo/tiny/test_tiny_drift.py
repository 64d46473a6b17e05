"""What real answers looked like: shapes that differ from order to order and from release to release."""

import re
from typing import Any

import pytest
from tiny_client import Api

from demo.tiny import tiny_process


@pytest.fixture(scope="module")
def answers() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All list items and all details of a company with orders before and after May 2025."""
    with tiny_process(quota=1_000_000, months=36, clock="2026-11-22T12:00:00") as tiny:
        api = Api(tiny)
        items = api.items()
        return items, [api.detail(item["id"]).json() for item in items]


Answers = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def test_orcar_is_a_letter_before_may_2025_and_boolean_after(answers: Answers) -> None:
    for name in ("orcar", "orcado"):
        old = {detail[name] for detail in answers[1] if detail["data"] < "2025-05-01"}
        new = {detail[name] for detail in answers[1] if detail["data"] >= "2025-05-01"}
        assert (old, new) == ({"S", "N"}, {True, False})


def test_the_payment_has_two_names_and_may_be_null(answers: Answers) -> None:
    names = ("formaPagamento", "formaRecebimento")
    for name, other in (names, names[::-1]):
        some = [detail for detail in answers[1] if name in detail]
        assert some and not any(other in detail for detail in some)
        assert {detail[name] is None for detail in some} == {True, False}


def test_statuses_are_digits_and_sometimes_spelled_out(answers: Answers) -> None:
    for some in answers:
        statuses = {record["situacao"] for record in some}
        assert {status[0] for status in statuses} == set("01234567")
        assert "3" in statuses and "3 - Finalizada" in statuses
    spelled = [detail["id"] for detail in answers[1] if len(detail["situacao"]) > 1]
    assert 0 < len(spelled) < 60


def test_dates_discounts_totals_and_nulls_vary(answers: Answers) -> None:
    items, details = answers
    for some in answers:
        forecasts = {re.sub("[1-9]", "0", record["dataPrevista"]) for record in some}
        assert forecasts == {"", "0000-00-00 00:00:00"}
        assert any(record["dataPrevista"] > "2" for record in some)
    discounts = {detail["desconto"] for detail in details}
    assert {"0,00", "35,50", 15, "100%", "15%"} == discounts
    totals = ("totalServicos", "totalPecas", "totalOrdemServico")
    assert all(re.fullmatch(r"\d+\.\d\d", detail[name]) for detail in details for name in totals)
    assert {detail["totalOrdemServico"] for detail in details if detail["desconto"] == "100%"} == {"0.00"}
    assert {type(item["valor"]) for item in items} == {type(None), float}
    assert sum(item["valor"] is None for item in items) > 200
    assert {detail["vendedor"] for detail in details} == {None}
    assert None in {detail["tecnico"] for detail in details}
    assert {detail["equipamentoSerie"] for detail in details} == {""}
    concluded = [detail for detail in details if detail["dataConclusao"]]
    assert 0 < len(concluded) < 60 and all(detail["situacao"][0] == "3" for detail in concluded)


def test_contacts_may_lack_an_address(answers: Answers) -> None:
    for some, name in zip(answers, ("cliente", "contato"), strict=True):
        addresses = [record[name]["endereco"] for record in some]
        assert None in addresses and any(addresses)
        assert {record[name]["tipoPessoa"] for record in some} >= {"J", "F", "", "J - Juridica"}


def test_some_ids_are_beyond_32_bits_and_markers_are_in_the_list_alone(answers: Answers) -> None:
    items, details = answers
    assert 0 < sum(item["id"] > 2**31 for item in items) < 20
    assert any(item["marcadores"] for item in items)
    assert not any("marcadores" in detail for detail in details)


def test_nothing_tells_when_a_record_changed(answers: Answers) -> None:
    names = {name.lower() for some in answers for record in some for name in record}
    assert not [name for name in names if "altera" in name or "update" in name or "modific" in name]
