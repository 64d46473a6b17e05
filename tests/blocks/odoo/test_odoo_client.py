"""Paging, halving, retries and protocols: what the client promises its callers."""

import threading
from datetime import UTC, datetime

import httpx
import pytest
from fake_odoo import FakeOdoo

from blocks.odoo import OdooError, Overloaded, UnexpectedAnswer, Unreachable
from blocks.odoo.paging import Found
from blocks.odoo.presence import Presence
from blocks.odoo.sending import TOTAL_SECONDS
from blocks.transport import CappedTransport

PROTOCOLS = ("jsonrpc", "xmlrpc", "json2")
DROPPED = httpx.RemoteProtocolError("Server disconnected")


@pytest.fixture
def fake() -> FakeOdoo:
    types = {"name": "char", "partner_id": "many2one", "note": "text", "locked": "boolean", "total": "float"}
    rows = {key: {"name": f"S{key}", "partner_id": key % 3 or False, "total": 1.5 * key} for key in range(1, 26)}
    return FakeOdoo({"sale.order": types}, {"sale.order": rows})


def ids(pages: object) -> list[int]:
    return [row["id"] for page in pages for row in page]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_same_records_come_over_each_protocol(fake: FakeOdoo, protocol: str) -> None:
    with fake.client(protocol=protocol, page_size=2) as client:
        fields = ["name", "partner_id", "note", "locked", "total"]
        assert list(client.pages("sale.order", [("id", "<", 4)], fields)) == [
            [
                {"id": 1, "name": "S1", "partner_id": 1, "note": None, "locked": False, "total": 1.5},
                {"id": 2, "name": "S2", "partner_id": 2, "note": None, "locked": False, "total": 3.0},
            ],
            [{"id": 3, "name": "S3", "partner_id": None, "note": None, "locked": False, "total": 4.5}],
        ]
        assert client.read("sale.order", [2, 99, 2], ["partner_id"], labels=True) == {
            2: {"id": 2, "partner_id": (2, "label 2")}
        }
        assert client.existing("sale.order", [1, 25, 26]) == {1, 25}
        assert client.call("sale.order", "action_nothing") is None
        assert client.authenticate() == 2
        assert client.version() == {"json2": "19.0"}.get(protocol, "17.0")
        assert client.now() == datetime(2026, 11, 22, 2, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("paths", "asked"),
    [
        (("/jsonrpc", "/xmlrpc/2/"), "/jsonrpc"),
        (("/xmlrpc/2/",), "/xmlrpc/2/object"),
        (("/json/2/",), "/json/2/sale.order/search"),
    ],
)
def test_auto_speaks_the_first_protocol_that_answers(fake: FakeOdoo, paths: tuple[str, ...], asked: str) -> None:
    fake.paths = paths
    assert list(fake.client().search("sale.order", [], limit=2)) == [[1, 2]]
    assert fake.requests[-1].url.path == asked


def test_auto_on_a_server_that_is_no_odoo_says_what_answered(fake: FakeOdoo) -> None:
    fake.paths = ()
    with pytest.raises(UnexpectedAnswer, match="404 Not Found"):
        fake.client().version()


def test_a_server_under_a_path_is_found(fake: FakeOdoo) -> None:
    fake.client(url="https://odoo.example/erp/", protocol="jsonrpc", transport=httpx.MockTransport(fake))
    with pytest.raises(UnexpectedAnswer):
        fake.client(url="https://odoo.example/erp/", protocol="jsonrpc").version()
    assert fake.requests[-1].url.path == "/erp/jsonrpc"


@pytest.mark.parametrize("page_size", [1, 5, 24, 25, 26])
def test_keyset_pages_hold_every_record_once(fake: FakeOdoo, page_size: int) -> None:
    client = fake.client(page_size=page_size)
    assert ids(client.pages("sale.order", [], ["name"])) == list(range(1, 26))
    assert [key for page in client.search("sale.order", []) for key in page] == list(range(1, 26))


def test_a_record_removed_between_pages_makes_no_other_be_skipped(fake: FakeOdoo) -> None:
    pages = fake.client(page_size=10).pages("sale.order", [], ["name"])
    first = next(pages)
    del fake.rows["sale.order"][3]
    assert [row["id"] for row in first] + ids(pages) == list(range(1, 26))


def test_a_domain_of_alternatives_stays_whole_when_paged(fake: FakeOdoo) -> None:
    domain = ["|", ("name", "=", "S2"), ("name", "=", "S20")]
    assert ids(fake.client(page_size=1).pages("sale.order", domain, ["name"])) == [2, 20]


