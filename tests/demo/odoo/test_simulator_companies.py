"""The companies and profiles a simulator can hold, and how its process starts and ends."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from simulator_rpc import Failed, JsonRpc

import demo.odoo
from demo.odoo import OdooProcess, odoo_process
from demo.processes import DemoError

COMPANY = Path(demo.odoo.__file__).with_name("company")


def test_every_recorded_record_reads_as_it_was_recorded(recorded: OdooProcess) -> None:
    models = json.loads(gzip.decompress((COMPANY / "records.json.gz").read_bytes()))["records"]
    with JsonRpc(recorded) as rpc:
        for model, rows in models.items():
            names = set.intersection(*(set(row) for row in rows))  # the two rows that the wire shows whole have more
            shown = rpc.call(model, "search_read", [], fields=sorted(names), context={"active_test": False})
            by_id = {row["id"]: row for row in shown}
            for row in rows:
                assert by_id[row["id"]] == {name: row[name] for name in names}, model


def test_the_generated_company_holds_what_importers_stumble_over() -> None:
    with odoo_process(company="generated", orders=240, lines_per_order=6, seed=3) as odoo, JsonRpc(odoo) as rpc:
        orders = rpc.call(
            "sale.order", "search_read", [], fields=["state", "order_line", "invoice_ids", "commitment_date"]
        )
        lines = rpc.call(
            "sale.order.line", "search_read", [], fields=["order_id", "product_id", "display_type", "qty_invoiced"]
        )
        moves = rpc.call("account.move", "search_read", [], fields=["state", "move_type", "name", "invoice_origin"])
        codes = Counter(
            row["default_code"] for row in rpc.call("product.product", "search_read", [], fields=["default_code"])
        )
        assert len(orders) == 240
        assert len(lines) == 1440
        assert {order["state"] for order in orders} == {"draft", "sent", "sale", "cancel"}
        assert 0.2 < sum(bool(order["invoice_ids"]) for order in orders) / 240 < 0.5
        assert {line["display_type"] for line in lines} == {False, "line_section", "line_note"}
        assert any(count > 1 for count in Counter(_pair(line) for line in lines if line["product_id"]).values())
        assert any(line["qty_invoiced"] for line in lines)
        assert {move["state"] for move in moves} == {"draft", "posted", "cancel"}
        assert [move["move_type"] for move in moves].count("out_refund") == 1
        assert all((move["name"] == "/") == (move["state"] == "draft") for move in moves)
        assert codes[False] > 1 and codes.most_common(2)[1][1] == 2
        vats = [
            row["vat"] for row in rpc.call("res.partner", "search_read", [["customer_rank", ">", 0]], fields=["vat"])
        ]
        assert all(re.fullmatch(r"\d{2}\.\d{3}\.\d{3}/0001-\d{2}|\d{3}\.\d{3}\.\d{3}-\d{2}", vat) for vat in vats)
        assert rpc.call("product.category", "search_count", [["parent_id.parent_id", "!=", False]])


def _pair(line: dict[str, Any]) -> tuple[int, int]:
    return line["order_id"][0], line["product_id"][0]


def test_the_same_seed_makes_the_same_company() -> None:
    def read(seed: int) -> Any:
        options = {"company": "generated", "orders": 20, "seed": seed, "clock": "2026-11-22T00:00:00"}
        with odoo_process(**options) as odoo, JsonRpc(odoo) as rpc:
            return [rpc.call(model, "search_read", [], order="id") for model in ("sale.order", "res.partner")]

    assert read(5) == read(5)


@pytest.mark.parametrize("company", ["recorded", "generated"])
def test_the_ciel_it_profile_adds_its_fields(company: str) -> None:
    with odoo_process(company=company, orders=60, profile="ciel_it") as odoo, JsonRpc(odoo) as rpc:
        order = rpc.call("sale.order", "search_read", [["client_order_ref", "!=", False]], limit=1, order="id")[0]
        assert order["l10n_br_pedido_compra"] == order["client_order_ref"]
        assert order["l10n_br_tipo_pedido"] in ("venda", "bonificacao", "industrializacao", "exportacao")
        domain = [["l10n_br_cnpj", "!=", False], ["customer_rank", ">", 0]]
        partner = rpc.call("res.partner", "search_read", domain, limit=1)[0]
        assert partner["l10n_br_cnpj"] == partner["vat"]
        assert re.fullmatch(r".+ \([A-Z]{2}\)", partner["l10n_br_municipio_id"][1])
        posted = rpc.call("account.move", "search_read", [["state", "=", "posted"]], limit=1)[0]
        assert posted["l10n_br_numero_nota_fiscal"].isdigit()
        lines = rpc.call("sale.order.line", "search_read", [["qty_invoiced", ">", 0]], limit=1)
        assert lines[0]["qty_saldo"] == lines[0]["product_uom_qty"] - lines[0]["qty_invoiced"]
        assert rpc.call("sale.order", "fields_get", ["carrier_id"])["carrier_id"]["relation"] == "delivery.carrier"


def test_a_plain_odoo_has_none_of_them(recorded: OdooProcess) -> None:
    with JsonRpc(recorded) as rpc:
        with pytest.raises(Failed, match=r"Invalid field 'l10n_br_cnpj' on model 'res.partner'"):
            rpc.call("res.partner", "read", [1], fields=["l10n_br_cnpj"])
        with pytest.raises(Failed, match=r"delivery\.carrier"):
            rpc.call("delivery.carrier", "search", [])


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_nothing_is_left(tmp_path: Path, stop: signal.Signals) -> None:
    ready = tmp_path / "ready"
    command = [sys.executable, "-W", "error", "-m", "demo.odoo", "--ready-file", str(ready)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=COMPANY.parents[2]
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert re.search(r"http://127\.0\.0\.1:\d+", line)
        assert ready.read_text() in line
        process.send_signal(stop)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")
    assert not ready.exists()


def test_the_process_is_gone_after_the_block() -> None:
    with odoo_process() as odoo:
        os.kill(odoo.pid, 0)
        folder = odoo.log.parent
    with pytest.raises(ProcessLookupError):
        os.kill(odoo.pid, 0)
    assert not folder.exists()


def test_a_simulator_that_does_not_start_says_why() -> None:
    with pytest.raises(DemoError, match=r"10\.0\.0\.1 is not a loopback address"), odoo_process(host="10.0.0.1"):
        pass
