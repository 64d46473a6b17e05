"""The panel's text: how every job stands, the last 24 hours in pictures and tables, and what to do. Pure."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from blocks.zone import BUSINESS_ZONE
from flows.operacao.deployments import Deployment
from flows.operacao.painel.drawing import Lane, Mark, per_hour, timeline
from flows.operacao.painel.standing import Standing, told
from flows.operacao.painel.to_do import to_do
from flows.operacao.situacao.day import Day, days
from flows.operacao.situacao.judge import State
from flows.operacao.situacao.overview import DAY, Overview, Situation
from flows.operacao.situacao.words import counted, lasting, number, plain
from flows.run.agreement import agreed

COUNTED = ("novos", "atualizados", "removidos", "rejeitados")

_EMPTY = "Nenhum processo na agenda: rode `make deploy`, que grava o que roda e de quanto em quanto tempo."


def panel(
    overview: Overview, deployments: Mapping[str, Deployment] | None = None, standing: Standing | None = None
) -> str:
    """The artifact's markdown; its pictures are data URIs, and what they show is in words and tables as well.

    Args:
        overview: what the database tells.
        deployments: Prefect's by name, which tell what is paused; None: Prefect was not asked.
        standing: what is known of the data itself; None: nothing.
    """
    jobs = days(overview, deployments or {})
    if not jobs:
        return _EMPTY
    return "\n\n".join(
        (
            f"## {headline(overview)}",
            _summary(overview, jobs),
            _picture(
                "Execuções das últimas 24 horas: uma linha por processo, uma marca por execução. "
                "Os números estão na tabela Execuções",
                timeline(overview.now, list(_lanes(jobs))),
            ),
            *to_do(jobs),
            "### Linhas",
            _picture(
                "Linhas novas, atualizadas, removidas e rejeitadas em cada hora. Os números estão na tabela seguinte",
                per_hour(
                    overview.now, {name: [(run.began, run.count(name)) for run in overview.runs] for name in COUNTED}
                ),
            ),
            _rows_table(jobs),
            "### Execuções",
            _runs_table(jobs),
            *(told(standing, overview) if standing else ()),
        )
    )


def headline(overview: Overview, deployments: Mapping[str, Deployment] | None = None) -> str:
    """How all stands, in one line; `deployments` as in `panel`."""
    jobs = days(overview, deployments or {})
    late = [job.situation for job in jobs if job.judgement.late]
    never = sum(each.last_success is None for each in late)
    failing = sum(job.judgement.failing and not job.judgement.late for job in jobs)
    paused = sum(job.judgement.state is State.PAUSED for job in jobs)
    exhausted = sum(each.exhausted > 0 for each in overview.situations)
    found = (
        (len(late) - never, "processo atrasado", "processos atrasados"),
        (never, "ainda sem nenhum sucesso", "ainda sem nenhum sucesso"),
        (failing, "falhou por último", "falharam por último"),
        (exhausted, "com quarentena esgotada", "com quarentena esgotada"),
    )
    wrong = ", ".join(counted(*each) for each in found if each[0])
    if not jobs:
        return "⚠️ nenhum processo na agenda"
    set_aside = f", {counted(paused, 'pausado', 'pausados')}" if paused else ""
    all_well = f"✅ {counted(len(jobs), 'processo', 'processos')}, nenhum atraso"
    return f"⚠️ {wrong}{set_aside}" if wrong else f"{all_well}{set_aside}"


def _summary(overview: Overview, jobs: Sequence[Day]) -> str:
    found = {name: sum(run.count(name) for run in overview.runs) for name in COUNTED}
    sums = [agreed(quantity, name, number(quantity)) for name, quantity in found.items()]
    failed = sum(len(job.failures) for job in jobs)
    runs = counted(len(overview.runs), "execução", "execuções")
    return (
        f"Situação às **{overview.now.astimezone(BUSINESS_ZONE):%H:%M de %d/%m/%Y}** (horário de São Paulo). "
        f"Últimas 24 horas: {runs}, **{counted(failed, 'falha', 'falhas')}**; linhas: {', '.join(sums)}."
    )


def _picture(told: str, svg: str) -> str:
    return f"![{told}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"


def _lanes(jobs: Sequence[Day]) -> Iterator[Lane]:
    group = jobs[0].situation.group
    for job in jobs:
        judgement = job.judgement
        yield Lane(
            title=job.situation.title,
            note=_note(job),
            judgement=judgement,
            missing=(job.situation.last_success or job.now - DAY) if judgement.late else None,
            marks=[Mark(run.began, run.seconds, run.status) for run in job.runs],
            runs=number(len(job.runs)),
            failures=counted(len(job.failures), "falha", "falhas") if job.failures else "",
            apart=job.situation.group != group,
        )
        group = job.situation.group


def _note(job: Day) -> str:
    """What stands under the job's title: its last success, and how it stands if that is not simply well."""
    judgement = job.judgement
    return job.freshness if judgement.well else f"{job.freshness} · {judgement.word}"


def _runs_table(jobs: Sequence[Day]) -> str:
    rows = []
    for job in jobs:
        seconds = [run.seconds for run in job.runs if run.seconds]
        durations = (lasting(median(seconds)), lasting(max(seconds))) if seconds else ("–", "–")
        fresh = f"**{job.freshness}**" if job.judgement.late else job.freshness
        rows.append((plain(job.situation.title), fresh, number(len(job.runs)), number(len(job.failures)), *durations))
    return _table(("Processo", "Último sucesso", "Execuções", "Falhas", "Duração mediana", "Maior"), rows)


def _rows_table(jobs: Sequence[Day]) -> str:
    rows = []
    for job in jobs:
        counts = [sum(run.count(name) for run in job.runs) for name in COUNTED]
        kept = _quarantine(job.situation)
        if any(counts) or kept:
            rows.append((plain(job.situation.title), *(number(each) for each in counts), kept or "–"))
    if not rows:
        return "Nenhuma linha mudou, e a quarentena está vazia."
    return _table(("Processo", *(name.capitalize() for name in COUNTED), "Quarentena"), rows)


def _quarantine(situation: Situation) -> str:
    kept = (
        (situation.pending, "pendente", "pendentes"),
        (situation.exhausted, "esgotado", "esgotados"),
        (situation.waiting, "aguardando", "aguardando"),
    )
    return ", ".join(counted(*each) for each in kept if each[0])


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Names to the left, numbers to the right; the UI breaks no line in a cell, so that cells must be short."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, (":--", *("--:" for _ in head[1:])), *rows))
