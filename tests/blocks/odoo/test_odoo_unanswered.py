"""A search of Odoo that shows less than there is, and a count that is none, are found out and asked for again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blocks.odoo.documents import Documents
from blocks.odoo.errors import UnexpectedAnswer
from blocks.odoo.listing import OVERLAPPED
from blocks.odoo.model import Model
from blocks.odoo.source import OdooSource
from flows.sync.window import OVERLAP
from tests.blocks.odoo.fake_odoo import FakeOdoo

FIELDS = {"name": "char"}


@pytest.fixture
def fake() -> FakeOdoo:
    return FakeOdoo({"sale.order": FIELDS}, {"sale.order": {key: {"name": f"S{key}"} for key in range(1, 8)}})


def listed(fake: FakeOdoo, *, method: str = "found_pages", **options: Any) -> list[int]:
    with fake.client(**options) as client:
        if method == "search":
            return [key for page in client.search("sale.order", [], certain=True) for key in page]
        return [key for page in client.found_pages("sale.order", [], ["name"], certain=True) for key in page.records]


class Shows:
    """Shows no rows in the first searches, then whatever there is."""

    def __init__(self, fake: FakeOdoo, *most: int | None) -> None:
        self.fake, self.most, self.real = fake, list(most), fake._method
        fake._method = self.method  # type: ignore[method-assign]

    def method(self, model: str, method: str, args: Any, named: dict[str, Any]) -> Any:
        if method in ("search", "search_read"):
            self.fake.shown_at_most = self.most.pop(0) if self.most else None
        return self.real(model, method, args, named)


@pytest.mark.parametrize("method", ["found_pages", "search"])
@pytest.mark.parametrize("most", [(0,), (0, 0), (3,), (3, 0, 2, 0), (0, 1, 0, 1, 0, 1)])
def test_a_page_that_comes_short_or_empty_is_asked_for_again(fake: FakeOdoo, method: str, most: tuple[int]) -> None:
    Shows(fake, *most)
    assert listed(fake, method=method) == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("method", ["found_pages", "search"])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_server_that_gives_smaller_pages_than_asked_for_is_read_to_the_end(
    fake: FakeOdoo, method: str, most: int
) -> None:
    fake.shown_at_most = most
    assert listed(fake, method=method) == [1, 2, 3, 4, 5, 6, 7]
    assert fake.slept == []


@pytest.mark.parametrize("method", ["found_pages", "search"])
def test_a_search_that_stays_empty_while_the_count_says_otherwise_is_an_error_and_no_empty_list(
    fake: FakeOdoo, method: str
) -> None:
    fake.shown_at_most = 0
    with pytest.raises(UnexpectedAnswer, match="os 7 registros que conta além do id 0"):
        listed(fake, method=method)
    assert fake.slept == [1.0, 5.0]


def test_an_empty_list_costs_one_count_more_and_a_full_one_too(fake: FakeOdoo) -> None:
    listed(fake)
    assert [method for _, method in fake.calls].count("search_count") == 1
    fake.rows["sale.order"].clear()
    fake.calls.clear()
    assert listed(fake) == []
    assert [method for _, method in fake.calls].count("search_count") == 1


@pytest.mark.parametrize("counted", [None, False, True, "7", -1, 7.0, []])
def test_a_count_that_is_no_number_is_asked_for_again_and_never_taken_for_none(fake: FakeOdoo, counted: Any) -> None:
    fake.counted = counted
    with fake.client() as client, pytest.raises(UnexpectedAnswer, match="search_count"):
        client.count("sale.order", [])
    assert fake.slept == [1.0, 5.0]
    fake.shown_at_most = 2
    assert listed(fake) == [1, 2, 3, 4, 5, 6, 7]  # a search decides instead


class Reads:
    """Leaves ids out of the first answers to `read`."""

    def __init__(self, fake: FakeOdoo, times: int, *left_out: int) -> None:
        self.times, self.left_out, self.real = times, left_out, fake._method
        fake._method = self.method  # type: ignore[method-assign]

    def method(self, model: str, method: str, args: Any, named: dict[str, Any]) -> Any:
        rows = self.real(model, method, args, named)
        if method == "read" and self.times:
            self.times -= 1
            return [row for row in rows if row["id"] not in self.left_out]
        return rows


@pytest.mark.parametrize("left_out", [(3,), (1, 2, 3, 4, 5, 6, 7)])
def test_records_that_an_answer_leaves_out_and_that_exist_are_read_again(
    fake: FakeOdoo, left_out: tuple[int, ...]
) -> None:
    Reads(fake, 1, *left_out)
    with fake.client() as client:
        found = client.found("sale.order", [1, 2, 3, 4, 5, 6, 7, 99], ["name"])
    assert sorted(found.records) == [1, 2, 3, 4, 5, 6, 7]
    assert found.unreadable == {}


def test_records_that_exist_and_are_never_given_are_an_error(fake: FakeOdoo) -> None:
    Reads(fake, 10, 3)
    with fake.client() as client, pytest.raises(UnexpectedAnswer, match="todos os registros que existem"):
        client.found("sale.order", [2, 3], ["name"])


# --- the list of a run ---------------------------------------------------------------------------------------------


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=UTC)


def orders(fake: FakeOdoo, since: datetime | None) -> list[int]:
    documents = Documents(model=Model("sale.order", {"numero": "name"}), numbers=("numero",), domain=[], lines=None)
    with fake.client() as client:
        return sorted(dict(OdooSource(client, documents, "vanilla").changed(since, None)))


@pytest.fixture
def written(fake: FakeOdoo) -> FakeOdoo:
    """Orders 1 to 7, each written an hour after the one before."""
    for key, row in fake.rows["sale.order"].items():
        row["write_date"] = f"{at(key):%Y-%m-%d %H:%M:%S}"
    return fake


@pytest.mark.parametrize("since", [None, at(1, 30)])
@pytest.mark.parametrize("most", [(3,), (1, 0), (2, 1)])
def test_a_list_that_shows_something_new_is_complete(
    written: FakeOdoo, since: datetime | None, most: tuple[int, ...]
) -> None:
    Shows(written, *most)
    assert orders(written, since) == [1, 2, 3, 4, 5, 6, 7][0 if since is None else 1 :]


def test_columns_with_fewer_records_than_are_counted_are_not_believed(written: FakeOdoo) -> None:
    since = at(0) - timedelta(days=40)
    assert orders(written, since) == [1, 2, 3, 4, 5, 6, 7]
    assert ("sale.order", "search_read") not in written.calls
    written.shown_at_most = 2
    assert orders(written, since) == [1, 2, 3, 4, 5, 6, 7]
    assert ("sale.order", "search_read") in written.calls


def test_a_list_that_shows_nothing_new_moves_no_checkpoint_and_costs_no_count(written: FakeOdoo) -> None:
    assert orders(written, at(6, 50)) == [7]  # what stood at the checkpoint itself
    assert orders(written, at(8)) == []
    assert "search_count" not in {method for _, method in written.calls}


def test_a_first_list_that_stays_empty_while_the_count_says_otherwise_is_an_error(written: FakeOdoo) -> None:
    written.shown_at_most = 0
    with pytest.raises(UnexpectedAnswer, match="que conta"):
        orders(written, None)


def test_what_counts_as_new_is_what_the_runs_overlap_leaves() -> None:
    assert OVERLAPPED == OVERLAP
