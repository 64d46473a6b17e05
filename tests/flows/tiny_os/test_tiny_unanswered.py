"""A list of Tiny that gives no answer, or none that tells how much there is, is never taken for an empty one."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from blocks.tiny import TinyClient
from flows.run.report import Report, Status
from flows.tiny_os.carga_historica import CARGA, load_history, months
from flows.tiny_os.falhas import FALHAS, retry
from flows.tiny_os.listing import Listing, sweep
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from flows.tiny_os.slices import Slice, slice_of_month
from tests.blocks.tiny.fake_tiny import FakeTiny, ManualClock
from tests.flows.tiny_os.conftest import SimulatedAccount

LIST = "/ordem-servico"
LOADED = "SELECT entidade FROM sync_metadata WHERE entidade LIKE 'tiny_carga:%%' ORDER BY 1"

# --- the historical load and the jobs ------------------------------------------------------------------------------


def load(simulated: SimulatedAccount, start: str, end: str) -> Report:
    return simulated.run(partial(load_history, wanted=months(start, end), tell=lambda _: None), CARGA)


def issued(simulated: SimulatedAccount, month: str) -> set[int]:
    return {each["id"] for each in simulated.orders() if each["data"].startswith(month)}


def stored(simulated: SimulatedAccount) -> set[int]:
    return {order_id for (order_id,) in simulated.rows("SELECT id FROM tiny.ordens_servico")}


@pytest.mark.parametrize("kind", ["204", "blank"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_month_whose_list_came_empty_is_asked_for_again_and_loaded(
    simulated: SimulatedAccount, kind: str, times: int
) -> None:
    simulated.tiny.control("faults", kind=kind, times=times, path=LIST)
    report = load(simulated, "2026-09", "2026-09")
    assert stored(simulated) == issued(simulated, "2026-09") != set()
    assert report.status is Status.SUCCESS
    assert simulated.rows(LOADED) == [("tiny_carga:2026-09",)]


@pytest.mark.parametrize("kind", ["204", "blank"])
@pytest.mark.parametrize("times", [3, 4, 5, 1000])
def test_a_month_whose_list_stays_empty_is_not_marked_as_loaded_and_is_told(
    simulated: SimulatedAccount, kind: str, times: int
) -> None:
    simulated.tiny.control("faults", kind=kind, times=times, path=LIST)
    report = load(simulated, "2026-08", "2026-08")
    assert simulated.rows(LOADED) == []
    assert report.status is Status.PARTIAL
    assert report.unsafe == ("emissão de 2026-08-01 a 2026-08-31",)
    assert report.left is not None and "emissão de 2026-08-01 a 2026-08-31" in report.left
    simulated.tiny.control("reset")
    assert load(simulated, "2026-08", "2026-08").status is Status.SUCCESS
    assert stored(simulated) == issued(simulated, "2026-08") != set()


def test_a_month_without_orders_is_loaded_since_the_rest_of_the_list_leaves_none_for_it(
    simulated: SimulatedAccount,
) -> None:
    assert issued(simulated, "2010-01") == set()
    report = load(simulated, "2010-01", "2010-01")  # the simulator answers 204, as Tiny does
    assert report.status is Status.SUCCESS
    assert simulated.rows(LOADED) == [("tiny_carga:2010-01",)]


def test_one_bad_month_does_not_keep_the_others_from_being_loaded(simulated: SimulatedAccount) -> None:
    simulated.tiny.control("faults", kind="204", times=4, path=LIST)
    report = load(simulated, "2026-07", "2026-09")
    assert simulated.rows(LOADED) == [("tiny_carga:2026-08",), ("tiny_carga:2026-09",)]
    assert report.unsafe == ("emissão de 2026-07-01 a 2026-07-31",)


def test_a_sync_whose_lists_stay_empty_is_partial_and_the_next_one_reads_them(simulated: SimulatedAccount) -> None:
    simulated.tiny.control("faults", kind="204", times=1000, path=LIST)
    report = simulated.run(synchronise, TINY_OS)
    assert report.status is Status.PARTIAL
    assert len(report.unsafe) == 6
    simulated.tiny.control("reset")
    assert simulated.run(synchronise, TINY_OS).counts.novos > 0


def test_orders_in_quarantine_lose_no_attempt_while_the_list_gives_no_answer(simulated: SimulatedAccount) -> None:
    bad = simulated.tiny.control("create", situacao="0", totalPecas="muito")["id"]
    simulated.run(synchronise, TINY_OS)
    simulated.do("UPDATE import_failures SET proxima_tentativa = now()")
    simulated.tiny.control("faults", kind="204", times=1, path=LIST)
    report = simulated.run(retry, FALHAS)
    assert report.stopped is not None and "não respondeu à lista" in report.stopped
    assert simulated.rows("SELECT documento_id, tentativas FROM import_failures") == [(bad, 1)]
    simulated.tiny.control("delete", id=bad)


# --- what counts as a total ----------------------------------------------------------------------------------------


@pytest.fixture
def tiny() -> FakeTiny:
    return FakeTiny(ManualClock(), orders=0)


@pytest.fixture
def client(tiny: FakeTiny, banco: Engine) -> Iterator[TinyClient]:
    with tiny.client(banco) as client:
        yield client


class Answers:
    """Gives one page of three orders to every call but the first ones, which get other answers."""

    def __init__(self, tiny: FakeTiny, *first: Any) -> None:
        self.tiny, self.first, self.asked = tiny, list(first), 0
        tiny._answer = self.answer  # type: ignore[method-assign]

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        body = self.first.pop(0) if self.first else page(3)
        return body if isinstance(body, httpx.Response) else httpx.Response(200, json=body)


def page(total: Any, *, orders: int = 3) -> dict[str, Any]:
    items = [{"id": key, "situacao": "3", "data": "2026-11-01"} for key in range(1, orders + 1)]
    return {"itens": items, "paginacao": {"total": total}}


def month(client: TinyClient) -> Listing:
    return sweep(client, [slice_of_month(2026, 11)])


@pytest.mark.parametrize("total", [3, 3.0, "3", "3.0", " 3 "])
def test_a_total_may_be_text_or_have_decimals(client: TinyClient, tiny: FakeTiny, total: Any) -> None:
    answers = Answers(tiny, page(total))
    listing = month(client)
    assert (listing.complete, len(listing.items), answers.asked) == (True, 3, 1)


UNTOLD: tuple[Any, ...] = (
    *(page(total) for total in (None, -1, "", "muitas", 3.5, True, [], {}, "nan", "inf", 1e300)),
    {"itens": page(3)["itens"]},
    {"itens": page(3)["itens"], "paginacao": None},
    {"itens": page(3)["itens"], "paginacao": []},
    {"itens": [], "paginacao": {}},
    {"itens": []},
    {"itens": None, "paginacao": {"total": 3}},
    {},
    httpx.Response(204),
    httpx.Response(200, content=b"\r\n"),
)


@pytest.mark.parametrize("answer", UNTOLD, ids=str)
def test_a_list_without_its_total_is_asked_for_again(client: TinyClient, tiny: FakeTiny, answer: Any) -> None:
    answers = Answers(tiny, answer, answer)
    listing = month(client)
    assert (listing.complete, len(listing.items), answers.asked) == (True, 3, 3)
    assert sum(tiny.clock.slept) >= 2


@pytest.mark.parametrize("answer", UNTOLD, ids=str)
def test_a_list_that_never_tells_its_total_is_unsafe(client: TinyClient, tiny: FakeTiny, answer: Any) -> None:
    Answers(tiny, *[answer] * 20)
    assert month(client).unsafe == ("emissão de 2026-11-01 a 2026-11-30",)


@pytest.mark.parametrize("total", [0, 2, 4])
def test_a_total_that_the_list_contradicts_is_unsafe(client: TinyClient, tiny: FakeTiny, total: int) -> None:
    Answers(tiny, *[page(total)] * 20)
    assert not month(client).complete


def test_what_the_rest_of_the_list_leaves_for_a_slice_decides_whether_its_silence_is_believed(
    client: TinyClient, tiny: FakeTiny
) -> None:
    silence = [httpx.Response(204)] * 3
    whole, before, after = page(9, orders=1), page(5, orders=1), page(4, orders=1)
    Answers(tiny, *silence, whole, before, after)
    assert month(client).complete
    Answers(tiny, *silence, page(10, orders=1), before, after)
    assert not month(client).complete
    Answers(tiny, *silence, page(5, orders=1), before, httpx.Response(204))  # nothing after it either
    assert month(client).complete
    Answers(tiny, *silence, httpx.Response(204), before, after)
    assert not month(client).complete


def test_a_slice_and_its_others_are_the_whole_list() -> None:
    assert Slice().others() == ()
    assert Slice(3).others() == tuple(Slice(each) for each in (0, 1, 2, 4, 5, 6, 7))
    assert Slice(since=date(2026, 11, 1)).others() == (Slice(until=date(2026, 10, 31)),)
    assert slice_of_month(2026, 11).others() == (Slice(until=date(2026, 10, 31)), Slice(since=date(2026, 12, 1)))
    assert Slice(3, since=date(2026, 11, 1)).others() is None


def test_a_line_without_an_id_leaves_a_list_incomplete(client: TinyClient, tiny: FakeTiny) -> None:
    Answers(tiny, {"itens": [{"situacao": "3", "data": "2026-11-01"}], "paginacao": {"total": 1}})
    listing = month(client)
    assert (listing.without_id, listing.unsafe, listing.complete) == (1, (), False)
