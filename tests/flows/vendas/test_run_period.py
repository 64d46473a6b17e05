"""A run for an explicit period moves the checkpoint only over what it listed. Here the source's clock never skips."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.vendas.carteira import carteira
from tests.flows.conftest import House

pytestmark = pytest.mark.prefect

START = timedelta(hours=2)
"""How long ago the checkpoint of these tests stands."""


def source_now(house: House) -> datetime:
    return datetime.fromisoformat(house.odoo.control("clock", seconds=0)["now"]).replace(tzinfo=UTC)


def stand_at(house: House, checkpoint: datetime) -> datetime:
    """Pretend that a run was complete up to here."""
    cut = checkpoint.replace(microsecond=0)
    house.do(f"INSERT INTO sync_metadata (entidade, checkpoint) VALUES ('carteira', '{cut.isoformat()}')")
    return cut


@pytest.mark.parametrize(
    ("since", "until", "moved_to"),
    [
        pytest.param(timedelta(minutes=5), None, None, id="not over the gap before a short window"),
        pytest.param(START, None, None, id="not where the overlap is not read"),
        pytest.param(START + timedelta(hours=1), None, timedelta(0), id="to the newest change"),
        pytest.param(START + timedelta(hours=1), timedelta(hours=1), timedelta(hours=1), id="to that of the period"),
        pytest.param(timedelta(days=9), timedelta(days=8), None, id="not back to the end of an old period"),
        pytest.param(timedelta(hours=1), timedelta(minutes=1), None, id="not over the gap before a period"),
    ],
)
def test_an_explicit_period_moves_the_checkpoint_only_over_what_it_read(
    house: House, since: timedelta, until: timedelta | None, moved_to: timedelta | None
) -> None:
    now = source_now(house)
    before = stand_at(house, now - START)
    written = now - (moved_to or timedelta()) - timedelta(seconds=10)
    house.odoo.control("raw", model="sale.order", id=5, values={"write_date": f"{written:%Y-%m-%d %H:%M:%S}"})
    house.completed(carteira, desde=now - since, ate=until and now - until)
    assert house.checkpoint() == (before if moved_to is None else written.replace(microsecond=0))


@pytest.mark.parametrize(
    "parameters", [{"janela_minutos": 6360}, {"documentos": ["S00005"]}, {"dry_run": True}], ids=str
)
def test_a_run_that_has_not_read_everything_makes_no_first_checkpoint(house: House, parameters: dict[str, Any]) -> None:
    house.completed(carteira, **parameters)
    assert house.checkpoint() is None
