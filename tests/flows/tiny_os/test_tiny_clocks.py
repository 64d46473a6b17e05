"""Tiny's `Date` header is hours off for one run, and right again: what is read afterwards counts all the same."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from demo.tiny.thread import TinyThread, tiny_thread
from flows.run.counts import Counts
from flows.run.job import Job
from flows.tiny_os.carga_historica import CARGA, load_history, months
from flows.tiny_os.integridade import INTEGRIDADE, examine
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from tests.flows.tiny_os.conftest import SimulatedAccount, connected

HOUR = 3600
DAY = 24 * HOUR
JOBS: dict[str, tuple[Job, Any]] = {
    "os": (TINY_OS, synchronise),
    "integridade": (INTEGRIDADE, partial(examine, tell=lambda _: None)),
    "novembro": (CARGA, partial(load_history, wanted=months("2026-11", "2026-11"), tell=lambda _: None)),
}


@pytest.fixture(scope="module")
def thread() -> Iterator[TinyThread]:
    with tiny_thread(minute=0.5, orders=20, months=2, quota=100_000, clock="2026-11-22T15:00:00") as tiny:
        yield tiny


class Wrong(SimulatedAccount):
    """An account whose `Date` header can be wrong."""

    def play(self, name: str, ahead: float = 0.0) -> Counts:
        """A run by a client of its own, during which `Date` is so many seconds ahead."""
        assert isinstance(self.tiny, TinyThread)
        assert self.tiny.server
        self.tiny.server.header_ahead = ahead
        job, work = JOBS[name]
        with connected(self.tiny, self.engine, 0.5) as self.client:
            counts = self.run(work, job).counts
        self.tiny.server.header_ahead = 0.0
        return counts


@pytest.fixture
def wrong(thread: TinyThread, banco: Engine) -> Wrong:
    thread.control("reset")
    return Wrong(thread, banco, connected(thread, banco, 0.5), values={"tiny_revisitas": 100})


@pytest.mark.parametrize("ahead", [-26 * HOUR, 5 * HOUR, 26 * HOUR])
def test_a_change_read_after_the_clock_was_wrong_is_stored(wrong: Wrong, ahead: float) -> None:
    wrong.play("os", ahead)
    open_orders = wrong.rows(
        "SELECT id, situacao FROM tiny.ordens_servico WHERE situacao IN (0, 1) ORDER BY id LIMIT 2"
    )
    (listed, before), (unlisted, _) = open_orders
    wrong.tiny.control("change", id=listed, situacao=str(1 - before))
    wrong.tiny.control("change", id=unlisted, equipamento=f"Torno {ahead}")
    wrong.play("os")
    assert wrong.value("SELECT situacao FROM tiny.ordens_servico WHERE id = %(n)s", n=listed) == 1 - before
    told = "SELECT equipamento FROM tiny.ordens_servico WHERE id = %(n)s"
    assert wrong.value(told, n=unlisted) == f"Torno {ahead}"


@pytest.mark.parametrize("ahead", [-26 * HOUR, 5 * HOUR, 26 * HOUR])
def test_a_deletion_is_recognised_after_the_clock_was_wrong(wrong: Wrong, ahead: float) -> None:
    wrong.play("integridade", ahead)
    deleted = wrong.orders()[0]["id"]
    wrong.tiny.control("delete", id=deleted)
    assert wrong.play("integridade").removidos == 1
    marked = "SELECT id FROM tiny.ordens_servico WHERE excluido_em IS NOT NULL"
    assert wrong.rows(marked) == [(deleted,)]


def test_a_month_is_not_over_because_a_header_says_so(wrong: Wrong) -> None:
    wrong.play("novembro", 10 * DAY)
    assert wrong.rows("SELECT entidade FROM sync_metadata") == []


def test_recent_orders_are_listed_although_the_clock_is_years_ahead(wrong: Wrong) -> None:
    finished = wrong.tiny.control("create", situacao="3")["id"]
    wrong.play("os", 3650 * DAY)
    assert wrong.value("SELECT count(*) FROM tiny.ordens_servico WHERE id = %(n)s", n=finished) == 1
