"""The sync benchmark's parts that need no Prefect server: the bare read sees all, a process's memory is its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.errand import errand
from bench.measure import run_measured
from bench.report import ratio
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
