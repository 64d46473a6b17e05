"""A Prefect server of its own, with deployments and workers that tests may stop and kill."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench.scene import Scene, scene
from demo.odoo import OdooProcess
from demo.postgres import Postgres
from tests.flows.conftest import eventually

QUICK = {"PREFECT_WORKER_QUERY_SECONDS": "1", "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.1"}


@pytest.fixture(scope="module")
def stage(postgres: Postgres, odoo: OdooProcess) -> Iterator[Scene]:
    """The recorded company synced once; no worker is left running by a test."""
    with scene(postgres, odoo, server={}, worker=QUICK) as on:
        yield on


@pytest.fixture
def on(stage: Scene) -> Scene:
    """The stage with no fault planned and nothing under way."""
    stage.odoo.control("reset")
    assert not stage.waiting()
    return stage


def change(on: Scene, order: int) -> str:
    """Somebody changes an order in Odoo; what they write."""
    text = uuid.uuid4().hex
    on.odoo.control("late_commit", model="sale.order", ids=[order], values={"client_order_ref": text}, seconds=0)
    return text


def reference(on: Scene, order: int) -> str | None:
    """What the database has of it."""
    found = on.rows("SELECT DISTINCT pedido_cliente FROM carteira_principal WHERE odoo_order_id = %(o)s", o=order)
    return str(found[0][0]) if found else None


def slow(on: Scene, seconds: float) -> None:
    """The next run of carteira waits for so long in the middle of its reading."""
    on.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=seconds)


def at_work(on: Scene, what: str = "a run at work") -> None:
    """Wait until a run of carteira reads."""
    eventually(lambda: on.odoo.control("calls")["methods"].get("sale.order.line.read"), what)


def ended(on: Scene, run: str) -> Any:
    """The run in its last state."""
    last: Callable[[], Any] = lambda: (found := on.run(run))["state_type"] in FINAL and found  # noqa: E731
    return eventually(last, f"run {run}", 90)


FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
