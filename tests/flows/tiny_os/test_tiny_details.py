"""Which orders are counted as left where reading stopped or failed; without Tiny or a database."""

from concurrent.futures import Future
from typing import Any, cast

import pytest

from blocks.banco import BancoUnavailable
from blocks.tiny import AccessDenied, TinyClient
from flows.run.counts import Counts
from flows.run.errors import BatchesFailed
from flows.run.job import Run
from flows.run.report import Report
from flows.run.steps import Step
from flows.settings import Settings
from flows.tiny_os.details import LEFT, Done, read_all
from flows.tiny_os.listed import WantedOrder
from flows.tiny_os.sincronizacao import TINY_OS

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
    stopped = Done(Counts(documentos=4, ignorados=6, motivos={LEFT: 6}), (), "limite")
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
