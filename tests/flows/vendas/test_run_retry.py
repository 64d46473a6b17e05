"""Retry in the UI redoes only what failed: deployed runs, executed by a worker, moved by the API as the UI does it."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.odoo import OdooProcess, odoo_process
from tests.flows.conftest import Deployed, House, run_to_its_end

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ORDERS, LINES = 600, 2
BATCHES = 3
DONE = "parcial"
"""How a run of this company ends: some of its products have no code."""


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooProcess]:
    """Enough orders for three batches."""
    with odoo_process(company="generated", orders=ORDERS, lines_per_order=LINES) as process:
        yield process


def batches_read(house: House, model: str = "sale.order") -> int:
    return house.calls().get(f"{model}.read", 0)


def logged(house: House, entity: str) -> list[str]:
    return [
        row[0]
        for row in house.rows("SELECT status FROM log_integracao WHERE tipo_integracao = %(e)s ORDER BY id", e=entity)
    ]


def test_retry_redoes_only_the_failed_batches_of_an_entity(house: House, api: httpx.Client, deployed: Deployed) -> None:
    house.odoo.control("faults", kind="html", model="sale.order.line", method="read", times=2)
    run = run_to_its_end(api, deployed.start("carteira/carteira-recuperacao", house.environment))
    assert run["state_type"] == "FAILED", deployed.worker.tail()
    assert f"2 de {BATCHES} lotes falharam" in run["state"]["message"]
    assert batches_read(house) == BATCHES
    stored = house.rows("SELECT id, xmin::text FROM carteira_principal ORDER BY id")
    assert stored
    assert house.checkpoint() is None

    house.forget_calls()
    again = run_to_its_end(api, deployed.retry(run["id"]))
    assert again["state_type"] == "COMPLETED", deployed.worker.tail()
    assert batches_read(house) == 2
    assert "sale.order.search_read" not in house.calls()  # nor is the list made again
    rows = house.rows("SELECT id, xmin::text FROM carteira_principal ORDER BY id")
    assert rows[: len(stored)] == stored
    lines = house.rpc("sale.order.line", "search_count", [])
    status, message, processed, _ = house.last_log()
    assert (status, processed) == (DONE, lines)
    assert f"{ORDERS} documentos, {lines} lidos ({len(rows)} novos" in message
    assert house.checkpoint() is not None


def result_of(api: httpx.Client, run: str) -> Path:
    """Where the result lies of the one entity of a domain's run that completed."""
    wanted = {"flow_runs": {"parent_flow_run_id": {"any_": [run]}, "state": {"type": {"any_": ["COMPLETED"]}}}}
    [done] = api.post("/flow_runs/filter", json=wanted).raise_for_status().json()
    assert done["state"]["data"]["serializer"] == {"type": "sincronia-json"}
    return Path(done["state"]["data"]["storage_key"])


def test_retry_of_a_domain_run_redoes_only_what_failed_of_the_failed_entity_and_needs_the_others_results(
    house: House, api: httpx.Client, deployed: Deployed
) -> None:
    house.odoo.control("faults", kind="html", model="crm.tag", method="read")  # which only carteira reads
    run = run_to_its_end(api, deployed.start("vendas/vendas-agendada", house.environment))
    assert run["state_type"] == "FAILED", deployed.worker.tail()
    assert "carteira" in run["state"]["message"]
    assert logged(house, "faturamento") == [DONE]
    assert logged(house, "carteira") == ["erro"]
    invoices = house.rows("SELECT id, xmin::text FROM faturamento_produtos ORDER BY id")

    kept = result_of(api, run["id"])
    assert all(json.loads(each.read_bytes()) for each in kept.parent.glob("[!.]*") if each.is_file())
    assert (kept.parent.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o700, 0o600)
    kept.rename(kept.with_suffix(".removed"))
    again = run_to_its_end(api, deployed.retry(run["id"]))
    assert again["state_type"] == "FAILED", deployed.worker.tail()
    message: str = again["state"]["message"]
    assert message.startswith("ResultGone: Este Retry não pode continuar: o resultado de faturamento"), message
    assert "não está mais guardado" in message
    assert "\n" not in message
    assert logged(house, "carteira") == ["erro"]  # it was not begun
    kept.with_suffix(".removed").rename(kept)

    house.forget_calls()
    again = run_to_its_end(api, deployed.retry(run["id"]))
    assert again["state_type"] == "COMPLETED", deployed.worker.tail()
    assert logged(house, "faturamento") == [DONE]
    assert logged(house, "carteira") == ["erro", DONE]
    calls = house.calls()
    assert "account.move.read" not in calls
    assert "account.move.search_read" not in calls
    assert (calls["sale.order.read"], calls.get("sale.order.search_read")) == (1, None)
    assert house.last_log()[2] == house.rpc("sale.order.line", "search_count", [])
    assert house.rows("SELECT id, xmin::text FROM faturamento_produtos ORDER BY id") == invoices
