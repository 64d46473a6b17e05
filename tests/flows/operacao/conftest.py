"""A deployed installation in which all is well; each test breaks one thing of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import Engine

from blocks.banco import execute, transaction
from flows.catalogo import JOBS
from flows.connections import WORK_POOL
from flows.operacao.timetable import with_interval, write_timetable
from flows.settings import Settings
from tests.conftest import as_owner
from tests.flows.conftest import House

NOBODY = "http://127.0.0.1:9"
"""An address at which nothing listens."""
DAILY = "demanda/demanda-agendada"
"""A deployment that tests may resume: its next run is hours away."""


def log(engine: Engine, job: str, status: str, *, ago: timedelta, message: str = "", **details: Any) -> None:
    """A row of `log_integracao`, as a run leaves it."""
    with transaction(engine) as connection:
        execute(
            connection,
            "INSERT INTO log_integracao (tipo_integracao, status, mensagem, data_execucao, tempo_execucao, detalhes) "
            "VALUES (%(job)s, %(status)s, %(message)s, now() - %(ago)s, %(seconds)s, %(details)s)",
            job=job,
            status=status,
            message=message,
            ago=ago,
            seconds=None if status == "executando" else 12.5,
            details=details or None,
        )


@cache
def timetable() -> list[dict[str, Any]]:
    """The deployments at the default settings; to read them takes a while."""
    return with_interval(Settings())["deployments"]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Installation:
    """What the commands look at."""

    house: House
    api: httpx.Client

    @property
    def engine(self) -> Engine:
        return self.house.engine

    def set(self, **settings: str) -> None:
        """Change settings of the environment."""
        for name, value in settings.items():
            self.house.monkeypatch.setenv(name, value)

    def do(self, statement: str) -> None:
        with transaction(self.engine) as connection:
            connection.exec_driver_sql(statement)

    def deployment(self, name: str) -> dict[str, Any]:
        return self.api.get(f"/deployments/name/{name}").raise_for_status().json()  # type: ignore[no-any-return]

    def switch(self, name: str, *, on: bool) -> None:
        """The UI's switch of a deployment."""
        verb = "resume_deployment" if on else "pause_deployment"
        self.api.post(f"/deployments/{self.deployment(name)['id']}/{verb}").raise_for_status()


@pytest.fixture
def installation(house: House, api: httpx.Client, deployment_output: str) -> Iterator[Installation]:
    """Deployments, all paused; a worker that gave a sign; every job with a success a minute ago."""
    assert deployment_output
    with as_owner(house.engine) as owner:
        write_timetable(owner, timetable())
    for job in JOBS:
        log(
            house.engine,
            job.name,
            "sucesso",
            ago=timedelta(minutes=1),
            message=f"{job.title}: …",
            novos=2,
            lidos=5,
            inalterados=10,
            assentados=7,
        )
    workers = f"/work_pools/{WORK_POOL}/workers"
    api.post(f"{workers}/heartbeat", json={"name": "de-plantao"}).raise_for_status()
    yield Installation(house, api)
    api.delete(f"{workers}/de-plantao").raise_for_status()


@pytest.fixture
def prefect_down() -> Iterator[None]:
    with temporary_settings({PREFECT_API_URL: f"{NOBODY}/api"}):
        yield


@pytest.fixture
def daily(installation: Installation) -> Iterator[str]:
    """A deployment that runs by itself, until the test ends."""
    installation.switch(DAILY, on=True)
    yield DAILY
    installation.switch(DAILY, on=False)
