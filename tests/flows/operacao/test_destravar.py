"""`destravar` shows who holds an entity's lock, frees a dead one, and refuses a live one."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from prefect import flow, get_client, runtime
from prefect.concurrency.sync import concurrency
from prefect.states import Running

from blocks.banco import AdvisoryLock
from flows.operacao import destravar
from flows.operacao.automations import SILENCE
from flows.operacao.locks import Lock, look
from flows.run.lock import limit_name
from flows.vendas.carteira import carteira
from tests.flows.conftest import ROOT, House, eventually

pytestmark = pytest.mark.prefect


def seen(house: House) -> Lock:
    with get_client(sync_client=True) as client:
        return look(client, house.engine, "carteira")


def freed(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = destravar.main(["carteira"])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_a_free_lock_leaves_nothing_to_do(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.completed(carteira)
    code, said = freed(capsys)
    assert code == 0
    assert "Limite sync-carteira do Prefect: livre" in said
    assert "Trava sync-carteira do banco: livre" in said
    assert "Nada a liberar" in said


def test_a_lock_with_a_live_session_is_shown_and_refused(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    other = AdvisoryLock(house.engine, limit_name("carteira"))
    assert other.acquire()
    try:
        code, said = freed(capsys)
        assert not AdvisoryLock(house.engine, limit_name("carteira")).acquire()
    finally:
        other.release()
    assert code == 1
    assert "RECUSADO" in said
    assert "(sincronia, 127.0.0.1/32)" in said
    assert "pg_terminate_backend" in said


@flow(name="ocupante", flow_run_name="ocupante de ensaio")
def holding(house: House) -> Lock:
    """Hold the Prefect limit and look at it from inside."""
    me = str(runtime.flow_run.id)
    with concurrency("sync-carteira", strict=True, lease_duration=60):
        return eventually(lambda: (lock := seen(house)).holder and str(lock.holder.run.id) == me and lock, "the event")


def test_the_run_that_holds_the_limit_is_shown_and_refused_while_it_gives_signs_of_life(house: House) -> None:
    lock = holding(house)
    assert (lock.slots, lock.session) == (1, None)
    assert lock.holder
    assert lock.holder.run.name == "ocupante de ensaio"
    assert "sinal de vida" in (lock.refusal(lock.holder.seen + SILENCE / 2) or "")
    assert lock.refusal(lock.holder.seen + SILENCE) is None


def test_a_silent_run_is_ended_and_its_slot_freed(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    lock = holding(house)
    assert lock.holder
    with get_client(sync_client=True) as client:
        # As after a kill: the run is Running for ever, and its slot taken.
        client.set_flow_run_state(lock.holder.run.id, Running(), force=True)
        slots = {"names": ["sync-carteira"], "slots": 1, "lease_duration": 60}
        client.request("POST", "/v2/concurrency_limits/increment-with-lease", json=slots)
        stuck = look(client, house.engine, "carteira")
        assert stuck.slots == 1
        assert stuck.holder
        assert stuck.holder.at_work
        assert list(destravar.free(client, stuck)) == [
            "Limite sync-carteira liberado",
            "Execução ocupante de ensaio marcada como Crashed",
        ]
    code, said = freed(capsys)
    assert (code, "Nada a liberar" in said, "estado: Crashed" in said) == (0, True, True)
    assert house.completed(carteira)["novos"] > 0


def test_after_a_killed_process_the_lock_is_freed_at_once_and_the_next_run_works(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=60)
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.vendas.carteira"],
        cwd=ROOT,
        env={**house.server.environment, **house.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: house.calls().get("sale.order.line.read"), "the run reads")
        lock = eventually(lambda: (found := seen(house)).session and found.slots and found, "both locks taken")
        assert lock.refusal(datetime.now(UTC) + timedelta(days=1))  # for its session is alive
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    eventually(lambda: seen(house).session is None, "the database's lock is free", 5)
    assert house.run(carteira).name == "Skipped"  # Prefect's limit is not, for a minute
    with get_client(sync_client=True) as client:
        lock = seen(house)
        # The command itself would wait until the run has been silent for long enough.
        assert next(destravar.free(client, lock)) == "Limite sync-carteira liberado"
    house.forget_calls()
    assert house.completed(carteira)["novos"] > 0
    assert house.rows("SELECT status FROM log_integracao ORDER BY id")[0] == (
        "interrompida",
    )  # the one that was killed


def test_an_unknown_entity_is_refused_with_those_that_exist(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert destravar.main(["carteria"]) == 2
    said = capsys.readouterr().err
    assert "'carteria'" in said
    assert "carteira, " in said


@pytest.mark.usefixtures("house", "prefect_down")
def test_without_a_server_it_says_where_it_looked(capsys: pytest.CaptureFixture[str]) -> None:
    assert destravar.main(["carteira"]) == 2
    assert "127.0.0.1:9 não responde" in capsys.readouterr().err
