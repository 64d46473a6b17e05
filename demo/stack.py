"""Everything that a run needs, started together: PostgreSQL, simulators, Prefect, a worker, deployments."""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from psycopg2 import sql
from sqlalchemy import Engine, create_engine, make_url

from blocks.banco import open_engine
from blocks.tiny import TinyAccount
from demo.deployments import set_schedules
from demo.odoo import OdooProcess, odoo_process
from demo.postgres import embedded_postgres
from demo.prefect import PrefectServer, prefect_server, prefect_worker
from demo.processes import DemoError
from demo.slack import slack_receiver
from demo.tiny import TinyProcess, tiny_process
from demo.tiny.account import account_of, consent

ROOT = Path(__file__).resolve().parents[1]
DATA, PREFECT = "sincronia", "prefect"

TINY: Mapping[str, object] = MappingProxyType({"orders": 120, "months": 40, "quota": 6000, "expires_in": 60})
"""The simulated account: more than three years of orders, and tokens that have to be renewed in the middle."""
EVENT_ORDER = MappingProxyType(
    {
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "flows.operacao.event_order_in_memory",
        "PYTHONPATH": os.fspath(ROOT),  # where that is
    }
)
"""Settings of the server with which its automations see the end of a planned run at once."""
REVISITED = 3
"""Oldest-checked orders that a sync of Tiny reads again: few, so that there is something left to the integrity run."""


@dataclass(frozen=True)
class Stack:
    """What is running."""

    odoo: OdooProcess
    tiny: TinyProcess
    server: PrefectServer
    engine: Engine = field(repr=False)
    database_url: str = field(repr=False)
    account: TinyAccount = field(repr=False)
    slack_url: str = field(repr=False)

    @property
    def settings(self) -> dict[str, str]:
        """The settings that only `make deploy` sees; flows get them from the blocks and deployments that it makes."""
        return {
            "DATABASE_URL": self.database_url,
            "ODOO_URL": self.odoo.url,
            "ODOO_DB": self.odoo.db,
            "ODOO_USERNAME": self.odoo.username,
            "ODOO_PASSWORD": self.odoo.password,
            "TINY_CLIENT_ID": self.account.client_id,
            "TINY_CLIENT_SECRET": self.account.client_secret.get_secret_value(),
            "TINY_TOKEN_KEY": self.account.token_key.get_secret_value(),
            "TINY_URL": self.account.url,
            "TINY_ACCOUNTS_URL": self.account.accounts_url,
            "TINY_REVISITAS": str(REVISITED),
            "SLACK_WEBHOOK_URL": self.slack_url,
        }


@contextmanager
def stack(progress: Callable[[str], None], **company: object) -> Iterator[Stack]:
    """Start it all, deploy, and stop it all at the end; `company` are the options of Odoo's simulator.

    PostgreSQL is the embedded one, or the server of DATABASE_URL, on which two databases are made and dropped again.

    Raises:
        DemoError: a part did not start; the message holds the end of its log.
    """
    with ExitStack() as started:
        home = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="sincronia-demo-")))
        data_url, prefect_url = started.enter_context(_databases(progress))
        odoo = started.enter_context(odoo_process(**company))
        progress(f"Odoo simulator on {odoo.url}")
        tiny = started.enter_context(tiny_process(**TINY))
        progress(f"Tiny simulator on {tiny.url}")
        slack = started.enter_context(slack_receiver(lambda text: progress("Slack: " + text.replace("\n", "\n    "))))
        server = started.enter_context(
            prefect_server(prefect_url, home / "prefect", environment=EVENT_ORDER, progress=progress)
        )
        engine = open_engine(data_url)
        started.callback(engine.dispose)
        running = Stack(odoo, tiny, server, engine, data_url, account_of(tiny), slack.url)
        progress("make deploy: database, blocks, limits, deployments")
        _deploy(running, home / "deploy.log")
        consent(tiny, running.account, engine)
        set_schedules(server, active=False)  # a scheduled run in the middle of a round would take its place
        started.enter_context(prefect_worker(server, progress=progress))
        yield running


def _deploy(running: Stack, log: Path) -> None:
    """`make deploy`, its long output in a log that only a failure shows."""
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "flows.deploy"],
            cwd=ROOT,
            env={**running.server.environment, **running.settings},
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise DemoError(f"make deploy failed:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


@contextmanager
def _databases(progress: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """Addresses of the database for the data and of Prefect's own, on one server."""
    given = os.environ.get("DATABASE_URL")
    if not given:
        with embedded_postgres(progress=progress) as postgres:
            for name in (DATA, PREFECT):
                postgres.create_database(name)
            yield postgres.url(DATA), postgres.url(PREFECT, "asyncpg")
        return
    names = [f"sincronia_demo_{secrets.token_hex(4)}_{name}" for name in (DATA, PREFECT)]
    progress(f"PostgreSQL of DATABASE_URL, in two databases of the demo's own: {', '.join(names)}")
    address = make_url(given)
    administration = create_engine(address.set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT")
    with contextlib.closing(administration.raw_connection()) as connection:
        driver = connection.driver_connection
        assert driver is not None
        driver.autocommit = True
        with contextlib.closing(driver.cursor()) as cursor:
            for name in names:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                data, prefect = (address.set(database=name) for name in names)
                yield (
                    data.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False),
                    prefect.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False),
                )
            finally:
                for name in names:
                    cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    administration.dispose()
