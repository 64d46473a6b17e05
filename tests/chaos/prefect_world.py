"""A world whose jobs run as what operators start: flows, with Prefect's limits, tasks and retries around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import environ
from typing import Any

from sqlalchemy import Engine, event

from flows.manufatura.apontamentos import apontamentos
from flows.manufatura.demanda import demanda
from flows.manufatura.ordens_mto import ordens_mto
from flows.run.endings import SKIPPED_STATE
from flows.run.job import Job
from flows.sync.entity import Entity
from flows.sync.flows import entity_flow
from flows.sync.request import Request
from tests.chaos.odoo_world import OdooWorld
from tests.chaos.runs import DONE, Memory
from tests.chaos.schedule import CRASHES, TINY, Run, Schedule
from tests.chaos.wire import Hand, line_of

OTHERS = {"apontamentos": apontamentos, "demanda": demanda, "ordens-mto": ordens_mto}


def for_prefect(schedule: Schedule) -> Schedule | None:
    """A schedule as flows can play it in this process, which has to stay alive; None: one that they cannot."""
    if schedule.domain == TINY:
        return None
    steps = [
        replace(step, killed=False, faults=tuple(each for each in step.faults if each.kind not in CRASHES))
        if isinstance(step, Run)
        else step
        for step in schedule.steps
        if not (isinstance(step, Run) and step.mode == "retry")
    ]
    return replace(schedule, steps=tuple(steps))


@dataclass(kw_only=True)
class PrefectWorld(OdooWorld):
    """A company in Odoo, synced by flows; all their connections are on the wire of `side`."""

    def run(
        self,
        engine: Engine,
        job: Job,
        request: Request | None = None,
        *,
        attempts: int = 1,
        memory: Memory | None = None,
        batch: int | None = None,
    ) -> str:
        request = request or Request()
        asked: dict[str, Any] = {"dry_run": request.dry_run}
        if isinstance(job, Entity):
            width = None if request.width is None else int(request.width.total_seconds() // 60)
            asked |= {"janela_minutos": width, "documentos": list(request.numbers) or None}
        flow = entity_flow(job) if isinstance(job, Entity) else OTHERS[job.name]
        with self._environment(attempts):
            state = flow(**asked, return_state=True)
        if state.is_completed():
            return "pulada" if state.name == SKIPPED_STATE else DONE
        return f"falhou: {state.message}"

    @contextmanager
    def _environment(self, attempts: int) -> Iterator[None]:
        """The settings of a process that runs flows, whose connections are on the wire."""
        secret = self.settings.odoo_password
        assert secret
        given = {
            "DATABASE_URL": self.url,
            "ODOO_URL": str(self.settings.odoo_url),
            "ODOO_DB": str(self.settings.odoo_db),
            "ODOO_USERNAME": str(self.settings.odoo_username),
            "ODOO_PASSWORD": secret.get_secret_value(),
            "ODOO_PROTOCOL": self.settings.odoo_protocol,
            "MAX_RETRIES": str(attempts - 1),
            "RETRY_DELAY": "0",
        }
        before = {name: environ.get(name) for name in given}
        factory, port = line_of(self.side.wire), self.engine.url.port

        def connects(_: Any, __: Any, ___: Any, parameters: dict[str, Any]) -> None:
            if parameters.get("port") == port and parameters.get("application_name") == "sincronia":
                parameters |= {"connection_factory": factory, "cursor_factory": Hand}

        environ.update(given)
        event.listen(Engine, "do_connect", connects)
        try:
            yield
        finally:
            event.remove(Engine, "do_connect", connects)
            for name, value in before.items():
                environ.pop(name, None) if value is None else environ.update({name: value})
