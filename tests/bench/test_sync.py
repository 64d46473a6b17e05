"""The sync benchmark's parts that need no Prefect server: the bare read sees all, a process's memory is its own."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.dlt_read import flat
from bench.documents_way import TABLE
from bench.errand import errand
from bench.measure import run_measured
from bench.processes import Ran
from bench.report import ratio
from bench.sync import (
    AGAIN,
    CASES,
    DLT,
    DLT_AGAIN,
    FIRST,
    OTHERS,
    TUNED,
    TUNED_AGAIN,
    Timing,
    _ratios,
    _scaled,
)
from demo.odoo import OdooProcess, odoo_process
from flows.vendas.carteira import DOCUMENTS


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooProcess]:
    with odoo_process(company="generated", orders=20, lines_per_order=10, profile="ciel_it") as running:
        yield running


def test_the_errand_names_what_carteira_declares(odoo: OdooProcess):
    models = errand(odoo, DOCUMENTS, "ciel_it")["models"]
    assert {"sale.order", "sale.order.line", "res.partner", "product.product", "product.category"} <= models.keys()
    assert {"name", "partner_id", "order_line", "write_date"} <= set(models["sale.order"]["fields"])
    assert models["sale.order"]["labels"]
    assert "order_line" not in models["sale.order"]["links"]
    assert models["sale.order.line"]["links"]["product_id"] == "product.product"


def test_the_bare_read_reads_every_document_line_and_reference_once(odoo: OdooProcess):
    given = json.dumps(errand(odoo, DOCUMENTS, "ciel_it"))
    command = [sys.executable, "-m", "bench.bare_read"]
    ran = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["records"]["sale.order"] == 20
    assert told["records"]["sale.order.line"] == 200
    assert told["records"]["res.partner"] >= 1
    assert told["calls"] < 30
    assert told["seconds"] > 0


def test_the_documents_way_stores_a_row_per_order_and_product(odoo: OdooProcess, tmp_path: Path):
    database = f"sqlite:///{tmp_path / 'rows.db'}"
    given = json.dumps(errand(odoo, DOCUMENTS, "ciel_it") | {"database": database, "orders": 3})
    command = [sys.executable, "-m", "bench.documents_way"]
    ran = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["records"] == {"lines": 30}
    assert told["calls"] > 3 + 2 * 20
    with closing(sqlite3.connect(tmp_path / "rows.db")) as rows:
        [(stored, orders)] = rows.execute(f"SELECT count(*), count(DISTINCT odoo_id) FROM {TABLE}")
    assert 20 < stored <= 30
    assert orders == 3


def test_what_the_documents_way_takes_is_reckoned_from_a_sample_at_twenty_milliseconds_a_call():
    sample = Ran(seconds=10.0, process_seconds=11.0, peak_mb=50.0, calls=400, records={"lines": 200})
    scaled = _scaled(sample, 2_000)
    assert (scaled.seconds, scaled.calls, scaled.process_seconds) == (80.0, 4_000, 11.0)


def test_dlt_as_documented_and_tuned_is_held_against_our_first_sync_and_the_run_after_it():
    took = {FIRST: 2.0, AGAIN: 0.5, DLT: 6.0, DLT_AGAIN: 1.0, TUNED: 5.0, TUNED_AGAIN: 1.5}
    timings = [
        Timing(1, rows, case, Ran(took.get(case, 4.0), 5.0, 150.0, 10, {}))
        for rows, case in ((100, FIRST), *((1_000, case) for case in (*CASES, *OTHERS)))
    ]
    held = {each.name: (each.ratio, each.met) for each in _ratios(timings, 100, 1_000) if each.name.startswith("dlt")}
    assert held == {
        "dlt / first sync": (3.0, True),
        "dlt-tuned / first sync": (2.5, False),
        "dlt / ours, again": (2.0, False),
        "dlt-tuned / ours, again": (3.0, True),
    }


def test_dlt_gets_values_without_false_and_labels_of_their_own():
    kinds = {"id": "integer", "partner_id": "many2one", "note": "text", "locked": "boolean"}
    record = {"id": 1, "partner_id": [7, "Mercado"], "note": False, "locked": False}
    assert flat(record, kinds) == {
        "id": 1,
        "partner_id": 7,
        "partner_id_label": "Mercado",
        "note": None,
        "locked": False,
    }


def test_a_process_is_measured_on_its_own(tmp_path: Path):
    program = "import sys; kept = bytearray(64_000_000); print(sys.stdin.read()); import time; time.sleep(0.2)"
    ran = run_measured([sys.executable, "-c", program], tmp_path / "log", os.environ, "heard")
    assert ran.output == "heard\n"
    assert 64 < ran.peak_mb < 110
    assert ran.seconds >= 0.2


def test_a_process_that_fails_says_why(tmp_path: Path):
    with pytest.raises(RuntimeError, match="exit code 3:\nbad luck"):
        run_measured([sys.executable, "-c", "print('bad luck'); raise SystemExit(3)"], tmp_path / "log", os.environ)


def test_a_ratio_is_the_median_of_the_rounds():
    over_bare = ratio("ours / bare", [2.0, 3.0, 9.0], [1.0, 2.0, 3.0], "at most", 1.5)
    assert (over_bare.ratio, over_bare.met) == (2.0, False)
    assert ratio("dlt / ours", [20.0], [2.0], "at least", 10).met
