"""A worker asked to stop finishes what it runs, or hands it over; two of them never run an entity twice at once."""

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from bench.scene import Scene
from blocks.banco import AdvisoryLock
from flows.operacao import destravar
from flows.operacao.locks import look
from flows.operacao.worker import HANDED_OVER, REPOSSESSION
from flows.run.lock import limit_name
from tests.flows.conftest import eventually
from tests.flows.operacao.recovery.conftest import at_work, change, ended, reference, slow

pytestmark = [pytest.mark.prefect, pytest.mark.recovery]


def overlaps(on: Scene) -> list[Any]:
    """Pairs of runs of one entity that were at work at the same time, as they recorded it themselves."""
    return on.rows(
        """
        SELECT a.tipo_integracao, a.id, b.id FROM log_integracao a JOIN log_integracao b
        ON a.tipo_integracao = b.tipo_integracao AND a.id < b.id
        AND b.data_execucao < a.data_execucao + make_interval(secs => a.tempo_execucao)
        """
    )


def test_after_an_outage_one_run_catches_up_and_two_workers_never_run_an_entity_twice_at_once(on: Scene) -> None:
    written = {order: change(on, order) for order in (5, 7, 9)}
    outage = [on.new_run(due=datetime.now(UTC) - timedelta(minutes=30 * missed)) for missed in range(6, 0, -1)]
    slow(on, 3)
    with on.working("azul"), on.working("verde"):
        ends = [ended(on, run)["state_name"] for run in outage]
    assert ends.count("Completed") in (1, 2)  # a run is due as soon as the one before has ended
    assert set(ends) <= {"Completed", "Cancelled"}
    assert {order: reference(on, order) for order in written} == written
    assert on.rows("SELECT DISTINCT status FROM log_integracao WHERE tipo_integracao = 'carteira'") == [("sucesso",)]
    assert overlaps(on) == []


def test_a_worker_asked_to_stop_takes_no_new_run_and_finishes_its_own(on: Scene) -> None:
    slow(on, 6)
    text = change(on, 5)
    with on.working("antigo") as worker:
        run = on.new_run()
        at_work(on)
        os.kill(worker.pid, signal.SIGTERM)
        eventually(lambda: "Parando" in worker.tail(), "it stops")
        with on.working("novo"):
            other = on.new_run()
            assert worker.process.wait(60) == 0
            assert ended(on, run)["state_name"] == "Completed", worker.tail()
            assert reference(on, 5) == text
            assert ended(on, other)["state_name"] in ("Completed", "Cancelled")
        assert f"submitting flow run '{other}'" not in worker.log.read_text()


def test_what_does_not_finish_in_time_is_handed_over_and_another_worker_completes_it(on: Scene) -> None:
    slow(on, 60)
    text = change(on, 5)
    with on.working("antigo", "--espera", "1") as worker:
        run = on.new_run()
        at_work(on)
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.process.wait(60) == 0, worker.tail()
    handed = on.run(run)
    assert (handed["state_name"], handed["state"]["message"]) == ("AwaitingRetry", HANDED_OVER), worker.tail()
    due = datetime.fromisoformat(handed["next_scheduled_start_time"].replace("Z", "+00:00"))
    assert due - datetime.fromisoformat(handed["state"]["timestamp"].replace("Z", "+00:00")) > REPOSSESSION * 0.9
    assert reference(on, 5) != text
    assert not_running(on)
    on.odoo.control("reset")
    now_instead_of_later(on)
    with on.working("novo") as worker:
        assert ended(on, run)["state_name"] == "Completed", worker.tail()
    assert reference(on, 5) == text


def not_running(on: Scene) -> bool:
    """Whether the process that was cut off is gone: its session held the lock."""
    lock = AdvisoryLock(on.engine, limit_name("carteira"))
    taken = eventually(lock.acquire, "the database's lock is free", 10)
    lock.release()
    return bool(taken)


def now_instead_of_later(on: Scene) -> None:
    """What a minute more would do: Prefect frees the limit, and what was handed over is due."""
    api = temporary_settings({PREFECT_API_URL: on.environment["PREFECT_API_URL"]})
    with api, get_client(sync_client=True) as client:
        list(destravar.free(client, look(client, on.engine, "carteira")))
    now = {"scheduled_time": datetime.now(UTC).isoformat()}
    state = {"type": "SCHEDULED", "name": "AwaitingRetry", "state_details": now}
    question = {"flow_runs": {"state": {"name": {"any_": ["AwaitingRetry"]}}}}
    handed = on.api.post("/flow_runs/filter", json=question).raise_for_status().json()
    assert {run["name"].partition(":")[0] for run in handed} == {"vendas", "carteira"}
    for run in handed:
        on.api.post(f"/flow_runs/{run['id']}/set_state", json={"state": state, "force": True}).raise_for_status()
