"""People read instants in São Paulo's time, whatever zone they were given in."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from blocks.zone import shown

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 28, 1, 30, 5, tzinfo=UTC), "27/11/2026 22:30:05"),
        (datetime(2018, 12, 1, 12, tzinfo=UTC), "01/12/2018 10:00:00"),  # summer time, while there was one
        (datetime(2026, 11, 28, 12, tzinfo=timezone(timedelta(hours=1))), "28/11/2026 08:00:00"),
    ],
)
def test_an_instant_is_shown_in_sao_paulo(moment: datetime, told: str) -> None:
    assert shown(moment) == told


def test_no_text_shows_an_instant_in_utc() -> None:
    sources = [file for room in ("flows", "blocks") for file in (ROOT / room).rglob("*.py")]
    assert sources
    assert not [str(file) for file in sources if "} UTC" in file.read_text(encoding="utf-8")]
