"""The productions of the generated company: what an importer has to cope with is there, and agrees as in Odoo."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from simulator_records import Records, generated
from simulator_rpc import JsonRpc

from demo.odoo import odoo_process

FIELDS = {
    "mrp.bom": "code product_tmpl_id product_qty product_uom_id bom_line_ids type active",
    "mrp.bom.line": "bom_id product_id product_qty product_uom_id child_bom_id",
    "mrp.production": (
        "name state product_id product_qty product_uom_id product_uom_qty qty_producing qty_produced bom_id date_start "
        "date_finished move_raw_ids move_finished_ids procurement_group_id backorder_sequence company_id write_date"
    ),
    "stock.move": (
        "state product_id product_uom_qty product_qty quantity picked picking_id production_id "
        "raw_material_production_id bom_line_id reference location_id location_dest_id move_line_ids company_id"
    ),
    "stock.move.line": "move_id quantity quantity_product_uom state reference",
    "stock.location": "usage company_id",
    "procurement.group": "name",
    "product.product": "uom_id product_tmpl_id",
}
CLOCK = "2026-12-01T12:00:00"


def read(orders: int, **options: Any) -> Records:
    return generated(FIELDS, orders=orders, clock=CLOCK, **options)


@pytest.fixture(scope="module")
def company() -> Records:
    return read(400, lines_per_order=1)


def test_every_state_is_there_and_one_in_six_has_a_backorder(company: Records) -> None:
    productions = company["mrp.production"].values()
    states = Counter(row["state"] for row in productions)
    assert states.keys() == {"draft", "confirmed", "progress", "to_close", "done", "cancel"}
    parts = defaultdict(list)
    for row in productions:
        parts[row["procurement_group_id"]].append(row)
    pairs = [rows for rows in parts.values() if len(rows) > 1]
    assert (len(parts), len(pairs)) == (66, 11)
    assert {tuple(row["state"] for row in pair) for pair in pairs} == {("done", "confirmed"), ("done", "done")}
    for pair in pairs:
        name = company["procurement.group"][pair[0]["procurement_group_id"]]["name"]
        assert [row["name"] for row in pair] == [f"{name}-001", f"{name}-002"]
        assert [row["backorder_sequence"] for row in pair] == [1, 2]
    assert len({row["name"] for row in productions}) == len(productions)
    assert {row["company_id"] for row in productions} == {1, 2}


def test_quantities_follow_the_state(company: Records) -> None:
    for row in company["mrp.production"].values():
        share = {"to_close": 1.0, "done": 1.0, "progress": 0.4}.get(row["state"], 0.0)
        assert row["qty_producing"] == pytest.approx(row["product_qty"] * share)
        assert row["qty_produced"] == (row["product_qty"] if row["state"] == "done" else 0.0)
        assert row["date_start"] < row["date_finished"]
        real = (share > 0, row["state"] == "done")
        assert not real[0] or row["date_start"] < "2026-12-01 12:00:00"
        assert not real[1] or row["date_finished"] == row["write_date"]


def test_some_are_in_another_unit_than_the_product_s(company: Records) -> None:
    units = company["product.product"]
    productions = company["mrp.production"].values()
    dozens = [row for row in productions if row["product_uom_id"] != units[row["product_id"]]["uom_id"]]
    assert 0 < len(dozens) < len(productions) / 5
    assert all(row["product_uom_qty"] == 12 * row["product_qty"] for row in dozens)
    others = [row for row in productions if row not in dozens]
    assert all(row["product_uom_qty"] == row["product_qty"] for row in others)


def test_bills_go_up_to_three_levels_deep(company: Records) -> None:
    boms, lines = company["mrp.bom"], company["mrp.bom.line"]

    def depth(bom: int) -> int:
        inner = [lines[line]["child_bom_id"] for line in boms[bom]["bom_line_ids"]]
        return 1 + max((depth(child) for child in inner if child), default=0)

    assert {depth(bom) for bom in boms} == {1, 2, 3}
    for row in lines.values():
        template = company["product.product"][row["product_id"]]["product_tmpl_id"]
        own = [bom["id"] for bom in boms.values() if bom["product_tmpl_id"] == template]
        assert own == ([row["child_bom_id"]] if row["child_bom_id"] else [])


def test_moves_agree_with_their_productions(company: Records) -> None:
    moves, lines, places = company["stock.move"], company["stock.move.line"], company["stock.location"]
    states = {"draft": "draft", "done": "done", "cancel": "cancel"}
    for production in company["mrp.production"].values():
        raw, made = ([moves[move] for move in production[f"move_{side}_ids"]] for side in ("raw", "finished"))
        bom = company["mrp.bom"][production["bom_id"]]
        assert sorted(move["bom_line_id"] for move in raw) == bom["bom_line_ids"]
        assert [move["product_uom_qty"] for move in made] == [production["product_qty"]]
        assert [move["product_qty"] for move in made] == [production["product_uom_qty"]]
        for move in raw:
            per_batch = company["mrp.bom.line"][move["bom_line_id"]]["product_qty"] / bom["product_qty"]
            assert move["product_uom_qty"] == pytest.approx(per_batch * production["product_uom_qty"], abs=0.01)
        for move in raw + made:
            assert move["state"] == states.get(production["state"], "assigned")
            assert (move["reference"], move["company_id"]) == (production["name"], production["company_id"])
            assert {places[move[end]]["usage"] for end in ("location_id", "location_dest_id")} == {
                "internal",
                "production",
            }
            assert {places[move[end]]["company_id"] for end in ("location_id", "location_dest_id")} == {
                move["company_id"]
            }
            assert sum(lines[line]["quantity"] for line in move["move_line_ids"]) == move["quantity"]
            assert move["picking_id"] is False


def test_it_is_capped_and_the_same_for_the_same_seed() -> None:
    small = read(5, lines_per_order=1, seed=4)
    assert len(small["procurement.group"]) > len(
        {row["procurement_group_id"] for row in small["mrp.production"].values()}
    )
    assert len({row["procurement_group_id"] for row in small["mrp.production"].values()}) == 24
    assert read(5, lines_per_order=1, seed=4) == small


def test_new_productions_are_numbered_on(company: Records) -> None:
    with odoo_process(company="generated", orders=5, clock=CLOCK) as odoo, JsonRpc(odoo) as rpc:
        names = [row["name"] for row in rpc.call("mrp.production", "search_read", [], fields=["name"])]
        for company_id, code in ((1, "WH"), (2, "CD")):
            values = {"product_id": 1, "product_qty": 5, "company_id": company_id}
            new = rpc.call("mrp.production", "create", values)
            (row,) = rpc.call("mrp.production", "read", [new], fields=["name", "bom_id", "move_raw_ids"])
            last = max(int(name.split("/")[2][:5]) for name in names if name.startswith(code))
            assert row["name"] == f"{code}/MO/{last + 1:05d}"
            assert row["bom_id"] and row["move_raw_ids"]
            rpc.call("mrp.production", "button_mark_done", [new])