def test_archived_records_and_portuguese_names_are_asked_for(fake: FakeOdoo) -> None:
    client = fake.client(protocol="json2")
    list(client.pages("sale.order", [], ["name"]))
    client.existing("sale.order", [1])
    client.read("sale.order", [1], ["name"])
    for request in fake.requests[-3:]:
        assert b'"lang":"pt_BR","active_test":false' in request.content


def test_a_search_stops_at_its_limit(fake: FakeOdoo) -> None:
    assert list(fake.client(page_size=4).search("sale.order", [], limit=6)) == [[1, 2, 3, 4], [5, 6]]


def test_asking_for_ids_alone_does_not_invent_records(fake: FakeOdoo) -> None:
    """Odoo's read echoes ids that do not exist if only `id` is wanted (recording 21)."""
    assert fake.client().read("sale.order", [1, 999], ["id"]) == {1: {"id": 1}}


@pytest.mark.parametrize("most", [1, 3, 24])
def test_a_page_too_big_for_the_server_is_halved_and_stays_small(fake: FakeOdoo, most: int) -> None:
    fake.most = most
    client = fake.client(page_size=25)
    assert ids(client.pages("sale.order", [], ["name"])) == list(range(1, 26))
    assert len(client.read("sale.order", range(1, 26), ["name"])) == 25
    fake.calls.clear()
    before = client.calls
    assert ids(client.pages("sale.order", [], ["name"])) == list(range(1, 26))
    assert client.calls - before == len(fake.calls)
    assert not fake.slept


@pytest.mark.parametrize("failure", [DROPPED, httpx.ReadTimeout("slow"), httpx.Response(413), httpx.Response(504)])
def test_each_sign_of_too_big_a_page_halves_it(fake: FakeOdoo, failure: object) -> None:
    client = fake.client(page_size=25)
    client.fields("sale.order")
    fake.failures = [failure]
    assert [len(page) for page in client.pages("sale.order", [], ["name"])] == [12, 12, 1]


def test_a_server_that_is_gone_is_not_a_page_too_big(fake: FakeOdoo) -> None:
    client = fake.client(page_size=25)
    client.fields("sale.order")
    fake.failures = [DROPPED] * 4
    with pytest.raises(Unreachable):
        list(client.pages("sale.order", [], ["name"]))
    assert [len(page) for page in client.pages("sale.order", [], ["name"])] == [25]


def test_a_page_of_one_that_fails_is_retried_then_given_up(fake: FakeOdoo) -> None:
    fake.most = 0
    client = fake.client(page_size=1)
    with pytest.raises(Unreachable):
        list(client.pages("sale.order", [], ["name"]))
    assert fake.reads("sale.order") == 3


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.Response(503), httpx.Response(429)])
def test_a_passing_failure_is_retried_after_a_growing_wait(fake: FakeOdoo, failure: object) -> None:
    fake.failures = [failure, failure]
    client = fake.client(protocol="jsonrpc")
    assert client.authenticate() == 2
    assert client.calls == 3
    first, second = fake.slept
    assert 1 <= first <= 2 <= second <= 3


@pytest.mark.parametrize("failure", [httpx.Response(500), httpx.Response(200, text="ok")])
def test_what_will_not_pass_is_not_retried(fake: FakeOdoo, failure: httpx.Response) -> None:
    fake.failures = [failure]
    client = fake.client(protocol="jsonrpc")
    with pytest.raises(UnexpectedAnswer):
        client.authenticate()
    assert client.calls == 1
    assert not fake.slept


def test_attempts_are_capped(fake: FakeOdoo) -> None:
    fake.failures = [httpx.Response(503)] * 9
    client = fake.client(protocol="jsonrpc", attempts=4)
    with pytest.raises(Overloaded):
        client.authenticate()
    assert client.calls == 4


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "17"},
        {"retry-after": "Sun, 22 Nov 2026 02:18:17 GMT", "date": "Sun, 22 Nov 2026 02:18:00 GMT"},
    ],
)
def test_retry_after_is_honoured_as_seconds_and_as_date(fake: FakeOdoo, headers: dict[str, str]) -> None:
    fake.failures = [httpx.Response(429, headers=headers)]
    fake.client(protocol="jsonrpc").authenticate()
    assert fake.slept == [17.0]


def test_a_retry_after_beyond_the_total_time_is_not_waited_for(fake: FakeOdoo) -> None:
    fake.failures = [httpx.Response(429, headers={"retry-after": f"{TOTAL_SECONDS + 1:.0f}"})]
    with pytest.raises(Overloaded) as caught:
        fake.client(protocol="jsonrpc").authenticate()
    assert caught.value.retry_after == TOTAL_SECONDS + 1
    assert not fake.slept


