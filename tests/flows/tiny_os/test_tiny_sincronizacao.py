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
from flows.tiny_os.detalhes import LEFT
from flows.tiny_os.falhas import FALHAS, retry
from flows.tiny_os.gravacao import GONE, STATUS_CHANGES
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from flows.tiny_os.triagem import ASIDE
from tests.flows.tiny_os.conftest import MINUTE, Conta, balanced, connected

ORDERS = 2000
SPENT = "O limite do Tiny não deixa lugar"


@pytest.fixture(scope="module")
def company() -> dict[str, object]:
    return {"orders": ORDERS, "months": 24, "quota": 100_000, "clock": datetime(2026, 11, 22, 15).isoformat()}


@pytest.fixture(scope="module")
def ready(process: TinyProcess, _module_engine: Engine) -> Iterator[Conta]:
    """All orders stored by one sync that lists two years; the tests go on from there, each with orders of its own."""
    client = connected(process, _module_engine, MINUTE)
    next(client.orders(page_size=1))
    process.control("reset")
    ready = Conta(process, _module_engine, client, values={"tiny_dias_recentes": 800, "tiny_revisitas": 0})
    first = ready.run(synchronise, TINY_OS)
    assert (first.counts.lidos, first.counts.novos, first.counts.rejeitados) == (ORDERS, ORDERS, 0)
    assert balanced(first.counts)
    yield ready
    client.close()


@pytest.fixture
def conta(ready: Conta) -> Conta:
    ready.tiny.control("reset")
    ready.values = {"tiny_dias_recentes": 800, "tiny_revisitas": 0}
    ready.client._sender._breaker.succeeded()
    return ready


def xmin(conta: Conta) -> Any:
    return conta.rows("SELECT id, xmin::text FROM tiny.ordens_servico ORDER BY id")


@pytest.fixture(scope="module")
def untouched(ready: Conta) -> Iterator[int]:
    """Orders that no test has used yet, the oldest first."""
    return iter([number for _, number in sorted((each["data"], each["id"]) for each in ready.orders())])


def test_a_second_run_writes_nothing_and_asks_for_pages_only(conta: Conta) -> None:
    before = xmin(conta)
    report = conta.run(synchronise, TINY_OS)
    assert (report.counts.inalterados, report.counts.documentos) == (ORDERS, 0)
    assert xmin(conta) == before
    assert conta.calls() == {"listas": report.pages, "detalhes": 0}


def test_forty_changes_cost_the_pages_forty_details_and_the_stated_refresh(
    conta: Conta, untouched: Iterator[int]
) -> None:
    conta.values["tiny_revisitas"] = 25
    changed = list(islice(untouched, 40))
    for number in changed:
        conta.tiny.control("change", id=number, situacao="6")
    report = conta.run(synchronise, TINY_OS)
    calls = conta.calls()
    assert calls["detalhes"] == 40 + 25
    assert calls["listas"] <= ORDERS // 100 + 5 + 15  # pages, statuses, cuts of a slice that is too long
    assert (report.counts.atualizados, report.counts.documentos) == (40, 65)
    assert report.counts.efeitos == {STATUS_CHANGES: 40, "ordens revisitadas": 25}
    assert balanced(report.counts)
    told = conta.history(changed[0])
    assert told[-1][1:] == (6, "tiny-os")
    assert len(told) == 2
    assert conta.client.calls == report.calls


def test_the_refresh_takes_the_oldest_checked_and_stays_within_the_budget(
    conta: Conta, monkeypatch: pytest.MonkeyPatch
) -> None:
    conta.values["tiny_revisitas"] = 10
    oldest = conta.rows("SELECT id FROM tiny.ordens_servico ORDER BY verificado_em, id LIMIT 10")
    conta.run(synchronise, TINY_OS)
    asked = conta.tiny.control("calls", ids=True)["ids"]
    assert {int(number) for number in asked} == {number for (number,) in oldest}
    conta.tiny.control("reset")
    monkeypatch.setattr(conta.client, "budget", lambda: replace(conta.client._limiter.budget(), ours=9))
    report = conta.run(synchronise, TINY_OS)  # five minutes allow 45 reads
    assert report.calls <= 45
    assert report.counts.efeitos["ordens revisitadas"] == 45 - report.pages > 0


