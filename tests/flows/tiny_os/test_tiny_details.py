"""Which orders are left, and which kept aside, where reading stopped or failed; without Tiny."""

from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from blocks.banco import BancoUnavailable, fetch, transaction
from blocks.tiny import AccessDenied, CircuitOpen, RateLimited, TinyClient, Unavailable
from flows.run.counts import Counts
from flows.run.errors import BatchesFailed
from flows.run.job import Run
from flows.run.report import Report
from flows.run.steps import Step
from flows.run.writer import Writer
from flows.settings import Settings
from flows.tiny_os.details import LEFT, Done, read_all, read_and_store
from flows.tiny_os.listed import WantedOrder
from flows.tiny_os.sincronizacao import TINY_OS
from tests.flows.at_once import alive

ASKED = [WantedOrder(order_id) for order_id in range(1, 61)]


def read(outcomes: dict[int, Done | Exception], into: Report, in_flight: int) -> tuple[Done | None, list[str]]:
    """Read sixty orders in batches of ten, which end as soon as they are begun; the outcome, and the batches begun."""
    begun: list[str] = []

    def submit(step: Step[Any], /) -> Future[Any]:
        begun.append(step.name)
        ended: Future[Any] = Future()
        outcome = outcomes.get(len(begun), Done(Counts(documentos=10)))
        ended.set_exception(outcome) if isinstance(outcome, Exception) else ended.set_result(outcome)
        return ended

    run = Run(TINY_OS, Settings(), cast(Any, None), into, submit)
    return read_all(run, cast(TinyClient, None), ASKED, into, in_flight=in_flight, size=10), begun


def test_what_a_stop_leaves_unread_is_counted() -> None:
    report = Report()
    stopped = Done(Counts(documentos=4, ignorados=6, motivos={LEFT: 6}), {}, "limite")
    done, begun = read({2: stopped}, report, in_flight=1)
    assert begun == ["lote 1 de 6", "lote 2 de 6"]
    assert done is not None
    assert done.stopped == "limite"
    assert (report.counts.documentos, report.counts.motivos) == (14, {LEFT: 46})


def test_a_batch_that_the_database_fails_does_not_keep_the_next_from_being_read() -> None:
    report = Report()
    with pytest.raises(BatchesFailed, match=r"1 de 6 lotes.*caiu"):
        read({2: BancoUnavailable("caiu")}, report, in_flight=1)
    assert report.counts.documentos == 50


def test_what_is_left_once_tiny_refuses_us_is_counted() -> None:
    report = Report()
    with pytest.raises(AccessDenied):
        read({1: AccessDenied("403")}, report, in_flight=2)
    assert (report.counts.documentos, report.counts.motivos) == (10, {LEFT: 40})


class Scripted:
    """A client that gives, order by order, a detail or raises."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = iter(answers)

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC)

    def order(self, order_id: int) -> dict[str, Any]:
        if error := next(self.answers):
            raise error
        return {"id": order_id, "situacao": "3"}


DOWN = Unavailable("HTTP 503")


@pytest.mark.parametrize(
    ("answers", "stored", "aside", "left"),
    [
        pytest.param((None, DOWN, DOWN, CircuitOpen("aberto")), 1, 0, 5, id="the breaker opens in mid-batch"),
        pytest.param((None, DOWN, DOWN, RateLimited("limite")), 1, 0, 5, id="the budget is spent in mid-batch"),
        pytest.param((DOWN, CircuitOpen("aberto")), 0, 0, 6, id="nothing was read"),
        pytest.param((None, DOWN, DOWN, None, None, None), 4, 2, 0, id="the next order gets an answer"),
        pytest.param((DOWN, None, DOWN, CircuitOpen("aberto")), 1, 1, 4, id="one of each"),
    ],
)
def test_orders_that_got_no_answer_are_left_if_tiny_is_down_and_kept_aside_if_it_is_not(
    banco: Engine, answers: tuple[Exception | None, ...], stored: int, aside: int, left: int
) -> None:
    wanted = [WantedOrder(order_id) for order_id in range(1, 7)]
    done = read_and_store(cast(TinyClient, Scripted(*answers)), Writer(banco, alive), wanted, "tiny-os")
    assert (done.counts.novos, done.counts.rejeitados, done.counts.motivos.get(LEFT, 0)) == (stored, aside, left)
    assert (done.stopped is not None) == (left > 0)
    with transaction(banco) as connection:
        assert fetch(connection, "SELECT count(*) FROM import_failures") == [(aside,)]
