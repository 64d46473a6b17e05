"""The sync of 2,000 orders against the simulator: what it asks for, what it notices, what stops it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count, islice
from typing import Any

import pytest
from sqlalchemy import Engine

from blocks.tiny import AccessDenied, RateLimited, Unavailable
from demo.tiny import TinyProcess
from flows.tiny_os.details import LEFT
from flows.tiny_os.falhas import FALHAS, retry
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from flows.tiny_os.store import GONE, STATUS_CHANGES
from flows.tiny_os.triage import ASIDE
from tests.flows.tiny_os.conftest import MINUTE, SimulatedAccount, balanced, connected

ORDERS = 2000
SPENT = "O limite do Tiny não deixa lugar"


@pytest.fixture(scope="module")
def company() -> dict[str, object]:
    return {"orders": ORDERS, "months": 24, "quota": 100_000, "clock": datetime(2026, 11, 22, 15).isoformat()}


@pytest.fixture(scope="module")
def ready(process: TinyProcess, _module_engine: Engine) -> Iterator[SimulatedAccount]:
    """All orders stored by one sync that lists two years; the tests go on from there, each with orders of its own."""
    client = connected(process, _module_engine, MINUTE)
    next(client.orders(page_size=1))
    process.control("reset")
    ready = SimulatedAccount(process, _module_engine, client, values={"tiny_dias_recentes": 800, "tiny_revisitas": 0})
    first = ready.run(synchronise, TINY_OS)
    assert (first.counts.lidos, first.counts.novos, first.counts.rejeitados) == (ORDERS, ORDERS, 0)
    assert balanced(first.counts)
    yield ready
    client.close()


@pytest.fixture
def simulated(ready: SimulatedAccount) -> SimulatedAccount:
    ready.tiny.control("reset")
    ready.values = {"tiny_dias_recentes": 800, "tiny_revisitas": 0}
    ready.client._sender._breaker.succeeded()
    return ready


def xmin(simulated: SimulatedAccount) -> Any:
    return simulated.rows("SELECT id, xmin::text FROM tiny.ordens_servico ORDER BY id")


@pytest.fixture(scope="module")
def untouched(ready: SimulatedAccount) -> Iterator[int]:
    """Orders that no test has used yet, the oldest first."""
    return iter([order_id for _, order_id in sorted((each["data"], each["id"]) for each in ready.orders())])


def test_a_second_run_writes_nothing_and_asks_for_pages_only(simulated: SimulatedAccount) -> None:
    before = xmin(simulated)
    report = simulated.run(synchronise, TINY_OS)
    assert (report.counts.inalterados, report.counts.documentos) == (ORDERS, 0)
    assert xmin(simulated) == before
    assert simulated.calls() == {"listas": report.pages, "detalhes": 0}


def test_forty_changes_cost_the_pages_forty_details_and_the_stated_refresh(
    simulated: SimulatedAccount, untouched: Iterator[int]
) -> None:
    simulated.values["tiny_revisitas"] = 25
    changed = list(islice(untouched, 40))
    for order_id in changed:
        simulated.tiny.control("change", id=order_id, situacao="6")
    report = simulated.run(synchronise, TINY_OS)
    calls = simulated.calls()
    assert calls["detalhes"] == 40 + 25
    assert calls["listas"] <= ORDERS // 100 + 5 + 15  # pages, statuses, cuts of a slice that is too long
    assert (report.counts.atualizados, report.counts.documentos) == (40, 65)
    assert report.counts.efeitos == {STATUS_CHANGES: 40, "ordens revisitadas": 25}
    assert balanced(report.counts)
    told = simulated.history(changed[0])
    assert told[-1][1:] == (6, "tiny-os")
    assert len(told) == 2
    assert simulated.client.calls == report.calls


def test_the_refresh_takes_the_oldest_checked_and_stays_within_the_budget(
    simulated: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated.values["tiny_revisitas"] = 10
    oldest = simulated.rows("SELECT id FROM tiny.ordens_servico ORDER BY leitura, id LIMIT 10")
    simulated.run(synchronise, TINY_OS)
    asked = simulated.tiny.control("calls", ids=True)["ids"]
    assert {int(order_id) for order_id in asked} == {order_id for (order_id,) in oldest}
    simulated.tiny.control("reset")
    monkeypatch.setattr(simulated.client, "budget", lambda: replace(simulated.client._limiter.budget(), ours=9))
    report = simulated.run(synchronise, TINY_OS)  # five minutes allow 45 reads
    assert report.calls <= 45
    assert report.counts.efeitos["ordens revisitadas"] == 45 - report.pages > 0


def test_a_change_that_no_list_shows_is_found_by_the_refresh(
    simulated: SimulatedAccount, untouched: Iterator[int]
) -> None:
    order_id = next(untouched)
    simulated.tiny.control("change", id=order_id, equipamento="Torno")
    assert simulated.run(synchronise, TINY_OS).counts.documentos == 0
    simulated.do(f"UPDATE tiny.ordens_servico SET leitura = 0 WHERE id = {order_id}")
    simulated.values["tiny_revisitas"] = 1
    report = simulated.run(synchronise, TINY_OS)
    assert (report.counts.atualizados, report.counts.efeitos["ordens revisitadas"]) == (1, 1)
    assert balanced(report.counts)
    assert simulated.value("SELECT equipamento FROM tiny.ordens_servico WHERE id = %(n)s", n=order_id) == "Torno"


# --- bad orders ----------------------------------------------------------------------------------------------------


def test_an_order_deleted_between_list_and_detail_is_no_failure(simulated: SimulatedAccount) -> None:
    deleted, newer = (simulated.tiny.control("create")["id"] for _ in range(2))
    simulated.tiny.control("after", path=f"/ordem-servico/{newer}", verb="delete", body={"id": deleted})
    report = simulated.run(synchronise, TINY_OS)
    assert (report.counts.novos, report.counts.rejeitados, report.counts.motivos) == (1, 0, {GONE: 1})
    assert balanced(report.counts)
    found = simulated.rows("SELECT id FROM tiny.ordens_servico WHERE id = ANY(%(ids)s)", ids=[deleted, newer])
    assert found == [(newer,)]
    assert simulated.value("SELECT count(*) FROM import_failures") == 0


@pytest.mark.parametrize(
    ("fault", "times"),
    [("204", 1), ("garbled", 4), ("truncated", 4), ("500", 4), ("drop", 4)],
)
def test_a_bad_answer_keeps_one_order_aside_and_no_other(
    simulated: SimulatedAccount, untouched: Iterator[int], fault: str, times: int
) -> None:
    first, bad, last = islice(untouched, 3)
    for order_id in (first, bad, last):
        simulated.tiny.control("change", id=order_id, situacao="5")
    simulated.tiny.control("faults", kind=fault, times=times, path=f"/ordem-servico/{bad}")
    report = simulated.run(synchronise, TINY_OS)
    assert (report.counts.atualizados, report.counts.rejeitados) == (2, 1)
    assert report.stopped is None
    assert balanced(report.counts)
    # Also of the bad order: the list told its status.
    assert [simulated.history(order_id)[-1][1] for order_id in (first, bad, last)] == [5, 5, 5]
    again = simulated.run(synchronise, TINY_OS)  # not tried again before its time
    assert (again.counts.documentos, again.counts.motivos) == (0, {ASIDE: 1})
    assert simulated.run(retry, FALHAS).counts.lidos == 0
    simulated.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
    retried = simulated.run(retry, FALHAS)
    assert (retried.counts.lidos, retried.counts.atualizados) == (1, 1)
    assert simulated.value("SELECT count(*) FROM import_failures WHERE status <> 'resolvido'") == 0
    assert simulated.run(synchronise, TINY_OS).counts.inalterados == again.counts.lidos


def test_an_order_that_stays_bad_is_tried_five_times_and_comes_back_once_it_changes(
    simulated: SimulatedAccount, untouched: Iterator[int]
) -> None:
    bad = next(untouched)
    simulated.tiny.control("change", id=bad, situacao="5", totalPecas="muito")
    assert simulated.run(synchronise, TINY_OS).counts.rejeitados == 1
    wait = (
        "SELECT extract(epoch FROM proxima_tentativa - atualizado_em)::int FROM import_failures "
        "WHERE status = 'pendente'"
    )
    waits = []
    for _ in range(4):
        waits.append(simulated.value(wait))
        simulated.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
        assert simulated.run(retry, FALHAS).counts.rejeitados == 1
    assert waits == [30, 120, 480, 1920]
    failure = "SELECT status, tentativas, erro FROM import_failures WHERE documento_id = %(n)s"
    [(status, attempts, error)] = simulated.rows(failure, n=bad)
    assert (status, attempts) == ("esgotado", 5)
    assert "muito" in error
    assert simulated.run(synchronise, TINY_OS).counts.motivos == {ASIDE: 1}
    simulated.tiny.control("change", id=bad, situacao="2", totalPecas="10.00")
    assert simulated.run(synchronise, TINY_OS).counts.atualizados == 1
    assert simulated.rows(failure, n=bad)[0][0] == "resolvido"


def test_an_exhausted_order_that_was_mended_where_the_list_does_not_show_it_comes_back_within_a_day(
    simulated: SimulatedAccount, untouched: Iterator[int]
) -> None:
    bad = next(untouched)
    simulated.tiny.control("change", id=bad, situacao="5", totalPecas="muito")
    simulated.run(synchronise, TINY_OS)
    simulated.do("UPDATE import_failures SET tentativas = 4, proxima_tentativa = now() WHERE status = 'pendente'")
    simulated.run(retry, FALHAS)
    simulated.tiny.control("change", id=bad, totalPecas="10.00")
    failure = "SELECT status FROM import_failures WHERE documento_id = %(n)s"
    assert simulated.run(retry, FALHAS).counts.lidos == 0
    assert simulated.value(failure, n=bad) == "esgotado"
    simulated.do("UPDATE import_failures SET proxima_tentativa = proxima_tentativa - interval '1 day'")
    assert simulated.run(retry, FALHAS).counts.lidos == 1
    assert simulated.value(failure, n=bad) == "resolvido"


def test_an_outage_is_no_failed_attempt(simulated: SimulatedAccount, untouched: Iterator[int]) -> None:
    bad = next(untouched)
    simulated.tiny.control("change", id=bad, situacao="5", totalPecas="muito")
    simulated.run(synchronise, TINY_OS)
    simulated.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
    simulated.tiny.control("faults", kind="503", times=100)
    with pytest.raises(Unavailable):
        simulated.run(retry, FALHAS)
    assert simulated.rows("SELECT documento_id, tentativas FROM import_failures WHERE status = 'pendente'") == [
        (bad, 1)
    ]
    simulated.tiny.control("reset")
    simulated.tiny.control("change", id=bad, totalPecas="1.00")
    assert simulated.run(retry, FALHAS).counts.atualizados == 1


def test_a_bad_line_of_the_list_is_kept_aside_and_the_others_are_read(
    simulated: SimulatedAccount, untouched: Iterator[int]
) -> None:
    bad, good = islice(untouched, 2)
    simulated.tiny.control("change", id=bad, situacao="X")
    simulated.tiny.control("change", id=good, situacao="6")
    report = simulated.run(synchronise, TINY_OS)
    assert (report.counts.atualizados, report.counts.rejeitados) == (1, 1)
    assert balanced(report.counts)
    simulated.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
    assert simulated.run(retry, FALHAS).counts.rejeitados == 1  # the line is as bad as before
    assert simulated.run(synchronise, TINY_OS).counts.motivos == {ASIDE: 1}
    simulated.tiny.control("change", id=bad, situacao="6")
    assert simulated.run(synchronise, TINY_OS).counts.atualizados == 1


# --- what stops a run ----------------------------------------------------------------------------------------------


def test_a_server_that_fails_opens_the_breaker_and_the_next_run_goes_on(
    simulated: SimulatedAccount, untouched: Iterator[int]
) -> None:
    changed = list(islice(untouched, 60))
    for order_id in changed:
        simulated.tiny.control("change", id=order_id, situacao="6")
    simulated.tiny.control("faults", kind="503", times=1000, path="/ordem-servico/*")
    report = simulated.run(synchronise, TINY_OS)
    assert "falhas seguidas" in (report.stopped or "")
    assert report.counts.motivos == {LEFT: 60}
    assert report.counts.rejeitados == 0  # an outage is nobody's failed attempt
    assert balanced(report.counts)
    assert simulated.calls()["detalhes"] <= 4 * (5 + 4)
    assert simulated.history(changed[0])[-1][1] == 6  # from the list
    simulated.tiny.control("reset")
    simulated.client._sender._breaker.succeeded()  # its 30 s are over
    done = simulated.run(synchronise, TINY_OS)
    assert (done.counts.atualizados, done.counts.efeitos[STATUS_CHANGES]) == (60, 0)
    assert done.stopped is None


def test_a_spent_budget_ends_the_run_with_what_it_has(
    simulated: SimulatedAccount, untouched: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated.run(synchronise, TINY_OS)
    changed = list(islice(untouched, 12))
    for order_id in changed:
        simulated.tiny.control("change", id=order_id, situacao="5")
    pages = simulated.calls()["listas"]
    limiter, taken = simulated.client._limiter, count()
    monkeypatch.setattr(limiter, "take", lambda: type(limiter).take(limiter) if next(taken) < pages + 5 else _spent())
    report = simulated.run(synchronise, TINY_OS)
    monkeypatch.undo()
    assert report.stopped == SPENT
    assert report.counts.motivos == {LEFT: 7}
    assert report.counts.atualizados == 5
    assert balanced(report.counts)
    assert simulated.run(synchronise, TINY_OS).counts.atualizados == 7


def _spent() -> Any:
    raise RateLimited(SPENT)


def test_a_refused_consent_fails_the_run_and_keeps_nothing_aside(
    simulated: SimulatedAccount, untouched: Iterator[int]
) -> None:
    simulated.tiny.control("change", id=next(untouched), situacao="5")
    simulated.tiny.control("faults", kind="403", times=10, path="/ordem-servico/*")
    with pytest.raises(AccessDenied):
        simulated.run(synchronise, TINY_OS)
    assert simulated.value("SELECT count(*) FROM import_failures WHERE status <> 'resolvido'") == 0
    simulated.tiny.control("reset")
    assert simulated.run(synchronise, TINY_OS).counts.atualizados == 1