def test_a_change_that_no_list_shows_is_found_by_the_refresh(conta: Conta, untouched: Iterator[int]) -> None:
    number = next(untouched)
    conta.tiny.control("change", id=number, equipamento="Torno")
    assert conta.run(synchronise, TINY_OS).counts.documentos == 0
    conta.do(f"UPDATE tiny.ordens_servico SET verificado_em = NULL WHERE id = {number}")
    conta.values["tiny_revisitas"] = 1
    report = conta.run(synchronise, TINY_OS)
    assert (report.counts.atualizados, report.counts.efeitos["ordens revisitadas"]) == (1, 1)
    assert balanced(report.counts)
    assert conta.value("SELECT equipamento FROM tiny.ordens_servico WHERE id = %(n)s", n=number) == "Torno"


# --- bad orders ----------------------------------------------------------------------------------------------------


def test_an_order_deleted_between_list_and_detail_is_no_failure(conta: Conta) -> None:
    deleted, newer = (conta.tiny.control("create")["id"] for _ in range(2))
    conta.tiny.control("after", path=f"/ordem-servico/{newer}", verb="delete", body={"id": deleted})
    report = conta.run(synchronise, TINY_OS)
    assert (report.counts.novos, report.counts.rejeitados, report.counts.motivos) == (1, 0, {GONE: 1})
    assert balanced(report.counts)
    found = conta.rows("SELECT id FROM tiny.ordens_servico WHERE id = ANY(%(ids)s)", ids=[deleted, newer])
    assert found == [(newer,)]
    assert conta.value("SELECT count(*) FROM import_failures") == 0


@pytest.mark.parametrize(
    ("fault", "times"),
    [("204", 1), ("garbled", 4), ("truncated", 4), ("500", 4), ("drop", 4)],
)
def test_a_bad_answer_keeps_one_order_aside_and_no_other(
    conta: Conta, untouched: Iterator[int], fault: str, times: int
) -> None:
    first, bad, last = islice(untouched, 3)
    for number in (first, bad, last):
        conta.tiny.control("change", id=number, situacao="5")
    conta.tiny.control("faults", kind=fault, times=times, path=f"/ordem-servico/{bad}")
    report = conta.run(synchronise, TINY_OS)
    assert (report.counts.atualizados, report.counts.rejeitados) == (2, 1)
    assert report.stopped is None
    assert balanced(report.counts)
    assert [conta.history(number)[-1][1] for number in (first, bad, last)] == [5, 5, 5]  # the list told the status
    again = conta.run(synchronise, TINY_OS)  # not tried again before its time
    assert (again.counts.documentos, again.counts.motivos) == (0, {ASIDE: 1})
    assert conta.run(retry, FALHAS).counts.lidos == 0
    conta.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
    retried = conta.run(retry, FALHAS)
    assert (retried.counts.lidos, retried.counts.atualizados) == (1, 1)
    assert conta.value("SELECT count(*) FROM import_failures WHERE status <> 'resolvido'") == 0
    assert conta.run(synchronise, TINY_OS).counts.inalterados == again.counts.lidos


def test_an_order_that_stays_bad_is_tried_five_times_and_comes_back_once_it_changes(
    conta: Conta, untouched: Iterator[int]
) -> None:
    bad = next(untouched)
    conta.tiny.control("change", id=bad, situacao="5", totalPecas="muito")
    assert conta.run(synchronise, TINY_OS).counts.rejeitados == 1
    wait = (
        "SELECT extract(epoch FROM proxima_tentativa - atualizado_em)::int FROM import_failures "
        "WHERE status = 'pendente'"
    )
    waits = []
    for _ in range(4):
        waits.append(conta.value(wait))
        conta.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
        assert conta.run(retry, FALHAS).counts.rejeitados == 1
    assert waits == [30, 120, 480, 1920]
    failure = "SELECT status, tentativas, erro FROM import_failures WHERE documento_id = %(n)s"
    [(status, attempts, error)] = conta.rows(failure, n=bad)
    assert (status, attempts) == ("esgotado", 5)
    assert "muito" in error
    assert conta.run(synchronise, TINY_OS).counts.motivos == {ASIDE: 1}
    conta.tiny.control("change", id=bad, situacao="2", totalPecas="10.00")
    assert conta.run(synchronise, TINY_OS).counts.atualizados == 1
    assert conta.rows(failure, n=bad)[0][0] == "resolvido"


