"""The alerts in Slack, as Prefect automations: failures, silence, the quarantine, Tiny's token."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.worker import EventsWorker
from prefect.exceptions import ObjectNotFound
from prefect_slack import SlackWebhook

from blocks.instalacao import own
from blocks.zone import shown
from flows.catalogo import RENEWAL
from flows.operacao import automations, messages
from flows.operacao.situacao.judge import TOLERATED
from flows.operacao.situacao.overview import Situation, Sweep
from flows.run.events import COMPLETED, FAILED, NOT_OFFERED, PARTIAL, QUARANTINE_GREW, RESOURCE, resource

SLACK_BLOCK = "slack"
LONGEST_DELAY = timedelta(minutes=10)
"""How much later than the run before it a run may end, and its success still comes in time."""
BAD = {FAILED, "prefect.flow-run.Crashed"}
"""A run that fails tells so itself, which comes at once; one that is killed cannot."""
DONE = {COMPLETED, PARTIAL}
"""Skipped is not among them: otherwise nobody would notice a lock that stays taken."""
WATCH = f"{RESOURCE}.vigia-iniciada"
"""Starts the watch over a job that has not succeeded since its automation was made."""


def set_up(jobs: Sequence[Situation]) -> Iterator[str]:
    """Bring the Slack automations to what is declared, if the server has the webhook's block; told line by line."""
    block = _slack_block()
    if block is None:
        yield f"alertas: não há SLACK_WEBHOOK_URL nem o bloco {slack_block_name()}, nada será avisado no Slack"
        return
    watched = {automations.named(silence(one, block).name): one for one in _by_deployment(jobs)}
    sweeps = {automations.named(missing_sweep(one, block).name): one.scheduled for one in _sweeps(jobs)}
    for name, outcome in automations.apply(declared(jobs, block)):
        yield f"automação {name}: {outcome}"
        if name in watched and outcome != "sem mudança":
            begin_watch(job.job for job in watched[name])
        if name in sweeps and outcome != "sem mudança":
            begin_sweep_watch(sweeps[name])


def slack_block_name() -> str:
    """The webhook's block, as Prefect writes it."""
    return f"{SlackWebhook.get_block_type_slug()}/{own(SLACK_BLOCK)}"


def _slack_block() -> UUID | None:
    with get_client(sync_client=True) as client:
        try:
            return client.read_block_document_by_name(own(SLACK_BLOCK), SlackWebhook.get_block_type_slug()).id
        except ObjectNotFound:
            return None


def begin_watch(flows: Iterable[str]) -> None:
    """Count the silence of these flows from now, unless it is being counted already."""
    with get_client(sync_client=True) as client:
        for name in flows:
            flow = f"prefect.flow.{client.read_flow_by_name(name).id}"
            related = {"prefect.resource.id": flow, "prefect.resource.role": "flow", "prefect.resource.name": name}
            _begin(name, [related])
    EventsWorker.instance().wait_until_empty()


def begin_sweep_watch(scheduled: str) -> None:
    """Count the silence of a sweep's deployment from now, unless it is being counted already."""
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(scheduled)
    related = [
        {"prefect.resource.id": f"prefect.{role}.{one}", "prefect.resource.role": role, "prefect.resource.name": name}
        for role, one, name in (
            ("deployment", found.id, found.name),
            ("flow", found.flow_id, scheduled.partition("/")[0]),
        )
    ]
    _begin(found.name, related)
    EventsWorker.instance().wait_until_empty()


def _begin(name: str, related: list[dict[str, str]]) -> None:
    told = {"hora": shown(datetime.now(UTC))}
    emit_event(WATCH, {"prefect.resource.id": resource(name)}, related=[*related, automations.mark()], payload=told)


def declared(jobs: Sequence[Situation], block: UUID) -> list[AutomationCore]:
    """All alerts about `jobs`, sent through the block of that id."""
    return [
        failure(jobs, block),
        token(jobs, block),
        quarantine(jobs, block),
        *(silence(watched, block) for watched in _by_deployment(jobs)),
        *(missing_sweep(sweep, block) for sweep in _sweeps(jobs)),
    ]


def failure(jobs: Sequence[Situation], block: UUID) -> AutomationCore:
    """A deployment's run that ended badly; Tiny's token has an alert of its own."""
    flows = {job.job for job in jobs} | ({job.group for job in jobs} & messages.DOMAIN_FLOWS.keys())
    return AutomationCore(
        name="Sincronia: execução que falhou",
        description="Avisa no Slack, uma vez por execução, o que falhou, até onde chegou e como recuperar.",
        trigger=_ended_badly(flows - {RENEWAL.name}),
        actions=[messages.notification(messages.FAILED, jobs, block)],
    )


