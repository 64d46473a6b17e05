"""Who is read again next, and how much: slices of entities in turns, within a budget. No I/O of its own."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flows.run.batches import IN_FLIGHT
from flows.run.counts import Counts
from flows.sync.entity import Entity

SLICE_SECONDS = 90.0
"""How long a slice may take, so that whoever waits for the entity's lock does not wait longer."""

PAUSE_SECONDS = 10.0
"""How long the lock is left to others between two slices of one entity."""

_CALLS_OF_A_BATCH = 30
"""What a slice of one batch takes, logging in included; later slices go by what the earlier ones took."""


@dataclass(frozen=True)
class Budget:
    """What the source and the night may be asked for."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class Slice:
    """What became of a slice, or of all slices of an entity.

    Attributes:
        counts: of the documents read.
        calls, seconds: what it took.
        left: documents that are still to be read again.
        rule: how many are of the rule by now, in the operators' words.
        oldest: when the document was checked that was checked longest ago.
        busy: another run held the entity's lock; nothing was done.
        failed: why it failed; nothing is known of what was done.
    """

    counts: Counts = field(default_factory=Counts)
    calls: int = 0
    seconds: float = 0.0
    left: int = 0
    rule: str = ""
    oldest: datetime | None = None
    busy: bool = False
    failed: str | None = None

    def then(self, later: "Slice") -> "Slice":
        """Both together; how things stand is what the later one found."""
        counts, calls, seconds = self.counts + later.counts, self.calls + later.calls, self.seconds + later.seconds
        standing = self if later.busy or later.failed else later
        return replace(standing, counts=counts, calls=calls, seconds=seconds, busy=False, failed=later.failed)


def size(so_far: Slice, batch: int, left: Budget) -> int:
    """How many documents the next slice of an entity reads: whole batches; none if the budget is used up. Pure.

    `so_far` is what its slices took until now, `left` what is left of the budget.
    """
    if left.calls <= 0 or left.seconds <= 0:
        return 0
    batches = -(-so_far.counts.documentos // batch)
    if not batches:
        return batch
    by_calls = left.calls * batches / max(so_far.calls, 1)
    by_time = min(left.seconds, SLICE_SECONDS) * batches / max(so_far.seconds, 0.001)
    # One batch takes as long as a few that are in flight together: a slice may not grow from that alone.
    return int(min(by_calls, max(by_time, 1), IN_FLIGHT * batches)) * batch


def in_turns(
    entities: Mapping[Entity, Slice],
    budget: Budget,
    work: Callable[[Entity, int], Slice],
    *,
    once: bool = False,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> dict[str, Slice]:
    """Read the entities again, slice by slice in turns, until nothing is left or the budget is used up.

    The one with the oldest check begins. One that is busy has its turn later, one that failed has none any more.

    Args:
        entities: how much of each is left to read, and its oldest check.
        budget: of all slices together.
        work: reads so many documents of an entity.
        once: a slice each, no more.
        clock: seconds that pass.
        pause: waits for some seconds.

    Returns:
        By entity, its slices together.
    """
    done = {entity.name: found for entity, found in entities.items()}
    oldest = {entity: found.oldest for entity, found in entities.items() if found.left and found.oldest}
    waiting, began, idle = deque(sorted(oldest, key=oldest.__getitem__)), clock(), 0
    while waiting:
        entity = waiting.popleft()
        calls = sum(each.calls for each in done.values())
        number = size(done[entity.name], entity.batch, Budget(budget.calls - calls, budget.seconds + began - clock()))
        if not number:
            continue
        found = work(entity, number)
        done[entity.name] = done[entity.name].then(found)
        idle = idle + 1 if found.busy else 0
        if not once and not found.failed and (found.busy or (found.left and found.counts.documentos)):
            waiting.append(entity)
            if len(waiting) <= max(idle, 1):
                pause(PAUSE_SECONDS)
    return done