def test_an_outage_is_no_failed_attempt(conta: Conta, untouched: Iterator[int]) -> None:
    bad = next(untouched)
    conta.tiny.control("change", id=bad, situacao="5", totalPecas="muito")
    conta.run(synchronise, TINY_OS)
    conta.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
    conta.tiny.control("faults", kind="503", times=100)
    with pytest.raises(Unavailable):
        conta.run(retry, FALHAS)
    assert conta.rows("SELECT documento_id, tentativas FROM import_failures WHERE status = 'pendente'") == [(bad, 1)]
    conta.tiny.control("reset")
    conta.tiny.control("change", id=bad, totalPecas="1.00")
    assert conta.run(retry, FALHAS).counts.atualizados == 1


def test_a_bad_line_of_the_list_is_kept_aside_and_the_others_are_read(conta: Conta, untouched: Iterator[int]) -> None:
    bad, good = islice(untouched, 2)
    conta.tiny.control("change", id=bad, situacao="X")
    conta.tiny.control("change", id=good, situacao="6")
    report = conta.run(synchronise, TINY_OS)
    assert (report.counts.atualizados, report.counts.rejeitados) == (1, 1)
    assert balanced(report.counts)
    conta.do("UPDATE import_failures SET proxima_tentativa = now() WHERE status = 'pendente'")
    assert conta.run(retry, FALHAS).counts.rejeitados == 1  # the line is as bad as before
    assert conta.run(synchronise, TINY_OS).counts.motivos == {ASIDE: 1}
    conta.tiny.control("change", id=bad, situacao="6")
    assert conta.run(synchronise, TINY_OS).counts.atualizados == 1


# --- what stops a run ----------------------------------------------------------------------------------------------


def test_a_server_that_fails_opens_the_breaker_and_the_next_run_goes_on(conta: Conta, untouched: Iterator[int]) -> None:
    changed = list(islice(untouched, 60))
    for number in changed:
        conta.tiny.control("change", id=number, situacao="6")
    conta.tiny.control("faults", kind="503", times=1000, path="/ordem-servico/*")
    report = conta.run(synchronise, TINY_OS)
    assert "falhou várias vezes" in (report.stopped or "")
    assert report.counts.motivos == {LEFT: 60}
    assert report.counts.rejeitados == 0  # an outage is nobody's failed attempt
    assert balanced(report.counts)
    assert conta.calls()["detalhes"] <= 4 * (5 + 4)
    assert conta.history(changed[0])[-1][1] == 6  # from the list
    conta.tiny.control("reset")
    conta.client._sender._breaker.succeeded()  # its 30 s are over
    done = conta.run(synchronise, TINY_OS)
    assert (done.counts.atualizados, done.counts.efeitos[STATUS_CHANGES]) == (60, 0)
    assert done.stopped is None


def test_a_spent_budget_ends_the_run_with_what_it_has(
    conta: Conta, untouched: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    conta.run(synchronise, TINY_OS)
    changed = list(islice(untouched, 12))
    for number in changed:
        conta.tiny.control("change", id=number, situacao="5")
    pages = conta.calls()["listas"]
    limiter, taken = conta.client._limiter, count()
    monkeypatch.setattr(limiter, "take", lambda: type(limiter).take(limiter) if next(taken) < pages + 5 else _spent())
    report = conta.run(synchronise, TINY_OS)
    monkeypatch.undo()
    assert report.stopped == SPENT
    assert report.counts.motivos == {LEFT: 7}
    assert report.counts.atualizados == 5
    assert balanced(report.counts)
    assert conta.run(synchronise, TINY_OS).counts.atualizados == 7


def _spent() -> Any:
    raise RateLimited(SPENT)


def test_a_refused_consent_fails_the_run_and_keeps_nothing_aside(conta: Conta, untouched: Iterator[int]) -> None:
    conta.tiny.control("change", id=next(untouched), situacao="5")
    conta.tiny.control("faults", kind="403", times=10, path="/ordem-servico/*")
    with pytest.raises(AccessDenied):
        conta.run(synchronise, TINY_OS)
    assert conta.value("SELECT count(*) FROM import_failures WHERE status <> 'resolvido'") == 0
    conta.tiny.control("reset")
    assert conta.run(synchronise, TINY_OS).counts.atualizados == 1