def token(jobs: Sequence[Situation], block: UUID) -> AutomationCore:
    """The run that renews Tiny's token ended badly: that is urgent, and it happens every hour until it is mended."""
    return AutomationCore(
        name="Sincronia: token do Tiny não renovado",
        description="Avisa no Slack, a cada hora, que o token do Tiny não se renova, e o que fazer antes que expire.",
        trigger=_ended_badly({RENEWAL.name}),
        actions=[messages.notification(messages.TOKEN_NOT_RENEWED, jobs, block)],
    )


def quarantine(jobs: Sequence[Situation], block: UUID) -> AutomationCore:
    """A run left more records in quarantine than it found, or more of them that wait for a person."""
    return AutomationCore(
        name="Sincronia: quarentena que cresceu",
        description="Avisa no Slack que uma execução deixou mais registros em quarentena, ou à espera de uma pessoa.",
        trigger=EventTrigger(
            match={"prefect.resource.id": resource("*")},
            for_each={"prefect.resource.id"},
            expect={QUARANTINE_GREW},
            posture=Posture.Reactive,
        ),
        actions=[messages.notification(messages.QUARANTINE_GREW, jobs, block)],
    )


def silence(watched: Sequence[Situation], block: UUID) -> AutomationCore:
    """One of the jobs that a deployment runs on schedule has not succeeded for two intervals.

    Told once, and again only after a success in between. A job that the source does not offer is not waited for.
    """
    [(scheduled, every)] = {(job.scheduled, job.interval) for job in watched}
    assert scheduled is not None and every is not None
    return AutomationCore(
        name=silence_name(scheduled),
        description="Avisa no Slack, uma vez por silêncio, o que deste deployment não termina bem há dois intervalos.",
        trigger=EventTrigger(
            match={"prefect.resource.id": resource("*")},
            match_related=_one_of({job.job for job in watched}),
            for_each={"related:flow:prefect.resource.id"},
            after={*DONE, WATCH},
            expect={*DONE, NOT_OFFERED},
            posture=Posture.Proactive,
            within=patience(every),
        ),
        actions=[messages.notification(messages.SILENT, watched, block)],
    )


def missing_sweep(sweep: Sweep, block: UUID) -> AutomationCore:
    """A sweep's deployment has not completed for two intervals; one that skipped an entity (`Parcial`) does not count.

    Told once, and again only after a success in between.
    """
    return AutomationCore(
        name=f"Sincronia: {sweep.scheduled} ausente",
        description="Avisa no Slack, uma vez por silêncio, que a varredura não termina inteira há dois intervalos.",
        trigger=EventTrigger(
            match={"prefect.resource.id": resource("*")},
            match_related={
                "prefect.resource.role": "deployment",
                "prefect.resource.name": sweep.scheduled.partition("/")[2],
            },
            for_each={"related:deployment:prefect.resource.id"},
            after={COMPLETED, WATCH},
            expect={COMPLETED},
            posture=Posture.Proactive,
            within=patience(sweep.interval),
        ),
        actions=[messages.sent(messages.missing_sweep(sweep), block)],
    )


def patience(every: timedelta) -> timedelta:
    """How long the success of what runs at this interval is waited for.

    One run may fail, and the one after it takes its time: exactly two intervals would be too short.
    """
    return TOLERATED * every + min(every / 2, LONGEST_DELAY)


def _sweeps(jobs: Iterable[Situation]) -> list[Sweep]:
    """The sweeps of the jobs, each deployment once."""
    found = {job.sweep.scheduled: job.sweep for job in jobs if job.sweep}
    return [found[name] for name in sorted(found)]


def silence_name(deployment: str) -> str:
    """The plain name of the automation that watches the jobs of a deployment."""
    return f"Sincronia: {deployment} sem sucesso"


def _by_deployment(jobs: Iterable[Situation]) -> list[list[Situation]]:
    """The jobs that have a schedule, by the deployment that runs them."""
    scheduled = sorted((job for job in jobs if job.scheduled), key=lambda job: job.scheduled or "")
    return [list(found) for _, found in groupby(scheduled, key=lambda job: job.scheduled)]


def _ended_badly(flows: Iterable[str]) -> EventTrigger:
    """Matches a deployment's own run, not the runs of entities within their domain's: these have no deployment."""
    return EventTrigger(
        match={"prefect.resource.id": ["prefect.flow-run.*", resource("*")]},
        match_related=[{"prefect.resource.role": "deployment"}, _one_of(flows)],
        for_each={"prefect.resource.id"},
        expect=BAD,
        posture=Posture.Reactive,
    )


def _one_of(flows: Iterable[str]) -> dict[str, Any]:
    return {"prefect.resource.role": "flow", "prefect.resource.name": sorted(flows)}
