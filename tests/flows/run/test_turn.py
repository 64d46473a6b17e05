"""What makes a run wait its turn: that somebody asked it for something."""

from datetime import datetime
from typing import Any

import pytest

from flows.run.turn import asked_by_hand

USUAL: dict[str, Any] = {"janela_minutos": None, "desde": None, "ate": None, "documentos": None, "dry_run": False}


def test_the_periodic_run_is_asked_for_nothing() -> None:
    assert not asked_by_hand({})
    assert not asked_by_hand({**USUAL, "reler": False})


@pytest.mark.parametrize(
    "asked",
    [
        {"janela_minutos": 5},
        {"desde": datetime(2026, 11, 1), "ate": datetime(2026, 11, 2)},
        {"documentos": ["V1"]},
        {"dry_run": True},
        {"reler": True},
    ],
    ids=lambda asked: next(iter(asked)),
)
def test_whatever_is_asked_for_makes_a_run_wait(asked: dict[str, Any]) -> None:
    assert asked_by_hand({**USUAL, **asked})
