"""Whatever a server answers ends in a value or in one of our errors, never in a bare error of Python."""

import contextlib
import json
import xmlrpc.client
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fake_odoo import DATE, SECRET, FakeOdoo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks.errors import SincroniaError
from blocks.odoo import (
    Fault,
    Model,
    OdooClient,
    RelatedCache,
    UnexpectedAnswer,
    UnknownDatabase,
    many,
    one,
    read_tree,
)
from blocks.odoo.faults import retry_after

PROTOCOLS = ("jsonrpc", "xmlrpc", "json2")
PARTNER = Model("res.partner", {"nome": "name"})
LINE = Model("sale.order.line", {"quantidade": "qty"})
ORDER = Model(
    "sale.order", {"numero": "name", "cliente": one("partner_id", PARTNER), "linhas": many("order_line", LINE)}
)
HARD = settings(
    deadline=None, max_examples=150, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def company() -> FakeOdoo:
    return FakeOdoo(
        {
            "sale.order": {"name": "char", "partner_id": "many2one", "order_line": "one2many"},
            "sale.order.line": {"qty": "float", "order_id": "many2one"},
            "res.partner": {"name": "char"},
        },
        {
            "sale.order": {n: {"name": f"S{n}", "partner_id": n, "order_line": [n]} for n in (1, 2, 3)},
            "sale.order.line": {n: {"qty": 1.0, "order_id": n} for n in (1, 2, 3)},
            "res.partner": {n: {"name": f"P{n}"} for n in (1, 2, 3)},
        },
    )


def answered(content: bytes | str, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=content, headers={"date": DATE, **headers})


def result(value: Any) -> httpx.Response:
    return answered(json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}))


def asked(client: OdooClient) -> None:
    """Everything that a run asks of the client."""
    questions: list[Callable[[], Any]] = [
        client.version,
        client.now,
        client.authenticate,
        lambda: client.fields("sale.order"),
        lambda: client.call("sale.order", "read", [1], ["name"]),
        lambda: list(client.search("sale.order", [("name", "in", ["\ud800", "\uffff", 2**70])])),
        lambda: list(client.pages("sale.order", [], ["name", "partner_id", "order_line"], labels=True)),
        lambda: client.read("sale.order", [1, 2**40], ["name", "partner_id"]),
        lambda: client.existing("sale.order", [1, 2**40, 2**70]),
        lambda: read_tree(client, ORDER, [1, 2, 3], "auto", RelatedCache()),
    ]
    for question in questions:
        with contextlib.suppress(SincroniaError):
            question()


@pytest.mark.parametrize("described", [None, [], "campos", 7, {"name": None}, {"name": {}}, {"name": ["type"]}])
def test_fields_that_are_none_are_an_unexpected_answer(described: object) -> None:
    fake = company()
    client = fake.client(protocol="jsonrpc")
    client.authenticate()
    fake.failures = [answered(json.dumps({"jsonrpc": "2.0", "id": 1} | ({"result": described} if described else {})))]
    with pytest.raises(UnexpectedAnswer, match=r"sale\.order\.fields_get"):
        client.fields("sale.order")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"code": 200, "message": "Odoo Server Error", "data": "Traceback X"}, "Traceback X"),
        ({"code": 0, "message": "Odoo Server Error", "data": ["a", 1]}, "Odoo Server Error"),
        ({"code": 200, "message": "só isto", "data": {}}, "só isto"),
        ({"data": {"message": {"a": "b"}, "name": ["x"]}}, "b"),
        ("desligando", "desligando"),
        (["desligando"], "desligando"),
        ({"message": "meio \ud800 caractere\0"}, "meio ? caractere"),
    ],
)
def test_an_error_of_any_shape_is_a_fault(error: object, told: str) -> None:
    fake = company()
    client = fake.client(protocol="jsonrpc")
    client.authenticate()
    fake.failures = [answered(json.dumps({"jsonrpc": "2.0", "id": 1, "error": error}))]
    with pytest.raises(Fault) as caught:
        client.call("sale.order", "read", [1])
    assert told in str(caught.value)


