"""20,000 settled orders: a new column and a changed rule are filled in while ordinary runs go on; and a quiet night."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from blocks.banco import open_engine
from demo.odoo import OdooProcess, odoo_process
from demo.postgres import Postgres
from flows.run.counts import Counts
from flows.settings import Settings
from flows.sync import turns
from flows.sync.entity import Entity
from flows.sync.late import BY_RULE
from flows.sync.request import Request
from flows.sync.reread import LEFT, reread
from flows.sync.rule import rule_of
from flows.sync.standing import left_to_check, progress
from flows.sync.sync import Sync
from flows.sync.turns import Budget, Slice, in_turns
from flows.sync.window import CHECK_HOLDS
from flows.vendas.carteira import CARTEIRA
from tests.flows.at_once import run_of
from tests.flows.simulated import Company, company_of
from tests.flows.vendas.later_column import COLUMN, LATER, migrate

pytestmark = pytest.mark.recovery

ORDERS = 20_000
YEARS = timedelta(days=3000)
BATCH = 200
BUDGET = Settings()


@pytest.fixture(scope="module")
def process() -> Iterator[OdooProcess]:
    cost = {"cost_per_call_ms": 25, "cost_per_record_ms": 0.2}
    with odoo_process(company="generated", orders=ORDERS, lines_per_order=2, profile="ciel_it", **cost) as running:
        yield running


@pytest.fixture(scope="module")
def company(process: OdooProcess, postgres: Postgres) -> Iterator[Company]:
    """All orders are stored and settled."""
    postgres.create_database("vinte_mil", template="modelo")
    engine = open_engine(postgres.url("vinte_mil"))
    with company_of(process, engine) as each:
        each.run(CARTEIRA, batch=BATCH)
        each.skip(days=2)
        each.run(CARTEIRA, batch=BATCH, width=timedelta(days=3))
        again = each.run(CARTEIRA, batch=BATCH, width=YEARS)  # reads only what is in quarantine, which is tried daily
        assert (again.novos, again.atualizados) == (0, 0)
        assert again.documentos < ORDERS / 100
        yield each
    engine.dispose()


class Lock:
    """The entity's lock: a slice that finds it taken has its turn later, an ordinary run waits."""

    def __init__(self) -> None:
        self.held = threading.Lock()
        self.slices: list[Slice] = []

    def slice_of(self, company: Company) -> Callable[[Entity, int], Slice]:
        def work(entity: Entity, limit: int) -> Slice:
            if not self.held.acquire(blocking=False):
                return Slice(busy=True)
            try:
                self.slices.append(_slice(company, entity, limit))
                return self.slices[-1]
            finally:
                self.held.release()

        return work


def _slice(company: Company, entity: Entity, limit: int) -> Slice:
    began = time.monotonic()
    run = run_of(entity, company.engine, company.settings)
    with closing(entity.open_source(company.settings)) as source:
        reread(Sync(run, entity, Request(), source), limit)
    report = run.report
    seconds = time.monotonic() - began
    return Slice(report.counts, report.calls, seconds, report.notes[LEFT], report.rule or "")


def night(company: Company, entity: Entity, lock: Lock) -> tuple[Slice, float]:
    """One run of releitura with the budget that is the default, and how long it took."""
    began = time.monotonic()
    left = left_to_check(company.engine, entity.name, rule_of(entity, company.settings), CHECK_HOLDS)
    standing = {entity: Slice(left=left.documents, oldest=left.oldest)}
    budget = Budget(BUDGET.releitura_chamadas, 60.0 * BUDGET.releitura_minutos)
    done = in_turns(standing, budget, lock.slice_of(company))
    return done[entity.name], time.monotonic() - began


def told(figures: str) -> None:
    """Show figures where the tests run with `-s`."""
    sys.stdout.write(f"\n{figures}\n")


def test_a_quiet_night_reads_all_of_them_and_rewrites_no_row(company: Company) -> None:
    company.do("UPDATE sync_documento SET conferido_em = conferido_em - interval '3 days'")
    company.do("CHECKPOINT")
    rows = "SELECT sum(hashtext(id || ' ' || xmin::text)) FROM carteira_linha"
    position = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
    before, [(log,)] = company.fetch(rows), company.fetch(position)
    done, seconds = night(company, CARTEIRA, Lock())
    [(after,)] = company.fetch(position)
    assert company.fetch(rows) == before
    assert (done.counts.documentos, done.counts.tardios, done.left) == (ORDERS, 0, 0)
    megabytes = float(after - log) / 1e6
    told(f"a quiet night over {ORDERS}: {done.calls} calls, {seconds / 60:.1f} minutes, {megabytes:.1f} MB of WAL")


def test_a_new_column_and_a_changed_rule_are_filled_in_while_ordinary_runs_go_on(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PAUSE_SECONDS", 1.0)
    migrate(company.engine)
    lock, over, waits, counted = Lock(), threading.Event(), list[float](), list[Counts]()
    orders = iter(sorted(company.records("sale.order", "name")))

    def live() -> None:
        """Somebody changes an order every few seconds, and an ordinary run follows."""
        while not over.is_set():
            order = next(orders)
            company.rpc.call("sale.order", "write", [order], {"note": f"mudada {order}"})
            began = time.monotonic()
            with lock.held:
                waits.append(time.monotonic() - began)
                counted.append(company.run(LATER, batch=BATCH))
            over.wait(5)

    living = threading.Thread(target=live)
    living.start()
    try:
        done, seconds = night(company, LATER, lock)
    finally:
        over.set()
        living.join()
    counted.append(company.run(LATER, batch=BATCH))
    beside = sum(counted, Counts()).causas.get(BY_RULE, 0)
    wrong = f"{COLUMN} IS DISTINCT FROM num_pedido || '/' || odoo_order_id OR vendedor IS DISTINCT FROM num_pedido"
    assert company.fetch(f"SELECT count(*) FROM carteira_linha WHERE ativo AND ({wrong})") == [(0,)]
    assert progress(company.engine, "carteira", rule_of(LATER, company.settings)).current == ORDERS
    assert done.calls <= BUDGET.releitura_chamadas
    longest = max(each.seconds for each in lock.slices)
    told(
        f"{ORDERS} settled orders: {done.counts.documentos} read again by releitura in {len(lock.slices)} slices "
        f"({longest:.0f} s at most), {done.calls} calls, {seconds / 60:.1f} minutes; {beside} by "
        f"{len(counted)} ordinary runs, which waited {max(waits):.0f} s at most; causes {done.counts.causas}"
    )
