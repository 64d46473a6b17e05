"""One fault in the middle of a sync: what becomes of the order that it hits, and of all the others."""

from decimal import Decimal
from typing import Any

import pytest

from blocks.tiny import ConsentExpired
from flows.run.counts import Counts
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from flows.tiny_os.store import GONE
from tests.blocks.tiny.scaled import account_of
from tests.flows.tiny_os.conftest import SimulatedAccount, balanced, granted

ORDERS = 70
"""More than a batch of 50."""


@pytest.fixture(scope="module")
def company() -> dict[str, object]:
    return {"orders": ORDERS, "months": 2, "quota": 100_000, "clock": "2026-11-22T15:00:00"}


@pytest.fixture
def simulated(simulated: SimulatedAccount) -> SimulatedAccount:
    """The account, with settings by which a sync lists all its orders."""
    simulated.values = {"tiny_dias_recentes": 800, "tiny_revisitas": 0}
    return simulated


def sync(simulated: SimulatedAccount) -> Counts:
    report = simulated.run(synchronise, TINY_OS)
    assert report.stopped is None
    assert balanced(report.counts)
    return report.counts


def stored(simulated: SimulatedAccount) -> set[int]:
    return {order_id for (order_id,) in simulated.rows("SELECT id FROM tiny.ordens_servico")}


def ids(simulated: SimulatedAccount) -> list[int]:
    """All orders, in the order in which a sync reads them."""
    return sorted((each["id"] for each in simulated.orders()), reverse=True)


def aside(simulated: SimulatedAccount) -> list[tuple[Any, ...]]:
    return simulated.rows("SELECT documento_id, status FROM import_failures ORDER BY 1")


@pytest.mark.parametrize("kind", ["expire_refresh", "invalid_grant"])
def test_a_refused_refresh_token_stops_the_run_for_a_person_and_the_next_goes_on(
    simulated: SimulatedAccount, kind: str
) -> None:
    middle = f"/ordem-servico/{ids(simulated)[60]}"  # of the second batch
    for refusal in ("expire_access", kind):
        simulated.tiny.control("after", path=middle, verb="token", body={"kind": refusal})
    with pytest.raises(ConsentExpired, match=r"Uma pessoa precisa consentir de novo: sincronia tiny authorize"):
        simulated.run(synchronise, TINY_OS)
    assert aside(simulated) == []  # it is nobody's bad order
    kept = stored(simulated)
    assert kept < {*ids(simulated)}
    exchanges = simulated.tiny.control("calls")["paths"]["/token"]
    with pytest.raises(ConsentExpired):
        simulated.run(synchronise, TINY_OS)
    assert simulated.tiny.control("calls")["paths"]["/token"] == exchanges  # not asked again before somebody consents
    account_of(simulated.tiny).tokens(simulated.engine, simulated.client._limiter._clock).consented(
        granted(simulated.tiny.authorize())
    )
    assert sync(simulated).novos == len(ids(simulated)) - len(kept)
    assert stored(simulated) == {*ids(simulated)}


def test_500_on_the_token_endpoint_is_waited_out(simulated: SimulatedAccount) -> None:
    middle = f"/ordem-servico/{ids(simulated)[30]}"
    simulated.tiny.control("after", path=middle, verb="token", body={"kind": "expire_access"})
    simulated.tiny.control("after", path=middle, verb="token", body={"kind": "500", "times": 2})
    assert sync(simulated).novos == len(ids(simulated))
    assert (stored(simulated), aside(simulated)) == ({*ids(simulated)}, [])
    calls = simulated.tiny.control("calls")
    assert (calls["paths"]["/token"]["500"], calls["renewals"]) == (2, 1)


def test_429_without_headers_is_waited_out(simulated: SimulatedAccount) -> None:
    order_id = ids(simulated)[30]
    simulated.tiny.control("faults", kind="429_bare", times=3, path=f"/ordem-servico/{order_id}")
    assert sync(simulated).novos == len(ids(simulated))
    assert (stored(simulated), aside(simulated)) == ({*ids(simulated)}, [])
    calls = simulated.tiny.control("calls")
    assert calls["refused"] == 3
    assert len([spent for spent in calls["minutes"].values() if spent["refused"]]) == 3  # each in a minute of its own


@pytest.mark.parametrize(
    ("kind", "times"),
    [("204", 1), ("blank", 1), ("html", 1), ("truncated", 4), ("garbled", 4), ("500", 4), ("drop", 4)],
)
def test_a_detail_that_does_not_come_keeps_its_order_aside_and_no_other(
    simulated: SimulatedAccount, kind: str, times: int
) -> None:
    first, *_, bad, _, _ = ids(simulated)
    for order_id in (first, bad):
        simulated.tiny.control("faults", kind=kind, times=times, path=f"/ordem-servico/{order_id}")
    counts = sync(simulated)
    assert (counts.novos, counts.rejeitados) == (len(ids(simulated)) - 2, 2)
    assert stored(simulated) == {*ids(simulated)} - {first, bad}
    assert aside(simulated) == [(order_id, "pendente") for order_id in sorted((first, bad))]


@pytest.mark.parametrize("kind", ["truncated", "garbled", "500", "drop"])
def test_what_passes_by_itself_costs_nothing(simulated: SimulatedAccount, kind: str) -> None:
    simulated.tiny.control("faults", kind=kind, times=3, path=f"/ordem-servico/{ids(simulated)[30]}")
    assert sync(simulated).novos == len(ids(simulated))
    assert (stored(simulated), aside(simulated)) == ({*ids(simulated)}, [])


def test_an_order_deleted_between_list_and_detail_is_left_out(simulated: SimulatedAccount) -> None:
    first = ids(simulated)[0]
    deleted = simulated.tiny.control("create")["id"]
    simulated.tiny.control("after", path=f"/ordem-servico/{first}", verb="delete", body={"id": deleted})
    counts = sync(simulated)
    assert (counts.motivos, counts.rejeitados) == ({GONE: 1}, 0)
    assert (stored(simulated), aside(simulated)) == ({*ids(simulated)}, [])


def test_a_percentage_a_large_id_and_a_vendor_without_contact_are_good_orders(simulated: SimulatedAccount) -> None:
    large = simulated.tiny.control("create", id=2**31 + 7, desconto="15%", vendedor={"id": 2**31 + 9, "contato": None})[
        "id"
    ]
    bad = simulated.tiny.control("create", desconto="quinze", vendedor={"id": 9})["id"]
    assert sync(simulated).rejeitados == 1
    assert stored(simulated) == {*ids(simulated)} - {bad}
    columns = "desconto, desconto_percentual, desconto_valor, id_vendedor, dados_api ->> 'desconto'"
    [row] = simulated.rows(f"SELECT {columns} FROM tiny.ordens_servico WHERE id = %(n)s", n=large)
    assert row == ("15%", Decimal(15), None, 2**31 + 9, "15%")
    assert simulated.rows("SELECT 1 FROM tiny.contatos WHERE id = %(n)s", n=2**31 + 9) == []
    assert aside(simulated) == [(bad, "pendente")]
