"""A process that runs the historical load under Prefect is killed in the middle of a month."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.tiny import TinyProcess, tiny_process
from flows.run.lock import limit_name
from flows.tiny_os.carga_historica import CARGA, tiny_carga
from tests.flows.conftest import eventually
from tests.flows.tiny_os.conftest import TinyHouse

pytestmark = [pytest.mark.prefect, pytest.mark.recovery]

ROOT = Path(__file__).parents[3]
SPAN = {"de": "2026-06", "ate": "2026-10"}
IN_HAND = "2026-08"
BATCH = 10
"""Orders of a batch, in a month with so few."""


@pytest.fixture(scope="module")
def process() -> Iterator[TinyProcess]:
    with tiny_process(orders=60, months=6, quota=100_000, clock="2026-11-22T15:00:00") as tiny:
        for _ in range(30):
            tiny.control("create", data=f"{IN_HAND}-15", situacao="3")
        yield tiny


def details(tiny_house: TinyHouse) -> dict[str, int]:
    """How often each order was read since the last reset."""
    return tiny_house.tiny.control("calls", ids=True)["ids"]  # type: ignore[no-any-return]


def stored(tiny_house: TinyHouse) -> list[tuple[Any, ...]]:
    return [
        *tiny_house.rows(
            "SELECT to_jsonb(o) - 'data_extracao' - 'verificado_em' - 'leitura' FROM tiny.ordens_servico o ORDER BY id"
        ),
        *tiny_house.rows(
            "SELECT id_os, status_antigo, status_novo, origem FROM tiny.ordem_status_history ORDER BY 1, 3"
        ),
        *tiny_house.rows("SELECT entidade FROM sync_metadata ORDER BY 1"),
    ]


def free_slot(api: httpx.Client) -> None:
    """Free the killed run's slot now; Prefect frees it by itself after the lease of a minute."""
    limit = api.get(f"/v2/concurrency_limits/{limit_name(CARGA.name)}").raise_for_status().json()
    api.patch(f"/v2/concurrency_limits/{limit['id']}", json={"active_slots": 0}).raise_for_status()


def test_a_killed_load_goes_on_with_at_most_the_month_in_hand(tiny_house: TinyHouse, api: httpx.Client) -> None:
    month_of = {str(each["id"]): each["data"][:7] for each in tiny_house.tiny.control("orders")["orders"]}
    of_month = sorted(order_id for order_id, month in month_of.items() if month == IN_HAND)
    assert len(of_month) > 3 * BATCH  # several batches are in flight
    hung = of_month[len(of_month) // 2]
    tiny_house.tiny.control("reset")
    tiny_house.tiny.control("faults", kind="delay", seconds=600, path=f"/ordem-servico/{hung}")
    call = f"from flows.tiny_os.carga_historica import tiny_carga; tiny_carga(**{SPAN})"
    loading = subprocess.Popen(
        [sys.executable, "-c", call],
        cwd=ROOT,
        env=tiny_house.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        eventually(lambda: hung in details(tiny_house) or loading.poll() is not None, f"the detail of {hung}")
        count = f"SELECT count(*) FROM tiny.ordens_servico WHERE to_char(data_emissao, 'YYYY-MM') = '{IN_HAND}'"
        others = len(of_month) - BATCH
        eventually(lambda: tiny_house.rows(count)[0][0] >= others or loading.poll() is not None, "the other batches")
        assert loading.poll() is None, loading.communicate()[0].decode()
        os.kill(loading.pid, signal.SIGKILL)
    finally:
        loading.kill()
        loading.communicate()
    assert loading.returncode == -signal.SIGKILL
    checkpoints = "SELECT right(entidade, 7) FROM sync_metadata WHERE entidade LIKE 'tiny_carga:%%' ORDER BY 1"
    assert tiny_house.rows(checkpoints) == [("2026-06",), ("2026-07",)]
    before = details(tiny_house)
    tiny_house.tiny.control("reset")
    free_slot(api)
    eventually(
        lambda: tiny_house.rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)], "its locks"
    )
    name, result = tiny_house.completed(tiny_carga, **SPAN)
    assert (name, result["meses_ja_carregados"]) == ("Completed", 2)
    again = details(tiny_house).keys() & before.keys()
    assert {month_of[order_id] for order_id in again} <= {IN_HAND}
    assert 1 <= len(again) <= BATCH  # of the month in hand only the batch that hung
    killed = stored(tiny_house)
    tables = ("ordens_servico", "contatos", "enderecos", "marcadores", "ordem_status_history")
    named = ", ".join(f"tiny.{each}" for each in tables)
    with tiny_house.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {named}, sync_metadata CASCADE")
    tiny_house.completed(tiny_carga, **SPAN)
    assert stored(tiny_house) == killed
