"""RELEITURA: reads documents again whatever their dates say, within a budget of calls and minutes.

docs/decisoes/021-rule-as-a-fingerprint.md says why.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from prefect import State

from blocks.zone import shown
from flows.run.agreement import agreed
from flows.run.counts import Counts
from flows.run.endings import SKIPPED_STATE
from flows.run.errors import BadParameters, EntitiesFailed
from flows.run.job import Job, Run
from flows.run.orchestration import JobFlow, job_flow
from flows.run.parameters import FromOne, Names, names
from flows.run.perform import SKIPPED, perform
from flows.run.record import show
from flows.sync.entity import Entity, Source
from flows.sync.request import Request
from flows.sync.reread import LEFT, OLDEST, reread
from flows.sync.rule import rule_of
from flows.sync.standing import left_to_check, progress
from flows.sync.sync import Sync
from flows.sync.turns import Budget, Slice, in_turns
from flows.sync.window import CHECK_HOLDS

RELEITURA = Job(name="releitura", title="Releitura", domain="conferencia")

OVERDUE = "entidades com documentos sem conferência há mais de RELEITURA_DIAS: aumente RELEITURA_CHAMADAS ou _MINUTOS"
"""What operators are warned of."""


def reread_flow(
    entities: Sequence[Entity], then: Callable[[], None], connected: Callable[[], AbstractContextManager[None]]
) -> JobFlow[...]:
    """The flow that reads the entities' documents again, within `connected`.

    `then` is called at the end of a run that is no dry run.
    """

    def checked(entidades: list[str] | None, chamadas: int | None, minutos: int | None, **_: Any) -> list[Entity]:
        for name, value in {"chamadas": chamadas, "minutos": minutos}.items():
            if value is not None and value < 1:
                raise BadParameters(f"{name}={value}: informe ao menos 1")
        return _chosen(entities, entidades)

    @job_flow(RELEITURA.name, check=checked)
    def releitura(
        entidades: Names | None = None,
        chamadas: FromOne | None = None,
        minutos: FromOne | None = None,
        dry_run: bool = False,
    ) -> State[dict[str, Any]]:
        """Relê documentos do Odoo, digam o que disserem as suas datas.

        Primeiro os que outra regra gravou, do mais novo ao mais antigo; depois os conferidos há mais tempo. O que
        difere conta como tardio, com a causa.

        Args:
            entidades: só estas (carteira, pedidos …).
            chamadas: quantas chamadas ao Odoo pode fazer, em vez de RELEITURA_CHAMADAS.
            minutos: quantos minutos pode levar, em vez de RELEITURA_MINUTOS.
            dry_run: relê um lote de cada entidade e conta, sem gravar nada.
        """
        chosen = checked(entidades, chamadas, minutos)
        work = partial(_reread_all, chosen=chosen, calls=chamadas, minutes=minutos)
        asked = ", ".join(entity.name for entity in chosen)
        state = perform(RELEITURA, asked, work, connect=lambda _: connected(), dry_run=dry_run)
        if not dry_run:
            then()
        return state

    return releitura


def _chosen(entities: Sequence[Entity], given: list[str] | None) -> list[Entity]:
    wanted = [entity.name for entity in entities] if given is None else names("entidades", given)
    unknown = [name for name in wanted if name not in {entity.name for entity in entities}]
    if unknown or not wanted:
        known = ", ".join(entity.name for entity in entities)
        raise BadParameters(f"entidades={', '.join(unknown) or 'nenhuma'}: informe algumas de {known}")
    return [entity for entity in entities if entity.name in wanted]


def _reread_all(run: Run, _: None, chosen: Sequence[Entity], calls: int | None, minutes: int | None) -> None:
    """Read the entities again in turns; the run's report counts all of it.

    Raises:
        EntitiesFailed: some failed, after all had their turns.
    """
    settings, report = run.settings, run.report
    budget = Budget(calls or settings.releitura_chamadas, 60.0 * (minutes or settings.releitura_minutos))
    report.window = f"até {budget.calls} chamadas e {budget.seconds / 60:g} minutos"
    standing = {entity: _standing(run, entity) for entity in chosen}
    done = in_turns(standing, budget, partial(_slice, dry_run=report.dry_run), once=report.dry_run)
    report.counts = _found(sum((each.counts for each in done.values()), Counts()))
    report.calls = sum(each.calls for each in done.values())
    report.notes |= {name: _told(each) for name, each in done.items()}
    limit = datetime.now(UTC) - timedelta(days=settings.releitura_dias)
    overdue = sum(1 for each in done.values() if each.oldest and each.oldest < limit)
    report.counts += Counts(avisos={OVERDUE: overdue} if overdue else {})
    if not report.dry_run:
        show(RELEITURA.name, _table(done), f"Documentos relidos: {report.window}")
    failed = {name: each.failed for name, each in done.items() if each.failed}
    if failed:
        each = "; ".join(f"{name} ({message})" for name, message in failed.items())
        raise EntitiesFailed(f"{len(failed)} de {len(chosen)} entidades falharam: {each}")
    left = sum(each.left for each in done.values())
    if left and not report.dry_run:
        report.stopped = f"o limite desta execução; {agreed(left, 'documentos ficam')} para a próxima"


def _standing(run: Run, entity: Entity) -> Slice:
    """How much of an entity is left to be read again, before anything was."""
    engine, rule = run.writer.engine, rule_of(entity, run.settings)
    left = left_to_check(engine, entity.name, rule, CHECK_HOLDS)
    return Slice(left=left.documents, rule=progress(engine, entity.name, rule).described(), oldest=left.oldest)


def _slice(entity: Entity, limit: int, *, dry_run: bool) -> Slice:
    """Read some documents of an entity again, under its lock and with a record of its own."""

    def work(run: Run, source: Source) -> None:
        reread(Sync(run, entity, Request(dry_run=dry_run), source), limit)

    state = perform(
        entity,
        f"releitura de até {limit} documentos",
        work,
        connect=lambda settings: closing(entity.connected(settings)),
        dry_run=dry_run,
        waits=False,  # another entity has its turn first
    )
    if not state.is_completed():
        return Slice(failed=state.message or str(state.type))
    if state.name == SKIPPED_STATE:
        return Slice(busy=state.message == SKIPPED)
    result = state.result()
    oldest = result[OLDEST] and datetime.fromisoformat(result[OLDEST])
    return Slice(Counts.of(result), result["chamadas"], result["segundos"], result[LEFT], result["regra"] or "", oldest)


def _found(whole: Counts) -> Counts:
    """What the run tells of all slices. The rows that these wrote are counted by their own records."""
    return Counts(documentos=whole.documentos, tardios=whole.tardios, causas=whole.causas)


def _told(done: Slice) -> str:
    oldest = f"; conferência mais antiga {shown(done.oldest)}" if done.oldest else ""
    reread, late = agreed(done.counts.documentos, "relidos"), agreed(done.counts.tardios, "tardios")
    return f"{reread}, {late}; {done.rule}{oldest}"


def _table(done: Mapping[str, Slice]) -> list[dict[str, Any]]:
    return [
        {
            "entidade": name,
            "relidos": each.counts.documentos,
            "tardios": each.counts.tardios,
            "causas": ", ".join(f"{cause} {number}" for cause, number in each.counts.causas.items()),
            "regra": each.rule,
            "ficam": each.left,
            "conferência mais antiga": shown(each.oldest) if each.oldest else "",
            "chamadas": each.calls,
        }
        for name, each in done.items()
    ]