def test_a_retry_after_that_makes_no_sense_is_ignored(fake: FakeOdoo) -> None:
    fake.failures = [httpx.Response(429, headers={"retry-after": "logo"})]
    fake.client(protocol="jsonrpc").authenticate()
    assert fake.slept[0] <= 2


def test_business_faults_do_not_open_the_circuit(fake: FakeOdoo) -> None:
    client = fake.client()
    for _ in range(9):
        with pytest.raises(OdooError):
            client.call("sale.order", "read", [1], fields=["nenhum"])
    assert client.existing("sale.order", [1]) == {1}


def test_threads_share_one_login_and_one_description_of_a_model(fake: FakeOdoo) -> None:
    client = fake.client(page_size=3)
    found: list[list[int]] = []
    threads = [
        threading.Thread(target=lambda: found.append(ids(client.pages("sale.order", [], ["name"])))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [list(range(1, 26))] * 8
    assert fake.calls.count(("sale.order", "fields_get")) == 1
    assert client.calls == len(fake.requests)


def test_control_characters_neither_break_xml_answers_nor_requests(fake: FakeOdoo) -> None:
    client = fake.client(protocol="xmlrpc")
    fake.rows["sale.order"][1]["name"] = "S\x0b1"
    assert client.read("sale.order", [1], ["name"]) == {1: {"id": 1, "name": "S1"}}
    assert list(client.search("sale.order", [("name", "=", "S\x0b2")])) == [[2]]


def answer(result: object) -> httpx.Response:
    return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": result})


def test_records_that_were_not_asked_for_are_never_taken_for_those_that_were(fake: FakeOdoo) -> None:
    client = fake.client(protocol="jsonrpc")
    client.fields("sale.order")
    fake.failures = [answer([{"id": 9, "name": "S9"}])]
    assert client.read("sale.order", [1], ["name"]) == {1: {"id": 1, "name": "S1"}}


def test_a_record_that_came_without_a_field_is_not_read_without_it(fake: FakeOdoo) -> None:
    client = fake.client(protocol="jsonrpc")
    client.fields("sale.order")
    fake.failures = [answer([{"id": 1}, {"id": 2, "name": "S2"}])]
    found = client.found("sale.order", [1, 2], ["name"])
    assert list(found.records) == [2]
    assert list(found.unreadable) == [1]
    assert found.unreadable[1].field == "name"


@pytest.mark.parametrize(
    ("field", "value", "good"),
    [("name", 7, "S2"), ("name", True, "S2"), ("total", "1,50", 1.5), ("total", True, 1.5), ("total", [1], 2)],
)
def test_a_value_that_is_not_of_its_field_s_type_makes_its_record_unreadable_and_no_other(
    fake: FakeOdoo, field: str, value: object, good: object
) -> None:
    client = fake.client(protocol="jsonrpc")
    client.fields("sale.order")
    fake.failures = [answer([{"id": 1, field: value}, {"id": 2, field: good}])]
    found = client.found("sale.order", [1, 2], [field])
    assert found.records == {2: {"id": 2, field: good}}
    assert found.unreadable[1].field == field


@pytest.mark.parametrize("result", [None, False, True, "3", [3], 2.5])
def test_a_count_that_is_no_number_is_never_taken_for_none(fake: FakeOdoo, result: object) -> None:
    client = fake.client(protocol="jsonrpc")
    client.authenticate()
    fake.failures = [answer(result)] * 3
    with pytest.raises(UnexpectedAnswer, match="search_count"):
        Presence(client, "sale.order", []).counted(None, None)
    assert fake.slept == [1.0, 5.0]
    assert not fake.failures


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc", "json2"])
def test_a_page_too_large_to_take_is_read_in_parts_and_a_record_too_large_is_unreadable_alone(
    fake: FakeOdoo, protocol: str
) -> None:
    fake.rows["sale.order"][7]["name"] = "x" * 5000
    client = fake.client(page_size=25, protocol=protocol, transport=CappedTransport(httpx.MockTransport(fake), 3000))
    found = Found()
    for page in client.found_pages("sale.order", [], ["name"]):
        found.records.update(page.records)
        found.unreadable.update(page.unreadable)
    assert list(found.records) == [key for key in range(1, 26) if key != 7]
    assert [(error.record, error.field) for error in found.unreadable.values()] == [(7, "name")]
    assert not fake.slept


def test_an_answer_too_large_to_take_that_is_about_no_record_says_so(fake: FakeOdoo) -> None:
    client = fake.client(transport=CappedTransport(httpx.MockTransport(fake), 10))
    with pytest.raises(UnexpectedAnswer, match="passa de"):
        list(client.pages("sale.order", [], ["name"]))
