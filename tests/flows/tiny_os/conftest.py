"""A simulated Tiny account, and a database into which the jobs bring its orders, with or without Prefect."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from blocks.breaker import shared_breaker
from blocks.tiny import TinyClient
from blocks.tiny.oauth import Grant
from demo.prefect import PrefectServer
from demo.tiny import TinyProcess, tiny_process
from flows.catalogo import TINY
from flows.run import lock
from flows.run.counts import Counts
from flows.run.job import Job, Run
from flows.run.report import Report
from flows.run.steps import Step, Submit
from flows.settings import Settings
from tests.blocks.tiny.scaled import KEY, account_of, clock_of, patient_client
from tests.flows.at_once import at_once, run_of
from tests.flows.conftest import client_of

MINUTE = 0.5
"""Real seconds of a simulated minute."""


@dataclass
class SimulatedAccount:
    """A simulated account, a client of it and a database; runs jobs without Prefect."""

    tiny: TinyProcess
    engine: Engine
    client: TinyClient
    alive: Callable[[], None] = lambda: None
    values: dict[str, Any] = field(default_factory=lambda: {"tiny_revisitas": 0})

    def started(self, job: Job, submit: Submit = at_once) -> Run:
        return run_of(job, self.engine, Settings(**self.values), submit=submit, alive=self.alive)

    def run(self, work: Callable[[Run, TinyClient], None], job: Job) -> Report:
        """A run of a job to its end, with its batches in threads."""
        self.client._transport.calls = 0  # every run has a client of its own
        with ThreadPoolExecutor(4) as pool:

            def submit(step: Step[Any], /) -> Future[Any]:
                return pool.submit(step.work)

            run = self.started(job, submit)
            work(run, self.client)
        return run.report

    def rows(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with transaction(self.engine) as connection:
            return fetch(connection, statement, **parameters)

    def value(self, statement: str, **parameters: Any) -> Any:
        [(found,)] = self.rows(statement, **parameters)
        return found

    def do(self, statement: str) -> None:
        with transaction(self.engine) as connection:
            connection.exec_driver_sql(statement)

    def calls(self) -> dict[str, int]:
        """What was answered since the last reset: lists and details."""
        paths = self.tiny.control("calls")["paths"]
        return {
            "listas": sum(paths.get("/ordem-servico", {}).values()),
            "detalhes": sum(paths.get("/ordem-servico/{id}", {}).values()),
        }

    def orders(self) -> list[dict[str, Any]]:
        return self.tiny.control("orders")["orders"]  # type: ignore[no-any-return]

    def history(self, order_id: int) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT status_antigo, status_novo, origem FROM tiny.ordem_status_history WHERE id_os = %(n)s ORDER BY id",
            n=order_id,
        )


def balanced(counts: Counts) -> bool:
    """Whether every line that was read is counted once as what became of it."""
    became = (counts.novos, counts.atualizados, counts.inalterados, counts.ignorados, counts.rejeitados)
    return counts.lidos == sum(became)


def granted(answer: dict[str, Any]) -> Grant:
    return Grant(
        SecretStr(answer["access_token"]),
        SecretStr(answer["refresh_token"]),
        answer["expires_in"],
        answer["refresh_expires_in"],
    )


def connected(tiny: TinyProcess, engine: Engine, minute: float) -> TinyClient:
    """A client on the simulator's clock, after a person has consented."""
    account, clock = account_of(tiny), clock_of(tiny, minute)
    account.tokens(engine, clock).consented(granted(tiny.authorize()))
    return patient_client(account, engine, clock)


@pytest.fixture(scope="module")
def company() -> dict[str, object]:
    """The options of the module's simulator."""
    return {"orders": 120, "months": 24, "quota": 100_000, "clock": datetime(2026, 11, 22, 15).isoformat()}


@pytest.fixture(scope="module")
def process(company: dict[str, object]) -> Iterator[TinyProcess]:
    with tiny_process(minute=MINUTE, **company) as tiny:
        yield tiny


@pytest.fixture
def simulated(process: TinyProcess, banco: Engine) -> Iterator[SimulatedAccount]:
    """The module's account, an empty database and a client that knows the quota from an answer."""
    process.control("reset")
    with connected(process, banco, MINUTE) as client:
        next(client.orders(page_size=1))
        process.control("reset")
        yield SimulatedAccount(process, banco, client)


@dataclass(frozen=True)
class TinyHouse:
    """A simulated account, a database and a Prefect server; the environment of a process that runs a flow there."""

    tiny: TinyProcess
    engine: Engine
    environment: dict[str, str]

    def completed(self, flow: Callable[..., Any], **parameters: Any) -> tuple[str, dict[str, Any]]:
        """Name and result of a run that must complete."""
        state = flow(**parameters, return_state=True)
        assert state.is_completed(), state.message
        return state.name, state.result()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with transaction(self.engine) as connection:
            return fetch(connection, statement)


@pytest.fixture
def tiny_house(
    process: TinyProcess, server: PrefectServer, engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TinyHouse]:
    environment = {
        "DATABASE_URL": database_url,
        "TINY_CLIENT_ID": process.client_id,
        "TINY_CLIENT_SECRET": process.client_secret,
        "TINY_TOKEN_KEY": KEY,
        "TINY_URL": process.api,
        "TINY_ACCOUNTS_URL": process.token_url.removesuffix("/token"),
        "TINY_REVISITAS": "5",
        "MAX_RETRIES": "0",
        "RETRY_DELAY": "0",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    process.control("reset")
    shared_breaker.cache_clear()
    account = account_of(process)
    account.tokens(engine).consented(granted(process.authorize()))
    with account.get_client(engine) as client:
        next(client.orders(page_size=1))  # from here on the quota is known
    with client_of(server):
        lock.create_limits(job.name for job in TINY.jobs)
        yield TinyHouse(process, engine, {**server.environment, **environment})
