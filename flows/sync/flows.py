"""The Prefect flows of entities and domains: all take the same parameters, told to operators in the same words."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from functools import cache
from typing import Any

from prefect import State, runtime
from prefect.logging import get_run_logger
from prefect.states import Completed

from flows.run.endings import PARTIAL_STATE, SKIPPED_STATE
from flows.run.errors import EntitiesFailed, ResultGone, UnknownDocuments
from flows.run.job import Domain, Run
from flows.run.late_runs import cancel_late_runs
from flows.run.orchestration import JobFlow, job_flow, started
from flows.run.parameters import Documents, Minutes, Moment, Share
from flows.run.perform import SKIPPED, failure, perform
from flows.run.results import kept_result
from flows.sync.entity import Entity, Source
from flows.sync.request import TOGETHER, Request
from flows.sync.sync import Sync, sync_documents

_TOLD = """{purpose}

Sem parâmetros, lê desde o último checkpoint. Informe só um dos períodos.

Args:
    janela_minutos: lê o que mudou neste número de minutos até agora.
    desde: lê o que mudou a partir deste instante (sem fuso: horário de São Paulo).
    ate: e antes deste; exige desde.
    documentos: {numbers}
    dry_run: lê e conta, sem gravar nada.
    reler: lê todos os documentos do período, também os que não mudaram.
    limite_exclusao: só nesta execução, que parte do que está gravado pode sumir de uma vez (0.5 é a metade, 1 é tudo).
"""


@cache
def entity_flow(entity: Entity) -> JobFlow[...]:
    """The flow that syncs an entity, under its name."""

    def run(request: Request, _: dict[str, Any]) -> State[dict[str, Any]]:
        return sync(entity, request)

    return _flow(entity.name, entity.purpose, entity.numbers, run)


def domain_flow(
    domain: Domain, then: Callable[[], None], connected: Callable[[], AbstractContextManager[None]]
) -> JobFlow[...]:
    """The flow that syncs a domain's entities in their order, one failure not stopping the next.

    The entities run within `connected`. `then` is called at the end of every run that is no dry run, whatever failed.
    """

    def run(request: Request, given: dict[str, Any]) -> State[dict[str, Any]]:
        cancel_late_runs()
        entities = [entity_flow(job) for job in domain.jobs if isinstance(job, Entity)]
        with connected():
            state = run_entities(entities, request.numbers, given)
        if not request.dry_run:
            then()
        return state

    return _flow(domain.name, domain.purpose, domain.numbers, run)


def _flow(
    name: str, purpose: str, numbers: str, run: Callable[[Request, dict[str, Any]], State[dict[str, Any]]]
) -> JobFlow[...]:
    """A flow that takes the operators' parameters; `run` gets them as a checked request, and as they were given."""

    def flow(
        janela_minutos: Minutes | None = None,
        desde: Moment | None = None,
        ate: Moment | None = None,
        documentos: Documents | None = None,
        *,
        dry_run: bool = False,
        reler: bool = False,
        limite_exclusao: Share | None = None,
    ) -> State[dict[str, Any]]:
        span: dict[str, Any] = {"janela_minutos": janela_minutos, "desde": desde, "ate": ate}
        given = {**span, "documentos": documentos, "dry_run": dry_run, "reler": reler}
        given |= {"limite_exclusao": limite_exclusao}
        return run(Request.of(**given), given)

    told = _TOLD.format(purpose=purpose, numbers=numbers)
    return job_flow(name, told=told, check=Request.of, together=TOGETHER)(flow)


def sync(entity: Entity, request: Request) -> State[dict[str, Any]]:
    """Run one entity once; the body of every entity flow. See `perform` for the state.

    Raises:
        SincroniaError: what could not be done and what to do about it; what was stored stays stored
            and the checkpoint stays where every change before it is.
    """

    def work(run: Run, source: Source) -> None:
        sync_documents(Sync(run, entity, request, source))
        if run.report.unknown and not runtime.flow_run.parent_flow_run_id:  # else the domain's other entities may know
            raise _unknown(run.report.unknown)

    return perform(
        entity,
        request.described(),
        work,
        connect=lambda settings: closing(entity.open_source(settings)),
        dry_run=request.dry_run,
        limite_exclusao=request.limite_exclusao,
    )


def run_entities(
    entities: Sequence[JobFlow[...]], numbers: Sequence[str], parameters: dict[str, Any]
) -> State[dict[str, Any]]:
    """Run the entity flows one after the other with the same parameters; `numbers` are those that they ask for.

    Returns:
        Completed with the entities' results by name, its message what they said, and named `Parcial` if one was skipped
        because another run holds its lock, or was cancelled by a person; or Failed with EntitiesFailed (some failed,
        after all had their turn) or UnknownDocuments (a number is known to none of them); or with ResultGone, in a
        Retry after an entity's result of the earlier attempt was removed.
    """
    logger = get_run_logger()
    results: dict[str, Any] = {}
    said: list[str] = []
    failed: dict[str, str] = {}
    left: list[str] = []
    for entity in entities:
        state = started(entity, **parameters)
        told = state.message or state.name or state.type.value
        if state.is_cancelled():
            left.append(entity.name)
            said.append(f"{entity.name}: cancelada")
            logger.warning("⏹️ %s: %s", entity.name, told)
            continue
        if not state.is_completed():
            failed[entity.name] = told
            logger.error("❌ %s falhou: %s", entity.name, told)
            continue
        skipped = state.name == SKIPPED_STATE
        try:
            results[entity.name] = {"status": SKIPPED_STATE} if skipped else kept_result(entity.name, state)
        except ResultGone as error:
            logger.error("❌ %s", error)
            return failure(error)
        said.append(f"{entity.name}: pulada ({told})" if skipped else told)
        left += [entity.name] if skipped and told == SKIPPED else []
        logger.info("%s %s: %s", "⏭️" if skipped else "✅", entity.name, told)
    if failed:
        each = "; ".join(f"{name} ({message})" for name, message in failed.items())
        return failure(EntitiesFailed(f"{len(failed)} de {len(entities)} entidades falharam: {each}"))
    looked = [set(result["nao_encontrados"]) for result in results.values() if "nao_encontrados" in result]
    unknown = [number for number in numbers if looked and all(number in missing for missing in looked)]
    if unknown:
        return failure(_unknown(unknown))
    if left:
        return Completed(name=PARTIAL_STATE, message="; ".join(said), data=results)
    return Completed(message="; ".join(said), data=results)


def _unknown(numbers: Sequence[str]) -> UnknownDocuments:
    return UnknownDocuments(
        f"Documentos que não existem nem na origem nem aqui: {', '.join(numbers)}; confira os números"
    )