def xml(value: str) -> str:
    return (
        f"<?xml version='1.0'?><methodResponse><params><param><value>{value}</value></param></params></methodResponse>"
    )


def fault(code: str, text: str) -> str:
    members = f"<member><name>faultCode</name><value>{code}</value></member>"
    members += f"<member><name>faultString</name><value>{text}</value></member>"
    return f"<?xml version='1.0'?><methodResponse><fault><value><struct>{members}</struct></value></fault></methodResponse>"  # noqa: E501


@pytest.mark.parametrize(
    "value",
    [
        "<bigdecimal>abc</bigdecimal>",
        "<int>abc</int>",
        "<double>abc</double>",
        "<base64>a</base64>",
        "<dateTime.iso8601>abc</dateTime.iso8601>",
        "<struct><value><int>1</int></value></struct>",
        "<ex:nada/>",
        "<string>\uffff</string>",
    ],
)
def test_a_value_that_xml_rpc_cannot_carry_is_an_unexpected_answer(value: str) -> None:
    fake = company()
    client = fake.client(protocol="xmlrpc")
    client.authenticate()
    fake.failures = [answered(xml(value))]
    with pytest.raises(UnexpectedAnswer):
        client.call("sale.order", "read", [1])


@pytest.mark.parametrize(
    "code", ["<array><data><value><int>2</int></value></data></array>", "<string>2</string>", "<nil/>"]
)
@pytest.mark.parametrize("text", ["<int>7</int>", "<nil/>", "<string>Traceback</string>", "<struct></struct>"])
def test_a_fault_whose_code_or_text_is_something_else_is_a_fault(code: str, text: str) -> None:
    fake = company()
    client = fake.client(protocol="xmlrpc")
    client.authenticate()
    fake.failures = [answered(fault(code, text))]
    with pytest.raises(Fault):
        client.call("sale.order", "read", [1])


@pytest.mark.parametrize(
    ("header", "seconds"), [("²", None), ("٣", None), ("-5", None), ("1e3", None), ("", None), ("120", 120.0)]
)
def test_a_wait_that_is_no_number_is_none(header: str, seconds: float | None) -> None:
    assert retry_after(httpx.Headers([(b"retry-after", header.encode())])) == seconds


def test_a_wait_until_a_date_that_no_clock_can_show_is_none() -> None:
    assert retry_after(httpx.Headers({"retry-after": "Sun, 22 Nov 2026 02:18:00 -0000", "date": DATE})) is None
    fake = company()
    client = fake.client(protocol="jsonrpc")
    fake.failures = [answered(b'{"jsonrpc": "2.0", "result": {}}', date="Fri, 31 Dec 9999 23:59:59 -2359")]
    with pytest.raises(UnexpectedAnswer, match="Date"):
        client.now()


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("answer", [True, -3, 0, 1.5, "2", [2], {"uid": True}, {"uid": "2"}, None])
def test_a_user_id_that_is_none_is_access_denied(protocol: str, answer: object) -> None:
    fake = company()
    if protocol == "xmlrpc":
        content = xmlrpc.client.dumps((answer,), methodresponse=True, allow_none=True).encode()
    else:
        content = json.dumps(answer if protocol == "json2" else {"jsonrpc": "2.0", "result": answer}).encode()
    fake.failures = [answered(content)]
    with pytest.raises(SincroniaError):
        fake.client(protocol=protocol).authenticate()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_id_beyond_32_bits_does_not_exist_whatever_the_protocol(protocol: str) -> None:
    client = company().client(protocol=protocol)
    assert client.existing("sale.order", [1, 2**31, 2**40, 2**63, 2**70]) == {1}
    assert set(client.read("sale.order", [1, 2**31 + 5, 2**64], ["name"])) == {1}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_half_a_surrogate_pair_in_a_domain_finds_nothing(protocol: str) -> None:
    assert list(company().client(protocol=protocol).search("sale.order", [("name", "=", "S1\ud800x")])) == []


