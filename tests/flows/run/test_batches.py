"""The loop over batches: which are begun, what is collected, and how failures end it."""

from collections.abc import Mapping
from typing import Any

import pytest

from blocks.banco import BancoUnavailable
from blocks.tiny import AccessDenied
from flows.run.batches import Batches, chunks
from flows.run.errors import BatchesFailed
from flows.run.steps import Step
from tests.flows.at_once import Ended, at_once

ITEMS = list(range(60))


class Worked:
    """Sixty items in batches of ten that end as soon as they are begun, each in its items unless said otherwise."""

    def __init__(self, outcomes: Mapping[int, Any] | None = None, **options: Any) -> None:
        self.outcomes = outcomes or {}
        self.begun: list[Step[Any]] = []
        self.collected: list[Any] = []
        self.left = 0
        self.most = 0
        self.batches: Batches[int, Any] = Batches(
            title="Amostra",
            noun="itens",
            advice="refaça",
            work=self.work,
            told=str,
            collect=self.collected.append,
            stops=lambda outcome: outcome == "parou",
            leave=self.leave,
            size=10,
            **options,
        )

    def run(self, items: list[int] = ITEMS) -> None:
        self.batches.run(items, self.submit)

    def submit(self, step: Step[Any], /) -> Ended[Any]:
        self.begun.append(step)
        self.most = max(self.most, len(self.begun) - len(self.collected))
        return at_once(step)

    def work(self, batch: tuple[int, ...]) -> Any:
        outcome = self.outcomes.get(len(self.begun), batch)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def leave(self, left: int) -> None:
        self.left += left


def test_all_items_are_worked_through_in_their_order_under_the_names_of_their_batches() -> None:
    worked = Worked(in_flight=3)
    worked.run()
    assert worked.collected == list(chunks(ITEMS, 10))
    assert [step.name for step in worked.begun] == [f"lote {number} de 6" for number in range(1, 7)]
    assert worked.left == 0


def test_no_more_batches_are_in_flight_than_allowed() -> None:
    worked = Worked(in_flight=3)
    worked.run()
    assert worked.most == 3


def test_a_batch_is_kept_for_a_retry_under_what_it_is_asked_if_at_all() -> None:
    worked = Worked(key=lambda batch: ("amostra", list(batch)))
    worked.run()
    assert [step.key for step in worked.begun[:2]] == [("amostra", ITEMS[:10]), ("amostra", ITEMS[10:20])]
    assert {step.key for step in _run(Worked()).begun} == {None}


def _run(worked: Worked) -> Worked:
    worked.run()
    return worked


def test_no_items_make_no_batch() -> None:
    worked = Worked()
    worked.run([])
    assert (worked.begun, worked.collected) == ([], [])


def test_nothing_is_begun_after_a_stop_and_what_is_left_is_counted() -> None:
    worked = Worked({2: "parou"})
    worked.run()
    assert (len(worked.begun), worked.left) == (2, 40)


def test_a_batch_that_fails_does_not_keep_the_others_from_being_stored() -> None:
    worked = Worked({2: BancoUnavailable("caiu"), 4: BancoUnavailable("de novo")}, in_flight=2)
    with pytest.raises(BatchesFailed, match=r"Amostra: 2 de 6 lotes falharam; refaça\. Primeiro erro: caiu") as failed:
        worked.run()
    assert len(worked.collected) == 4
    assert isinstance(failed.value.__cause__, BancoUnavailable)


def test_a_fault_of_our_own_does_not_keep_the_others_from_being_stored_either() -> None:
    worked = Worked({1: KeyError("numero")})
    with pytest.raises(BatchesFailed, match="1 de 6 lotes"):
        worked.run()
    assert len(worked.collected) == 5


def test_nothing_is_begun_after_a_fatal_error_which_is_raised_itself() -> None:
    worked = Worked({1: BancoUnavailable("caiu"), 2: AccessDenied("403")}, in_flight=2, fatal=(AccessDenied,))
    with pytest.raises(AccessDenied):
        worked.run()
    assert (len(worked.begun), worked.left) == (3, 30)
