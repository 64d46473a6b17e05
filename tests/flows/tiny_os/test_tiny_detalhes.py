"""Which batches are begun after one that stopped or failed; without Tiny or a database."""

from concurrent.futures import Future

import pytest

from blocks.banco import BancoUnavailable
from blocks.tiny import AccessDenied
from flows.run.counts import Counts
from flows.run.errors import BatchesFailed
from flows.run.record import Report
from flows.tiny_os.detalhes import LEFT, Feito, Submit, read_all
from flows.tiny_os.itens import Pedido

ASKED = [Pedido(number) for number in range(1, 61)]


def batches(begun: list[int], outcomes: dict[int, Feito | Exception]) -> Submit:
    """Batches that have ended as soon as they are begun."""

    def submit(batch: tuple[Pedido, ...], name: str) -> Future[Feito]:
        begun.append(len(begun) + 1)
        ended: Future[Feito] = Future()
        outcome = outcomes.get(len(begun), Feito(Counts(documentos=len(batch))))
        if isinstance(outcome, Exception):
            ended.set_exception(outcome)
        else:
            ended.set_result(outcome)
        return ended

    return submit


def test_nothing_is_begun_after_a_stop_and_what_is_left_is_counted() -> None:
    begun: list[int] = []
    report = Report()
    stopped = Feito(Counts(documentos=4, ignorados=6, motivos={LEFT: 6}), (), "limite")
    done = read_all(ASKED, batches(begun, {2: stopped}), report, in_flight=1, size=10)
    assert begun == [1, 2]
    assert done.parado == "limite"
    assert (report.counts.documentos, report.counts.motivos) == (14, {LEFT: 46})


def test_a_batch_that_the_database_fails_does_not_keep_the_next_from_being_read() -> None:
    begun: list[int] = []
    report = Report()
    with pytest.raises(BatchesFailed, match=r"1 de 6 lotes.*caiu"):
        read_all(ASKED, batches(begun, {2: BancoUnavailable("caiu")}), report, in_flight=1, size=10)
    assert begun == [1, 2, 3, 4, 5, 6]
    assert report.counts.documentos == 50


def test_nothing_is_begun_once_tiny_refuses_us() -> None:
    begun: list[int] = []
    with pytest.raises(AccessDenied):
        read_all(ASKED, batches(begun, {1: AccessDenied("403")}), Report(), in_flight=2, size=10)
    assert begun == [1, 2]
