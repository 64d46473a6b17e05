"""Every answer that a real Odoo 17 gave is understood: as a result or as the right error."""

import xmlrpc.client
from pathlib import Path

import httpx
import pytest
from fake_odoo import SECRET, FakeOdoo
from pydantic import SecretStr

from blocks.odoo.errors import AccessDenied, AccessError, Fault, UnknownDatabase, UnknownField, UnknownModel
from blocks.odoo.faults import Account
from blocks.odoo.protocols import WIRES
from blocks.odoo.records import normalised

WIRE = Path(__file__).parents[2] / "recordings" / "odoo" / "wire"
RESPONSES = sorted(path.name.removesuffix(".response.xml") for path in WIRE.glob("*.response.xml"))
NONE_RESULTS = {"65_method_returning_none", "66_action_none", "81_none_but_committed"}
ERRORS = {
    "06_authenticate_unknown_db": UnknownDatabase,
    "25_read_unknown_field": UnknownField,
    "26_search_read_unknown_field": UnknownField,
    "27_domain_unknown_field": UnknownField,
    "28_order_unknown_field": UnknownField,
    "29_unknown_model": Fault,  # a UserError as any other until fields_get has been asked: see below
    "30_unknown_method": Fault,
    "31_private_method": AccessError,
    "32_unknown_kwarg": Fault,
    "33_access_error_read": AccessError,
    "35_access_error_write": AccessError,
    "36_bad_password_object": AccessDenied,
    "38_bad_db_object": UnknownDatabase,
    "39_uid_false": AccessDenied,
    "41_domain_bad_operator": Fault,
    "42_domain_not_list": Fault,
    "43_domain_tuple_of_2": Fault,
    "44_domain_missing_operand": Fault,
    "45_domain_bad_date": Fault,
    "56_limit_negative": Fault,
    "72_legacy_xmlrpc1_fault": UnknownField,
    "88_seed_picking": UnknownField,
    "91_seed_move_quantity_done_v16": UnknownField,
    "92_seed_moveline_qty_done_v16": UnknownField,
    "93_seed_reserved_availability_v16": UnknownField,
    "94_seed_mrp_date_planned_v16": UnknownField,
}


def answer(name: str, db: str = "naoexiste") -> object:
    response = httpx.Response(
        200,
        content=(WIRE / f"{name}.response.xml").read_bytes(),
        request=httpx.Request("POST", "https://odoo.example/xmlrpc/2/object"),
    )
    return WIRES["xmlrpc"].decode(response, Account(httpx.URL("https://odoo.example"), db, "admin", SecretStr(SECRET)))


def test_all_recordings_are_here() -> None:
    assert len(RESPONSES) == 88
    assert set(ERRORS) | NONE_RESULTS <= set(RESPONSES)


@pytest.mark.parametrize("name", [name for name in RESPONSES if name not in ERRORS])
def test_a_recorded_result_is_what_the_standard_library_decodes(name: str) -> None:
    expected = None
    if name not in NONE_RESULTS:
        (expected,), _ = xmlrpc.client.loads((WIRE / f"{name}.response.xml").read_bytes())
    assert answer(name) == expected


@pytest.mark.parametrize(("name", "error"), ERRORS.items())
def test_a_recorded_fault_is_the_right_error_with_its_last_line_only(name: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        answer(name)
    assert type(caught.value) is error
    assert "Traceback" not in str(caught.value)
    assert "\n  " not in str(caught.value)


def test_an_unknown_field_is_named_whether_read_or_searched() -> None:
    for name, model, field in [
        ("25_read_unknown_field", "stock.picking", "move_lines"),
        ("27_domain_unknown_field", "stock.picking", "campo_x"),
        ("28_order_unknown_field", "stock.picking", "campo_x"),
    ]:
        with pytest.raises(UnknownField) as caught:
            answer(name)
        assert (caught.value.model, caught.value.fields) == (model, (field,))


def test_a_model_that_is_unknown_in_portuguese_is_an_unknown_model() -> None:
    """The recorded text is Portuguese; what tells is that fields_get fails in the same way."""
    fault = (WIRE / "29_unknown_model.response.xml").read_bytes()
    fake = FakeOdoo({}, {})
    fake.failures = [None, httpx.Response(200, content=fault), httpx.Response(200, content=fault)]
    with pytest.raises(UnknownModel) as caught:
        fake.client(protocol="xmlrpc").call("modelo.inexistente", "search_read", [])
    assert caught.value.model == "modelo.inexistente"


def test_recorded_values_become_none_ids_and_lists_by_type() -> None:
    (order, *_) = answer("09_search_read_sale_order")
    types = {
        "commitment_date": "datetime",
        "client_order_ref": "char",
        "locked": "boolean",
        "partner_id": "many2one",
        "order_line": "one2many",
        "amount_total": "monetary",
    }
    plain = normalised(order, types, labels=False)
    assert plain["commitment_date"] is None
    assert plain["locked"] is False
    assert plain["partner_id"] == 26
    assert plain["order_line"] == [11, 12, 13, 14, 15]
    assert plain["amount_total"] == 5694.39
    assert normalised(order, types, labels=True)["partner_id"] == (26, "Mercearia Três Irmãos ME")


def test_a_false_label_is_none_and_zero_stays_zero() -> None:
    record = {"purchase_request_line_id": [54, False], "qty": 0.0, "note": "", "active": False}
    types = {"purchase_request_line_id": "many2one", "qty": "float", "note": "text", "active": "boolean"}
    shown = normalised(record, types, labels=True)
    assert shown == {"purchase_request_line_id": (54, None), "qty": 0.0, "note": None, "active": False}
