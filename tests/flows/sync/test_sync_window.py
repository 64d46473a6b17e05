"""Which span a run reads, how far the checkpoint moves, and that no change escapes a sequence of runs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_samples import NOON, OVERLAP, WIDTH, at

from flows.sync import window as window_module
from flows.sync.request import Request
from flows.sync.window import LONG, Clock, Now, Window, decide, is_settled, moved, now_in_source, was_ahead


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
    ("request_", "sweep"),
    [
        (Request(), False),
        (Request(width=LONG - timedelta(minutes=1)), False),
        (Request(width=LONG), True),
        (Request(since=at(-90)), False),
        (Request(since=NOON - LONG), True),
        (Request(since=NOON - 3 * LONG, until=NOON - 2 * LONG), True),
    ],
)
def test_a_run_that_was_asked_to_look_back_a_day_is_a_sweep(request_: Request, sweep: bool) -> None:
    window = decide(NOON, at(-60), timedelta(days=4), request_)
    assert (window.sweep, window.patience) == (sweep, LONG if sweep else OVERLAP)


@pytest.mark.parametrize(
    ("checkpoint", "window", "written", "expected"),
    [
        (None, Window(None, NOON), at(-7), at(-7)),
        (None, Window(None, NOON), None, None),
        (None, Window(at(-600), NOON), at(-7), None),
        (None, Window(at(-600), at(-60), bounded=True), at(-61), None),
        (at(-30), Window(at(-40), NOON), at(-7), at(-7)),
        (at(-30), Window(at(-40), NOON), at(-35), at(-30)),
        (at(-30), Window(at(-40), NOON), None, at(-30)),
        (at(-30), Window(at(-40) + timedelta(seconds=1), NOON), at(-7), at(-30)),
        (at(-30), Window(at(-5), NOON), at(-1), at(-30)),
        (at(-30), Window(at(-600), at(-60), bounded=True), at(-5), at(-30)),
        (at(-30), Window(at(-600), at(-10), bounded=True), at(-5), at(-10)),
        (at(-30), Window(at(-600), at(-10), bounded=True), at(-20), at(-20)),
        (at(-30), Window(at(-20), at(-10), bounded=True), at(-15), at(-30)),
        (at(-30), Window(None, NOON), at(-7), at(-7)),
        (at(60), Window(at(-40), NOON), at(-7), NOON),
        (at(60), Window(at(-5), NOON), None, NOON),
    ],
    ids=[
        "everything read",
        "nothing listed",
        "no first checkpoint from an explicit width",
        "nor from an explicit span",
        "joins exactly",
        "nothing new",
        "an empty list",
        "one second short of the overlap",
        "a gap before the window",
        "an older span moves nothing",
        "a span over the checkpoint moves it to its end",
        "or to the last change in it",
        "a span after the checkpoint leaves a gap",
        "everything read again",
        "the clock was set back",
        "and nothing is listed",
    ],
)
def test_the_checkpoint_after_a_window(
    checkpoint: datetime | None, window: Window, written: datetime | None, expected: datetime | None
) -> None:
    assert moved(checkpoint, window, Clock(NOON, written)) == expected


def test_a_list_tells_the_newest_change_that_the_server_s_clock_allows() -> None:
    assert Clock.seen(NOON, [at(-9), None, NOON, at(-3), at(1)]) == Clock(NOON, NOON)
    assert Clock.seen(NOON, [at(1), None]) == Clock.seen(NOON, []) == Clock(NOON, None)


@pytest.mark.parametrize(
    ("before", "seen", "expected"),
    [
        (None, Clock(NOON, at(-7)), at(-7)),
        (None, Clock(NOON, None), NOON - LONG),
        (None, Clock(NOON, NOON - 9 * LONG), NOON - 9 * LONG),
        (Clock(at(-30), at(-31)), Clock(NOON, at(-7)), at(-7)),
        (Clock(at(-30), at(-31)), Clock(NOON, None), at(-1)),
        (Clock(at(-30), at(-31)), Clock(NOON, at(-31)), at(-1)),
        (Clock(at(-30), at(-31)), Clock(NOON, at(-50)), at(-1)),
        (Clock(at(-30), at(-120)), Clock(NOON, at(-120)), at(-90)),
        (Clock(at(-30), at(-120)), Clock(NOON, at(-91)), at(-91)),
        (Clock(at(60), at(59)), Clock(NOON, at(-7)), NOON),
    ],
    ids=[
        "as late as the newest change",
        "nothing is known",
        "however old",
        "something new",
        "a quiet time: as much later as the server's clock",
        "with the last change listed again",
        "with an older one",
        "a header that is 90 minutes ahead",
        "and something new",
        "a clock that was set back",
    ],
)
def test_how_late_it_is_in_the_source_at_the_least(before: Clock | None, seen: Clock, expected: datetime) -> None:
    assert now_in_source(before, seen) == Now(NOON, expected)


@pytest.mark.parametrize(
    ("before", "seen", "expected"),
    [
        (None, Clock(NOON, at(-7)), False),
        (Clock(at(-30), at(-31)), Clock(NOON, at(-7)), False),
        (Clock(at(-30), at(-31)), Clock(NOON, None), False),
        (Clock(at(60), at(-31)), Clock(at(90), at(-1)), True),
        (Clock(at(60), at(-31)), Clock(at(90), at(-31)), False),
        (Clock(at(-30), at(-600)), Clock(NOON, at(-39)), False),
        (Clock(at(-30), at(-600)), Clock(NOON, at(-41)), True),
    ],
    ids=["first", "right", "quiet", "ahead", "ahead and quiet", "a late commit", "a very late one"],
)
def test_a_server_s_clock_is_seen_to_be_ahead_by_what_is_new_and_yet_older(
    before: Clock | None, seen: Clock, expected: bool
) -> None:
    assert was_ahead(before, seen) is expected


FAR = datetime.max.replace(tzinfo=UTC)
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
@given(checkpoint=st.none() | INSTANTS, window=WINDOWS, server=INSTANTS, listed=st.lists(st.none() | INSTANTS))
def test_the_checkpoint_never_passes_what_was_listed_nor_the_server_s_clock_nor_the_window(
    checkpoint: datetime | None, window: Window, server: datetime, listed: list[datetime | None]
) -> None:
    after = moved(checkpoint, window, Clock.seen(server, listed))
    if after != checkpoint:
        assert after is not None and after <= server
        assert after == server or (after <= window.until and any(each and after <= each for each in listed))


@PROPERTY
@given(checkpoint=st.none() | INSTANTS, window=WINDOWS, server=INSTANTS, written=st.none() | INSTANTS)
def test_the_checkpoint_never_moves_backwards_nor_over_a_span_that_was_not_read(
    checkpoint: datetime | None, window: Window, server: datetime, written: datetime | None
) -> None:
    after = moved(checkpoint, window, Clock(server, written))
    if checkpoint is not None:
        assert after is not None and after >= min(checkpoint, server)
    if after is not None and (checkpoint is None or after > checkpoint):
        assert window.since is None or (checkpoint is not None and window.since <= checkpoint - OVERLAP)


@PROPERTY
@given(now=INSTANTS, checkpoint=st.none() | INSTANTS, width=st.integers(1, 6000))
def test_a_run_without_parameters_always_joins_the_checkpoint(
    now: datetime, checkpoint: datetime | None, width: int
) -> None:
    window = decide(now, checkpoint, timedelta(minutes=width), Request())
    assert window.until == now and not window.bounded
    assert moved(checkpoint, window, Clock(now, now)) == now
    assert window.since is None or window.since <= now - timedelta(minutes=width)


@PROPERTY
@given(
    before=st.none() | st.builds(Clock, INSTANTS, st.none() | INSTANTS), server=INSTANTS, written=st.none() | INSTANTS
)
def test_it_is_never_later_than_the_server_says(
    before: Clock | None, server: datetime, written: datetime | None
) -> None:
    now = now_in_source(before, Clock(server, written))
    assert now.least <= now.server == server


def test_what_was_written_a_day_ago_is_held_against_the_server_s_clock() -> None:
    now = Now(NOON, at(-90))
    assert now.for_version(NOON - LONG) == NOON
    assert now.for_version(NOON - LONG + timedelta(seconds=1)) == now.for_version(None) == at(-90)


@pytest.mark.parametrize(
    ("version", "stored", "read_at", "settled"),
    [
        (NOON, NOON, at(10), True),
        (NOON, NOON, at(9.99), False),
        (NOON, NOON, at(-1), False),
        (NOON, at(-1), at(600), False),
        (at(-1), NOON, at(600), False),  # the part that was written last is gone, or a backup was restored
        (None, NOON, at(600), False),
        (NOON, None, at(600), False),
        (None, None, at(600), False),
        (FAR, FAR, NOON, False),
    ],
)
def test_a_document_is_settled_once_read_longer_than_the_overlap_after_its_version(
    version: datetime | None, stored: datetime | None, read_at: datetime, settled: bool
) -> None:
    assert is_settled(version, stored, read_at) is settled


def test_a_sweep_waits_longer() -> None:
    assert not is_settled(NOON, NOON, NOON + LONG - timedelta(seconds=1), LONG)
    assert is_settled(NOON, NOON, NOON + LONG, LONG)


@dataclass
class World:
    """A server whose transactions stamp at their start and show at their commit, and a reader of it by windows only.

    Now and then a proxy begins to answer with a clock of its own, `ahead` of the server's by some minutes or behind it.
    """

    random: Random
    longest_transaction: float
    now: float = 0
    ahead: float = 0
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
        if self.random.random() < 0.1:
            self.ahead = self.random.choice((0, 90, -90))

    def run(self) -> None:
        """A run: as scheduled or with an explicit span; now and then it fails before it has read everything."""
        kind = self.random.random()
        back = timedelta(minutes=self.random.uniform(1, 300))
        server = at(self.now + self.ahead)
        if kind < 0.7:
            request = Request()
        elif kind < 0.85:
            request = Request(width=back)
        else:
            request = Request(since=server - back, until=server - back * self.random.random())
        self.read(request, failed=self.random.random() < 0.3)

    def read(self, request: Request, *, failed: bool = False) -> None:
        """Read what the request's window shows; the checkpoint moves unless it failed."""
        server = at(self.now + self.ahead)
        window = decide(server, self.checkpoint, WIDTH, request)
        listed = []
        for number, (stamp, commit) in enumerate(self.changes):
            inside = window.since is None or at(stamp) >= window.since
            if window.bounded:
                inside = inside and at(stamp) < window.until
            if commit <= self.now and inside:
                listed.append(at(stamp))
                if not (failed and self.random.random() < 0.5):
                    self.seen.add(number)
        if not failed:
            self.checkpoint = moved(self.checkpoint, window, Clock.seen(server, listed))


def lived(seed: int, longest_transaction: float) -> World:
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    world = World(Random(seed), longest_transaction)
    for _ in range(60):
        world.live(world.random.choice((1, 30, 30, 30, 400)))
        if world.random.random() < 0.8:  # else the run is missed
            world.run()
    world.now += longest_transaction  # what is still open commits
    for _ in range(2):
        world.read(Request())
    return world


@pytest.mark.parametrize("seed", range(40))
def test_every_change_is_read_whatever_runs_are_missed_fail_or_read_another_span(seed: int) -> None:
    world = lived(seed, longest_transaction=10)
    assert len(world.changes) > 20
    assert world.seen == set(range(len(world.changes)))


def test_the_simulation_would_notice_a_hole() -> None:
    """Transactions longer than the overlap are the ones that windows alone can miss."""
    assert any(len(world.seen) < len(world.changes) for world in (lived(seed, 500) for seed in range(40)))
