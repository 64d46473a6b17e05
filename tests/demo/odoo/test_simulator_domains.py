"""Domains, order and pages: what the recordings do not show."""

from typing import Any

import pytest
from simulator_rpc import Failed, JsonRpc


@pytest.fixture(scope="module")
def orders(odoo: Any) -> list[int]:
    """Three orders that differ in every way the domains below ask for."""
    with JsonRpc(odoo) as rpc:
        values = [
            {"client_order_ref": "Água 10%", "partner_id": 20, "locked": True},
            {"client_order_ref": "AGUA_10", "partner_id": 31},
            {"partner_id": 24, "commitment_date": "2026-12-24 03:00:00"},
        ]
        ids: list[int] = rpc.call("sale.order", "create", values)
        return ids


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ([["client_order_ref", "=", False]], {2}),
        ([["client_order_ref", "!=", "AGUA_10"]], {0, 2}),  # a value excluded keeps the records without one
        ([["client_order_ref", "!=", False]], {0, 1}),
        ([["client_order_ref", "in", ["AGUA_10", False]]], {1, 2}),
        ([["client_order_ref", "not in", ["AGUA_10"]]], {0, 2}),
        ([["client_order_ref", "not in", ["AGUA_10", False]]], {0}),
        ([["client_order_ref", "like", "gua"]], {0}),
        ([["client_order_ref", "ilike", "gua"]], {0, 1}),
        ([["client_order_ref", "not ilike", "água"]], {1, 2}),
        ([["client_order_ref", "=like", "AGUA%"]], {1}),
        ([["client_order_ref", "=ilike", "agua__0"]], {1}),
        ([["locked", "=", True]], {0}),
        ([["locked", "!=", True]], {1, 2}),
        ([["locked", "=", False]], {1, 2}),
        ([["commitment_date", "<", "2027-01-01"]], {2}),
        ([["commitment_date", "=", False]], {0, 1}),
        (["|", ["locked", "=", True], ["commitment_date", "!=", False]], {0, 2}),
        (["!", "|", ["locked", "=", True], ["commitment_date", "!=", False]], {1}),
        (["&", ["locked", "=", False], ["partner_id", "=", 31]], {1}),
        ([["partner_id", "child_of", 20]], {0, 1}),
        ([["partner_id", "ilike", "sabor"]], {2}),
        ([["partner_id.parent_id.name", "ilike", "bom preço"]], {1}),
        ([["partner_id", "any", [["city", "=", "Santos"]]]], {0}),
        ([["order_line", "=", False]], {0, 1, 2}),
        ([["order_line.product_id.default_code", "=", "4310162"]], set()),
        ([[1, "=", 1]], {0, 1, 2}),
        ([[0, "=", 1]], set()),
    ],
)
def test_a_domain_selects(rpc: JsonRpc, orders: list[int], domain: list[Any], expected: set[int]) -> None:
    found = rpc.call("sale.order", "search", ["&", ["id", "in", orders], *(["&"] * (_terms(domain) - 1)), *domain])
    assert {orders.index(record) for record in found} == expected


def _terms(domain: list[Any]) -> int:
    """How many complete terms a domain lists."""
    arity = {"&": 1, "|": 1, "!": 0}
    return sum(-arity[token] if isinstance(token, str) else 1 for token in domain)


def test_keyset_pages_hold_every_record_once(rpc: JsonRpc) -> None:
    everything = rpc.call("sale.order.line", "search", [], order="id")
    seen: list[int] = []
    while page := rpc.call("sale.order.line", "search", [["id", ">", seen[-1] if seen else 0]], order="id", limit=50):
        seen += page
    assert seen == everything == sorted(everything)


def test_order_by_another_models_order_and_empty_values(rpc: JsonRpc, orders: list[int]) -> None:
    domain = [["id", "in", orders]]
    assert rpc.call("sale.order", "search", domain, order="commitment_date, id") == [orders[2], orders[0], orders[1]]
    assert rpc.call("sale.order", "search", domain, order="commitment_date desc, id desc") == [
        orders[1],
        orders[0],
        orders[2],
    ]
    by_partner = rpc.call("sale.order", "search_read", domain, fields=["partner_id"], order="partner_id, id")
    assert [row["partner_id"][0] for row in by_partner] == [24, 20, 31]  # by complete name


def test_the_default_order_is_the_models(rpc: JsonRpc) -> None:
    rows = rpc.call("sale.order", "search_read", [], fields=["date_order"])
    assert [(row["date_order"], row["id"]) for row in rows] == sorted(
        ((r["date_order"], r["id"]) for r in rows), reverse=True
    )


def test_us_order_of_dates_with_slashes(rpc: JsonRpc) -> None:
    may = rpc.call("sale.order", "search_count", [["date_order", ">=", "05/11/2026"]])
    assert may == rpc.call("sale.order", "search_count", [["date_order", ">=", "2026-05-11"]])


@pytest.mark.parametrize(
    "domain", ["x", [["state", "="]], ["|", ["state", "=", "sale"]], [["order_id", "=", 1]], [["state.x", "=", 1]]]
)
def test_bad_domains_fail(rpc: JsonRpc, domain: Any) -> None:
    with pytest.raises(Failed, match="builtins"):
        rpc.call("sale.order", "search", domain)


def test_archived_records_are_hidden_unless_asked_for(rpc: JsonRpc) -> None:
    rpc.call("product.product", "write", [1], {"active": False})
    assert rpc.call("product.product", "search", [["id", "=", 1]]) == []
    assert rpc.call("product.product", "search", [["id", "=", 1], ["active", "in", [True, False]]]) == [1]
    assert rpc.call("product.product", "search", [["id", "=", 1]], context={"active_test": False}) == [1]


def test_name_search_gives_ids_with_labels(rpc: JsonRpc) -> None:
    assert rpc.call("product.product", "name_search", "4310162", limit=1)[0][1].startswith("[4310162]")
    assert [24, "Cozinha Industrial Sabor & Cia"] in rpc.call("res.partner", "name_search", name="sabor")
