"""A thousand orders of ten lines: calls and statements grow with the batches, no transaction waits for the source."""

import threading
from collections.abc import Iterator

import psycopg2
import psycopg2.extensions
import pytest

from blocks.banco import open_engine
from demo.odoo import OdooProcess, odoo_process
from flows.sync.sync import IN_FLIGHT
from flows.vendas.carteira import CARTEIRA, carteira
from tests.flows.conftest import House

pytestmark = [pytest.mark.prefect, pytest.mark.slow]

ORDERS, LINES = 1000, 10
CALLS_A_RUN, CALLS_A_BATCH = 24, 11
STATEMENTS_A_RUN, STATEMENTS_A_BATCH = 36, 44


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooProcess]:
    """A company of some size, behind a network of some length."""
    with odoo_process(company="generated", orders=ORDERS, lines_per_order=LINES, cost_per_call_ms=30) as process:
        yield process


class Watch:
    """What PostgreSQL's sessions do while the source is being read, looked at again and again."""

    def __init__(self, database_url: str) -> None:
        self.looked = 0
        self.waiting: set[str] = set()
        self._url = database_url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        """A session that stays in the same transaction without a statement for longer than Python needs between two."""
        engine = open_engine(self._url)
        with engine.connect() as connection:
            while not self._stop.wait(0.02):
                rows = connection.exec_driver_sql(
                    "SELECT pid || ' ' || query FROM pg_stat_activity WHERE datname = current_database() "
                    "AND application_name = 'sincronia' AND state = 'idle in transaction' "
                    "AND pid <> pg_backend_pid() AND now() - state_change > interval '1 second'"
                ).fetchall()
                connection.rollback()
                self.looked += 1
                self.waiting |= {row[0] for row in rows}
        engine.dispose()


def test_calls_and_statements_grow_with_the_batches_and_not_with_the_rows(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []

    class Counting(psycopg2.extensions.cursor):
        def execute(self, query, vars=None):  # type: ignore[no-untyped-def]  # noqa: A002
            statements.append(str(query))
            return super().execute(query, vars)

        def copy_expert(self, sql, file, size=8192):  # type: ignore[no-untyped-def]
            statements.append(str(sql))
            return super().copy_expert(sql, file, size)

    connect = psycopg2.connect
    monkeypatch.setattr(psycopg2, "connect", lambda *args, **named: connect(*args, **named, cursor_factory=Counting))
    result = house.completed(carteira)
    batches = ORDERS // CARTEIRA.batch
    assert (result["documentos"], result["lidos"]) == (ORDERS, ORDERS * LINES)
    stored = house.value("SELECT count(*) FROM carteira_linha")
    assert stored == result["novos"] == ORDERS * LINES - sum(result[name] for name in ("ignorados", "rejeitados"))
    calls = house.odoo.control("calls")
    assert calls["total"] == result["chamadas"]
    assert calls["total"] <= CALLS_A_RUN + CALLS_A_BATCH * batches
    assert calls["concurrent"] <= IN_FLIGHT
    assert batches <= len(statements) <= STATEMENTS_A_RUN + STATEMENTS_A_BATCH * batches


def test_no_transaction_is_open_while_the_source_is_read(house: House, database_url: str) -> None:
    house.odoo.control("faults", kind="delay", model="sale.order.line", method="read", seconds=2, times=2)
    house.odoo.control("faults", kind="delay", model="sale.order", method="search_read", seconds=2)
    with Watch(database_url) as watch:
        house.completed(carteira, dry_run=True)
    assert watch.looked > 100
    assert watch.waiting == set()
