"""Who is read again next, and how much: what a budget allows, entity after entity."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sync_samples import ENTITY, at

from flows.run.counts import Counts
from flows.sync.entity import Entity
from flows.sync.turns import PAUSE_SECONDS, SLICE_SECONDS, Budget, Slice, in_turns, size

A, B = (replace(ENTITY, name=name, batch=200) for name in "ab")


def took(documents: int, calls: int = 0, seconds: float = 0.0, left: int = 0) -> Slice:
    return Slice(Counts(documentos=documents), calls, seconds, left)


@pytest.mark.parametrize(
    ("so_far", "left", "documents"),
    [
        (Slice(), Budget(100, 60), 200),  # one batch, to see what it takes
        (took(200, 20, 1), Budget(1000, 600), 800),  # no more than so many in flight tell the pace
        (took(2000, 200, 10), Budget(1000, 600), 8000),
        (took(2000, 200, 10), Budget(65, 600), 600),  # 20 calls a batch
        (took(2000, 200, 10), Budget(19, 600), 0),
        (took(2000, 200, 10), Budget(0, 600), 0),
        (took(2000, 200, 10), Budget(1000, 0), 0),
        (took(2000, 200, 100), Budget(1000, 600), 200 * int(SLICE_SECONDS / 10)),  # others wait for the lock
        (took(2000, 200, 100), Budget(1000, 25), 400),
        (took(200, 20, 600), Budget(1000, 600), 200),  # slower than a slice may be: a batch all the same
    ],
)
def test_a_slice_is_as_many_batches_as_the_budget_and_the_others_patience_allow(
    so_far: Slice, left: Budget, documents: int
) -> None:
    assert size(so_far, 200, left) == documents


class Night:
    """A clock, and entities with so many documents each, which take so many calls and seconds a batch."""

    def __init__(self, documents: dict[str, int], calls: int = 10, seconds: float = 1.0) -> None:
        self.left, self.calls, self.seconds = dict(documents), calls, seconds
        self.now, self.turns, self.pauses = 1000.0, list[str](), list[float]()
        self.busy: Callable[[str], bool] = lambda _: False

    def work(self, entity: Entity, limit: int) -> Slice:
        self.turns.append(entity.name)
        if self.busy(entity.name):
            self.now += 5
            return Slice(busy=True)
        read = min(limit, self.left[entity.name])
        self.left[entity.name] -= read
        batches = -(-read // 200)
        self.now += batches * self.seconds
        return took(read, batches * self.calls, batches * self.seconds, self.left[entity.name])

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def run(self, budget: Budget, *, once: bool = False) -> dict[str, Slice]:
        return in_turns(self.standing(), budget, self.work, once=once, clock=lambda: self.now, pause=self.pause)

    def standing(self) -> dict[Entity, Slice]:
        """As it is before: the check of a is older."""
        left = self.left
        return {B: Slice(left=left["b"], oldest=at(0)), A: Slice(left=left["a"], oldest=at(-1))}


def test_entities_take_turns_until_nothing_is_left() -> None:
    night = Night({"a": 1500, "b": 900})
    done = night.run(Budget(10_000, 3600))
    assert night.left == {"a": 0, "b": 0}
    assert {name: each.counts.documentos for name, each in done.items()} == {"a": 1500, "b": 900}
    assert night.turns[:4] == ["a", "b", "a", "b"]


@pytest.mark.parametrize("budget", [Budget(300, 3600), Budget(10_000, 30)], ids=["calls", "minutes"])
def test_the_budget_is_kept_to_and_used(budget: Budget) -> None:
    night = Night({"a": 100_000, "b": 100_000})
    done = night.run(budget)
    calls, seconds = sum(each.calls for each in done.values()), night.now - 1000 - sum(night.pauses)
    assert calls <= budget.calls and seconds <= budget.seconds
    assert calls > budget.calls * 0.9 or seconds > budget.seconds * 0.8
    assert done["a"].left > 0


def test_the_lock_is_left_to_others_between_two_slices_of_the_last_entity() -> None:
    night = Night({"a": 10_000, "b": 0})
    night.run(Budget(10_000, 3600))
    assert night.turns == ["a"] * 4
    assert len(night.pauses) == 3
    assert set(night.pauses) == {PAUSE_SECONDS}


def test_a_busy_entity_has_its_turn_later_and_nobody_else_waits_for_it() -> None:
    night = Night({"a": 1000, "b": 1000})
    night.busy = lambda name: name == "a" and night.now < 1030
    done = night.run(Budget(10_000, 3600))
    assert night.left == {"a": 0, "b": 0}
    assert night.turns[:4] == ["a", "b", "a", "b"]
    assert not done["a"].busy


def test_one_that_stays_busy_ends_with_the_minutes() -> None:
    night = Night({"a": 1000, "b": 100})
    night.busy = lambda name: name == "a"
    done = night.run(Budget(10_000, 60))
    assert (night.left, done["a"].counts.documentos) == ({"a": 1000, "b": 0}, 0)
    assert night.now <= 1000 + 60 + 5 + PAUSE_SECONDS


def test_one_that_failed_has_no_turn_any_more_and_keeps_what_was_counted() -> None:
    night = Night({"a": 1000, "b": 1000})
    failing = night.work

    def work(entity: Entity, limit: int) -> Slice:
        return Slice(failed="caiu") if entity is A and "a" in night.turns else failing(entity, limit)

    done = in_turns(night.standing(), Budget(10_000, 3600), work, clock=lambda: night.now, pause=night.pause)
    assert (done["a"].failed, done["a"].counts.documentos, done["a"].left) == ("caiu", 200, 800)
    assert night.left == {"a": 800, "b": 0}


def test_a_dry_run_is_one_slice_each() -> None:
    night = Night({"a": 10_000, "b": 10_000})
    night.run(Budget(10_000, 3600), once=True)
    assert night.turns == ["a", "b"]


def test_a_slice_that_reads_nothing_is_the_last() -> None:
    night = Night({"a": 1000, "b": 0})
    done = in_turns(night.standing(), Budget(99, 99), lambda *_: took(0, left=7), pause=night.pause)
    assert done["a"].left == 7


def test_one_without_anything_to_read_has_no_turn() -> None:
    night = Night({"a": 0, "b": 10})
    night.run(Budget(10_000, 3600))
    assert night.turns == ["b"]


def test_what_a_budget_leaves_is_known_of_those_too_that_had_no_turn() -> None:
    night = Night({"a": 100_000, "b": 500})
    done = night.run(Budget(1, 3600))
    assert (night.turns, done["a"].left, done["b"].left) == (["a"], 99_800, 500)