def test_a_database_that_no_header_can_name_is_unknown() -> None:
    fake = company()
    for name in ("produção", "a\nb"):
        with pytest.raises(UnknownDatabase):
            fake.client(protocol="json2", db=name).existing("sale.order", [1])
    assert not fake.requests


def values() -> st.SearchStrategy[Any]:
    plain = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["\ud800", "\0", "\uffff"])
    )
    names = st.sampled_from(
        ["id", "name", "type", "data", "message", "uid", "error", "result", "jsonrpc", "partner_id"]
    )
    return st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner), max_leaves=12)


def bodies() -> st.SearchStrategy[bytes]:
    written = values().map(lambda value: json.dumps(value).encode())
    enveloped = values().map(lambda value: json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode())
    failed = values().map(lambda value: json.dumps({"jsonrpc": "2.0", "id": 1, "error": value}).encode())
    tags = st.sampled_from(
        "value int i8 double bigdecimal string nil boolean base64 array data struct member name fault params".split()
    )
    inner = st.recursive(
        st.text(max_size=5), lambda more: st.tuples(tags, st.lists(more, max_size=3)).map(_element), max_leaves=8
    )
    parsed = inner.map(lambda text: xml(text).encode(errors="surrogatepass"))
    faulty = st.tuples(inner, inner).map(lambda both: fault(*both).encode(errors="surrogatepass"))
    return st.one_of(st.binary(max_size=200), written, enveloped, failed, parsed, faulty)


def _element(parts: tuple[str, list[str]]) -> str:
    return f"<{parts[0]}>{''.join(parts[1])}</{parts[0]}>"


def headers() -> st.SearchStrategy[dict[str, bytes]]:
    names = st.sampled_from(["retry-after", "date", "content-type", "location", "set-cookie", "content-length"])
    texts = st.one_of(
        st.text(max_size=20).map(lambda text: text.encode(errors="replace").replace(b"\n", b"").replace(b"\r", b"")),
        st.sampled_from([b"\xb2", b"Fri, 31 Dec 9999 23:59:59 -2359", b"Mon, 01 Jan 0001 00:00:00 +0300", b"9" * 400]),
    )
    return st.dictionaries(names, texts, max_size=3)


@HARD
@given(
    protocol=st.sampled_from((*PROTOCOLS, "auto")),
    answers=st.lists(
        st.tuples(st.sampled_from([200, 200, 200, 204, 303, 400, 404, 429, 500, 503]), headers(), bodies()) | st.none(),
        min_size=1,
        max_size=12,
    ),
)
def test_any_answer_ends_in_a_value_or_in_one_of_our_errors(
    protocol: str, answers: list[tuple[int, dict[str, bytes], bytes] | None]
) -> None:
    fake = company()
    fake.failures = [
        one and httpx.Response(one[0], headers=[(name.encode(), text) for name, text in one[1].items()], content=one[2])
        for one in answers
    ]
    with fake.client(protocol=protocol, attempts=2) as client:
        asked(client)
    assert SECRET not in repr(client)


@HARD
@given(
    protocol=st.sampled_from(PROTOCOLS),
    model=st.sampled_from(["sale.order", "sale.order.line", "res.partner"]),
    data=st.data(),
)
def test_a_hostile_value_in_a_record_spoils_no_other(protocol: str, model: str, data: st.DataObject) -> None:
    fake = company()
    fields = [name for name in fake.models[model] if name not in ("id", "write_date")]
    field = data.draw(st.sampled_from(fields))
    value = data.draw(values())
    fake.rows[model][2][field] = value
    with fake.client(protocol=protocol) as client:
        read = read_tree(client, ORDER, [1, 2, 3], "auto", RelatedCache())
    whole = {each["id"]: each for each in read if isinstance(each, dict)}
    assert whole[1]["numero"] == "S1"
    assert whole[3]["linhas"] == [{"id": 3, "quantidade": 1.0}]
    assert {1, 2, 3} == {each["id"] if isinstance(each, dict) else each.id for each in read}
