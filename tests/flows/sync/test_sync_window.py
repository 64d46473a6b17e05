"""Which span a run reads, how far the checkpoint moves, and that no change escapes a sequence of runs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_samples import NOON, OVERLAP, WIDTH, at

from flows.sync import window as window_module
from flows.sync.request import Request
from flows.sync.window import Window, decide, is_settled, moved


def test_the_overlap_is_ten_minutes() -> None:
    assert window_module.OVERLAP == OVERLAP == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("checkpoint", "request_", "expected"),
    [
        (None, Request(), Window(None, NOON)),
        (at(-5), Request(), Window(at(-40), NOON)),
        (at(-30), Request(), Window(at(-40), NOON)),
        (at(-31), Request(), Window(at(-41), NOON)),
        (at(-6000), Request(), Window(at(-6010), NOON)),
        (at(60), Request(), Window(at(-40), NOON)),
        (None, Request(width=timedelta(minutes=5)), Window(at(-5), NOON)),
        (at(-6000), Request(width=timedelta(minutes=5)), Window(at(-5), NOON)),
        (at(-5), Request(since=at(-90)), Window(at(-90), NOON)),
        (at(-5), Request(since=at(-90), until=at(-60)), Window(at(-90), at(-60), bounded=True)),
        (at(-5), Request(since=at(-90), until=NOON), Window(at(-90), NOON)),
        (at(-5), Request(since=at(-90), until=at(60)), Window(at(-90), NOON)),
    ],
    ids=[
        "first run: everything",
        "up to date: the width",
        "just covered by the width",
        "behind: from before the checkpoint",
        "a long outage is caught up",
        "a checkpoint ahead of the clock",
        "explicit width, first run",
        "explicit width wins over the checkpoint",
        "from",
        "from and to",
        "to now is no bound",
        "to the future is to now",
    ],
)
def test_the_window(checkpoint: datetime | None, request_: Request, expected: Window) -> None:
    assert decide(NOON, checkpoint, WIDTH, request_) == expected


@pytest.mark.parametrize(
    ("checkpoint", "window", "expected"),
    [
        (None, Window(None, NOON), NOON),
        (None, Window(at(-600), NOON), None),
        (None, Window(at(-600), at(-60), bounded=True), None),
        (at(-30), Window(at(-40), NOON), NOON),
        (at(-30), Window(at(-40) + timedelta(seconds=1), NOON), at(-30)),
        (at(-30), Window(at(-5), NOON), at(-30)),
        (at(-30), Window(at(-600), at(-60), bounded=True), at(-30)),
        (at(-30), Window(at(-600), at(-10), bounded=True), at(-10)),
        (at(-30), Window(at(-20), at(-10), bounded=True), at(-30)),
        (at(60), Window(None, NOON), at(60)),
        (at(-30), Window(None, NOON), NOON),
    ],
    ids=[
        "everything read",
        "no first checkpoint from an explicit width",
        "nor from an explicit span",
        "joins exactly",
        "one second short of the overlap",
        "a gap before the window",
        "an older span moves nothing",
        "a span over the checkpoint moves it to its end",
        "a span after the checkpoint leaves a gap",
        "never backwards",
        "everything read again",
    ],
)
def test_the_checkpoint_after_a_window(checkpoint: datetime | None, window: Window, expected: datetime | None) -> None:
    assert moved(checkpoint, window) == expected


INSTANTS = st.integers(-10_000, 10_000).map(at)
WINDOWS = st.builds(
    lambda one, other, everything, bounded: Window(None if everything else min(one, other), max(one, other), bounded),
    INSTANTS,
    INSTANTS,
    st.booleans(),
    st.booleans(),
)
PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)


@PROPERTY
@given(checkpoint=st.none() | INSTANTS, window=WINDOWS)
def test_the_checkpoint_never_moves_backwards_nor_beyond_the_window(
    checkpoint: datetime | None, window: Window
) -> None:
    after = moved(checkpoint, window)
    if checkpoint is not None:
        assert after is not None and after >= checkpoint
    assert after in (checkpoint, window.until)


@PROPERTY
@given(checkpoint=st.none() | INSTANTS, window=WINDOWS)
def test_the_checkpoint_never_moves_over_a_span_that_was_not_read(checkpoint: datetime | None, window: Window) -> None:
    after = moved(checkpoint, window)
    if after != checkpoint:
        assert window.since is None or (checkpoint is not None and window.since <= checkpoint - OVERLAP)


@PROPERTY
@given(now=INSTANTS, checkpoint=st.none() | INSTANTS, width=st.integers(1, 6000))
def test_a_run_without_parameters_always_joins_the_checkpoint(
    now: datetime, checkpoint: datetime | None, width: int
) -> None:
    window = decide(now, checkpoint, timedelta(minutes=width), Request())
    assert window.until == now and not window.bounded
    assert moved(checkpoint, window) == (now if checkpoint is None else max(now, checkpoint))
    assert window.since is None or window.since <= now - timedelta(minutes=width)


@pytest.mark.parametrize(
    ("version", "stored", "read_at", "settled"),
    [
        (NOON, NOON, at(10), True),
        (NOON, NOON, at(9.99), False),
        (NOON, NOON, at(-1), False),
        (NOON, at(-1), at(600), False),
        (at(-1), NOON, at(10), True),  # a list need not see all that the version was made of
        (at(-1), NOON, at(9.99), False),
    ],
)
def test_a_document_is_settled_once_read_longer_than_the_overlap_after_its_version(
    version: datetime, stored: datetime, read_at: datetime, settled: bool
) -> None:
    assert is_settled(version, stored, read_at) is settled


@dataclass
class World:
    """A server whose transactions stamp at their start and show at their commit, and a reader of it by windows only."""

    random: Random
    longest_transaction: float
    now: float = 0
    checkpoint: datetime | None = None
    changes: list[tuple[float, float]] = field(default_factory=list)  # (stamp, commit) in minutes
    seen: set[int] = field(default_factory=set)

    def live(self, minutes: float) -> None:
        for _ in range(self.random.randrange(4)):
            stamp = self.now + self.random.uniform(0, minutes)
            self.changes.append(
                (stamp, stamp + self.random.choice((0, 0, self.longest_transaction)) * self.random.random())
            )
        self.now += minutes

    def run(self) -> None:
        """A run: as scheduled or with an explicit span; now and then it fails before it has read everything."""
        kind = self.random.random()
        back = timedelta(minutes=self.random.uniform(1, 300))
        if kind < 0.7:
            request = Request()
        elif kind < 0.85:
            request = Request(width=back)
        else:
            request = Request(since=at(self.now) - back, until=at(self.now) - back * self.random.random())
        window = decide(at(self.now), self.checkpoint, WIDTH, request)
        failed = self.random.random() < 0.3
        for number, (stamp, commit) in enumerate(self.changes):
            inside = window.since is None or at(stamp) >= window.since
            if window.bounded:
                inside = inside and at(stamp) < window.until
            if commit <= self.now and inside and not (failed and self.random.random() < 0.5):
                self.seen.add(number)
        if not failed:
            self.checkpoint = moved(self.checkpoint, window)


def lived(seed: int, longest_transaction: float) -> World:
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    world = World(Random(seed), longest_transaction)
    for _ in range(60):
        world.live(world.random.choice((1, 30, 30, 30, 400)))
        if world.random.random() < 0.8:  # else the run is missed
            world.run()
    world.now += longest_transaction  # what is still open commits
    for _ in range(2):
        window = decide(at(world.now), world.checkpoint, WIDTH, Request())
        world.seen |= {
            n for n, (stamp, _) in enumerate(world.changes) if window.since is None or at(stamp) >= window.since
        }
        world.checkpoint = moved(world.checkpoint, window)
    return world


@pytest.mark.parametrize("seed", range(40))
def test_every_change_is_read_whatever_runs_are_missed_fail_or_read_another_span(seed: int) -> None:
    world = lived(seed, longest_transaction=10)
    assert len(world.changes) > 20
    assert world.seen == set(range(len(world.changes)))


def test_the_simulation_would_notice_a_hole() -> None:
    """Transactions longer than the overlap are the ones that windows alone can miss."""
    assert any(len(world.seen) < len(world.changes) for world in (lived(seed, 500) for seed in range(40)))
