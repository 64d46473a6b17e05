"""The five jobs as Prefect runs them."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from blocks.banco import AdvisoryLock
from demo.tiny import TinyProcess, tiny_process
from flows.run import lock
from flows.tiny_os.carga_historica import CARGA, tiny_carga
from flows.tiny_os.falhas import FALHAS, tiny_falhas
from flows.tiny_os.integridade import INTEGRIDADE, tiny_integridade
from flows.tiny_os.renovacao import TOKEN, tiny_token
from flows.tiny_os.sincronizacao import TINY_OS, tiny_os
from tests.flows.tiny_os.conftest import TinyHouse

pytestmark = pytest.mark.prefect

JOBS = (TINY_OS, INTEGRIDADE, FALHAS, CARGA, TOKEN)


@pytest.fixture(scope="module")
def process() -> Iterator[TinyProcess]:
    with tiny_process(orders=60, months=6, quota=100_000, clock="2026-11-22T15:00:00") as tiny:
        yield tiny


def shown(api: httpx.Client, key: str) -> list[dict[str, Any]]:
    artifact = api.get(f"/artifacts/{key}/latest").raise_for_status().json()
    return json.loads(artifact["data"])  # type: ignore[no-any-return]


def test_the_jobs_complete_and_leave_their_records(tiny_house: TinyHouse, api: httpx.Client) -> None:
    assert tiny_house.completed(tiny_carga, de="2026-08", ate="2026-10")[1]["novos"] > 0
    assert {line["item"]: line["valor"] for line in shown(api, "tiny-carga-progresso")}["meses prontos"] == "3 de 3"
    assert tiny_house.completed(tiny_os)[1]["novos"] > 0
    again = tiny_house.completed(tiny_os)[1]
    assert (again["novos"], again["efeitos"]["ordens revisitadas"]) == (0, 5)
    assert tiny_house.completed(tiny_integridade)[1]["novos"] > 0
    table = {line["item"]: (line["tiny"], line["banco"]) for line in shown(api, "tiny-integridade")}
    assert table["total de ordens"] == ("60", "60")
    assert tiny_house.completed(tiny_falhas)[1]["lidos"] == 0
    assert tiny_house.completed(tiny_token)[1]["efeitos"] == {"renovações": 0}
    logged = tiny_house.rows("SELECT DISTINCT tipo_integracao, status FROM log_integracao ORDER BY 1")
    assert logged == sorted((job.name, "sucesso") for job in JOBS)


def test_a_dry_run_leaves_nothing(tiny_house: TinyHouse) -> None:
    assert tiny_house.completed(tiny_os, dry_run=True)[1]["novos"] > 0
    assert tiny_house.rows("SELECT 1 FROM tiny.ordens_servico UNION SELECT 1 FROM log_integracao") == []


def test_a_run_that_stops_early_says_so(tiny_house: TinyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blocks.tiny.sending._BACKOFF", lambda _: 0.0)
    tiny_house.tiny.control("faults", kind="503", times=1000, path="/ordem-servico/*")
    state = tiny_os(return_state=True)
    assert (state.type.value, state.name) == ("COMPLETED", "Parcial")
    assert "parou" in state.message
    assert state.result()["parcial"]


def test_a_run_is_skipped_while_another_holds_its_lock(tiny_house: TinyHouse) -> None:
    other = AdvisoryLock(tiny_house.engine, lock.limit_name(TINY_OS.name))
    assert other.acquire()
    try:
        assert tiny_os(return_state=True).name == "Skipped"
    finally:
        other.release()
