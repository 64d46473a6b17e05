"""The Prefect flows of entities and domains: all take the same parameters, told to operators in the same words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from prefect import Flow, State, flow
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.run.perform import run_name
from flows.sync.domain import run_entities
from flows.sync.entity import Entity
from flows.sync.request import Request
from flows.sync.sync import IN_FLIGHT, sync

_TOLD = """{purpose}

Sem parâmetros, lê desde o último checkpoint. Informe só um dos períodos.

Args:
    janela_minutos: lê o que mudou neste número de minutos até agora.
    desde: lê o que mudou a partir deste instante (sem fuso: horário de São Paulo).
    ate: e antes deste; exige desde.
    documentos: {documents}
    dry_run: lê e conta, sem gravar nada.
"""


def entity_flow(entity: Entity, purpose: str, *, documents: str) -> Flow[..., Any]:
    """The flow that syncs an entity, under its name.

    Args:
        entity: what it syncs.
        purpose: what it does, in the operators' language.
        documents: what its parameter `documentos` reads, likewise.
    """

    def run(
        janela_minutos: int | None = None,
        desde: datetime | None = None,
        ate: datetime | None = None,
        documentos: list[str] | None = None,
        dry_run: bool = False,
    ) -> State[dict[str, Any]]:
        return sync(entity, Request.of(janela_minutos, desde, ate, documentos, dry_run))

    return _named(run, entity.name, _TOLD.format(purpose=purpose, documents=documents), in_flight())


def domain_flow(name: str, entities: Sequence[Flow[..., Any]], purpose: str, *, documents: str) -> Flow[..., Any]:
    """The flow that runs a domain's entities in their order, one failure not stopping the next; see `entity_flow`."""

    def run(
        janela_minutos: int | None = None,
        desde: datetime | None = None,
        ate: datetime | None = None,
        documentos: list[str] | None = None,
        dry_run: bool = False,
    ) -> State[dict[str, Any]]:
        Request.of(janela_minutos, desde, ate, documentos, dry_run)
        given = {"janela_minutos": janela_minutos, "desde": desde, "ate": ate, "documentos": documentos}
        return run_entities(entities, {**given, "dry_run": dry_run})

    return _named(run, name, _TOLD.format(purpose=purpose, documents=documents), None)


def in_flight() -> TaskRunner[PrefectFuture[Any]]:
    """The task runner of an entity's flow."""
    return cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=IN_FLIGHT))


def _named(run: Any, name: str, told: str, runner: TaskRunner[PrefectFuture[Any]] | None) -> Flow[..., Any]:
    run.__name__ = run.__qualname__ = name
    run.__doc__ = told
    return flow(name=name, flow_run_name=run_name, persist_result=True, task_runner=runner)(run)
