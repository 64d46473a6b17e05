"""List and detail: filters, paging, what a person changes; and the company that is generated."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from tiny_client import Api

from demo.tiny import TinyProcess, tiny_process


@pytest.fixture
def order(api: Api) -> Any:
    """A fresh order of today, deleted at the end unless the test has done so."""
    id_ = api.tiny.control("create", situacao=6)["id"]
    yield id_
    if api.detail(id_).status_code == 200:
        api.tiny.control("delete", id=id_)


def test_the_list_shows_every_order_once_newest_first(api: Api) -> None:
    items = api.items()
    assert sorted(item["id"] for item in items) == sorted(order["id"] for order in api.stored())
    assert len(items) == 300
    days = [item["data"] for item in items]
    assert days == sorted(days, reverse=True)
    ascending = api.page(orderBy="asc", limit=7, offset=3).json()
    assert [item["id"] for item in ascending["itens"]] == [item["id"] for item in reversed(items)][3:10]
    assert ascending["paginacao"] == {"limit": 7, "offset": 3, "total": 300}


def test_a_larger_limit_is_cut_down_without_a_word(api: Api) -> None:
    answer = api.page(limit=500).json()
    assert (len(answer["itens"]), answer["paginacao"]["limit"]) == (100, 100)
    assert len(api.page().json()["itens"]) == 100


def test_filters_choose(api: Api) -> None:
    stored = api.stored()
    some = stored[150]
    first, last = "2026-03-01", "2026-03-31"

    def wanted(test: Any) -> set[int]:
        return {order["id"] for order in stored if test(order)}

    def got(**parameters: Any) -> set[int]:
        return {item["id"] for item in api.items(**parameters)}

    for status in range(8):
        assert got(situacao=status) == wanted(lambda order, status=status: order["situacao"] == str(status)) != set()
    in_march = wanted(lambda order: first <= order["data"] <= last)
    assert got(dataInicialEmissao=first, dataFinalEmissao=last) == in_march != set()
    assert got(dataInicialEmissao=first) == wanted(lambda order: order["data"] >= first)
    assert got(dataFinalEmissao=last) == wanted(lambda order: order["data"] <= last)
    assert got(numeroOrdemServico=some["numeroOrdemServico"]) == {some["id"]}
    assert got(idContato=some["idContato"]) == wanted(lambda order: order["idContato"] == some["idContato"])
    name = api.detail(some["id"]).json()["contato"]["nome"]
    assert some["id"] in got(nomeCliente=name[:15].upper())
    urgent = wanted(lambda order: "urgente" in order["marcadores"])
    assert got(marcadores="urgente") == got(**{"marcadores[]": "urgente"}) == urgent != set()
    finished = wanted(lambda order: order["situacao"] == "3" and order["data"] <= last)
    assert got(situacao=3, dataFinalEmissao=last) == finished


def test_no_parameter_filters_by_change(api: Api, order: int) -> None:
    tomorrow = str(date(2027, 1, 1))
    for name in ("dataAlteracao", "updatedAfter", "dataInicialAlteracao"):
        assert api.page(**{name: tomorrow}).json()["paginacao"]["total"] == 301
    before = api.detail(order).json()
    api.tiny.control("clock", seconds=3600)
    api.tiny.control("change", id=order, observacoes="mudou")
    assert api.detail(order).json() == {**before, "observacoes": "mudou"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("situacao", "8"),
        ("situacao", "3 - Finalizada"),
        ("dataInicialEmissao", "22/11/2026"),
        ("dataFinalEmissao", "2026-02-30"),
        ("limit", "0"),
        ("limit", "²"),
        ("offset", "-1"),
        ("orderBy", "id"),
        ("idContato", "x"),
    ],
)
def test_wrong_values_are_named(api: Api, name: str, value: str) -> None:
    answer = api.page(**{name: value})
    assert answer.status_code == 400
    assert [wrong["campo"] for wrong in answer.json()["detalhes"]] == [name]


def test_no_rows_are_answered_with_nothing(api: Api) -> None:
    for parameters in ({"offset": 300}, {"offset": 2**64}, {"numeroOrdemServico": "nenhuma"}):
        answer = api.page(**parameters)
        assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(("empty", "body"), [("blank", ""), ("list", '"total":300')])
def test_no_rows_may_be_answered_otherwise(empty: str, body: str) -> None:
    with tiny_process(empty=empty) as tiny:
        answer = Api(tiny).page(offset=2**64)
        assert answer.status_code == 200
        assert body in answer.text and bool(answer.text) == bool(body)


def test_unknown_orders_and_paths_are_not_found(api: Api) -> None:
    for path in ("/ordem-servico/1", "/ordem-servico/1/situacao", "/contatos", "/ordem-servico/"):
        answer = api.get(path)
        assert (answer.status_code, answer.content) == (404, b"")
    assert api.get("/ordem-servico/abc").json()["detalhes"][0]["campo"] == "idOrdemServico"
    answer = httpx.post(f"{api.tiny.api}/ordem-servico", json={}, trust_env=False, verify=False)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


def test_a_person_changes_creates_and_deletes(api: Api, order: int) -> None:
    change = {"dataPrevista": "2026-12-24 10:00:00", "totalServicos": "120.00", "desconto": "15%", "valor": 102.5}
    api.tiny.control("change", id=order, situacao=0, data="2024-12-01", marcadores=["vip"], **change)
    detail = api.detail(order).json()
    assert {name: detail[name] for name in change if name != "valor"} == {
        name: value for name, value in change.items() if name != "valor"
    }
    item = next(item for item in api.items(dataFinalEmissao="2024-12-01") if item["id"] == order)
    assert (item["valor"], item["marcadores"]) == (102.5, [{"descricao": "vip"}])
    assert "marcadores" not in detail and "valor" not in detail
    api.tiny.control("delete", id=order)
    assert api.detail(order).status_code == 404
    assert order not in {item["id"] for item in api.items()}
    with pytest.raises(ValueError, match="KeyError"):
        api.tiny.control("delete", id=order)


def test_a_change_may_set_what_no_form_would_accept(api: Api, order: int) -> None:
    wrong = {"contato": None, "cliente": None, "vendedor": {"id": 9}, "totalPecas": "muito"}
    api.tiny.control("change", id=order, situacao="9 - Outra", data="0000-00-00", **wrong)
    detail = api.detail(order).json()
    assert (detail["contato"], detail["vendedor"], detail["totalPecas"]) == (None, {"id": 9}, "muito")
    assert (detail["situacao"], detail["data"]) == ("9 - Outra", "0000-00-00")
    assert api.page(orderBy="asc", limit=1).json()["itens"][0]["cliente"] is None
    with pytest.raises(ValueError, match="an order has no dataAlteracao"):
        api.tiny.control("change", id=order, dataAlteracao="2026-11-22")
    with pytest.raises(ValueError, match="data is text"):
        api.tiny.control("change", id=order, data=None)


def test_created_orders_get_the_next_id_unless_told(api: Api, order: int) -> None:
    stored = {other["id"]: other for other in api.stored()}
    assert order == max(id_ for id_ in stored if id_ < 2**31)
    assert stored[order]["numeroOrdemServico"] == str(
        max(int(other["numeroOrdemServico"]) for other in stored.values())
    )
    large = api.tiny.control("create", id=2**31 + 5, data="2025-01-31", situacao=3)["id"]
    assert api.detail(large).json()["data"] == "2025-01-31"
    with pytest.raises(ValueError, match="already"):
        api.tiny.control("create", id=large)
    api.tiny.control("delete", id=large)


def test_a_contact_changes_in_all_its_orders(api: Api) -> None:
    contact = api.stored()[0]["idContato"]
    api.tiny.control("contact", id=contact, telefone="(11) 5555-0000")
    shown = {item["cliente"]["telefone"] for item in api.items(idContato=contact)}
    assert shown == {"(11) 5555-0000"}
    with pytest.raises(ValueError, match="a contact has no fax"):
        api.tiny.control("contact", id=contact, fax="1")


def test_pages_move_while_orders_arrive(api: Api) -> None:
    stored = {order["id"] for order in api.stored()}
    api.tiny.control("after", path="/ordem-servico", verb="create", body={"situacao": 0})
    first = api.page(limit=100).json()
    second = api.page(limit=100, offset=100).json()
    assert (first["paginacao"]["total"], second["paginacao"]["total"]) == (300, 301)
    assert first["itens"][-1]["id"] == second["itens"][0]["id"]
    (new,) = {order["id"] for order in api.stored()} - stored
    api.tiny.control("after", path="/ordem-servico", verb="delete", body={"id": new})
    first_ids, second_ids = api.ids(limit=100), api.ids(limit=100, offset=100)
    assert new in first_ids
    assert first["itens"][-1]["id"] not in second_ids  # it moved to a page that had been read


def test_an_order_may_go_between_list_and_detail(api: Api, order: int) -> None:
    api.tiny.control("after", path="/ordem-servico", verb="delete", body={"id": order})
    assert order in api.ids(limit=100)
    assert api.detail(order).status_code == 404
    with pytest.raises(ValueError, match="no such verb"):
        api.tiny.control("after", path="/ordem-servico", verb="outro")


def test_a_connection_serves_many_calls(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.token}"}
    with httpx.Client(base_url=api.tiny.api, headers=headers, trust_env=False, verify=False) as client:
        streams = {client.get("/ordem-servico").extensions["network_stream"] for _ in range(3)}
        assert client.post("/ordem-servico", json={"a": 1}).status_code == 405
        assert client.get("/ordem-servico", params={"offset": 900}).status_code == 204
        streams.add(client.get("/ordem-servico/1").extensions["network_stream"])
    assert len(streams) == 1


def test_calls_are_counted(api: Api) -> None:
    id_ = api.ids(limit=1)[0]
    for wanted in (id_, id_, 1):
        api.detail(wanted)
    calls = api.tiny.control("calls", ids=True)
    assert calls["paths"] == {"/ordem-servico": {"200": 1}, "/ordem-servico/{id}": {"200": 2, "404": 1}}
    assert (calls["total"], calls["concurrent"], calls["refused"]) == (4, 1, 0)
    assert calls["ids"] == {str(id_): 2, "1": 1}
    assert sum(minute["read"] for minute in calls["minutes"].values()) == 4
    assert "ids" not in api.tiny.control("calls")


def test_companies_are_the_same_for_the_same_seed_and_of_the_size_that_is_asked_for() -> None:
    options = {"orders": 200, "months": 6, "clock": "2026-01-15T12:00:00"}
    with tiny_process(**options) as one, tiny_process(**options) as same, tiny_process(seed=2, **options) as other:
        made = [tiny.control("orders")["orders"] for tiny in (one, same, other)]
    assert made[0] == made[1] != made[2]
    days = [date.fromisoformat(order["data"]) for order in made[0]]
    assert date(2026, 1, 15) - timedelta(days=184) <= min(days) <= max(days) <= date(2026, 1, 15)
    with tiny_process(orders=30_000) as large:
        assert Api(large).page(situacao=3, limit=1).json()["paginacao"]["total"] > 20_000


def test_the_machinery_of_the_control_surface(tiny: TinyProcess) -> None:
    now = tiny.control("clock")["now"]
    assert tiny.control("clock", seconds=86_400)["now"][:10] > now[:10]
    with pytest.raises(ValueError, match="KeyError"):
        tiny.control("outro")
    with pytest.raises(ValueError, match="TypeError"):
        tiny.control("delete")
