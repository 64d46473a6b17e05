"""The panel: how every job stands, what the last 24 hours brought, what wants a person and what to do. Pure."""

import base64
from collections.abc import Iterator, Sequence
from statistics import median

from blocks.zone import BUSINESS_ZONE
from flows.operacao.painel.drawing import Lane, Mark, per_hour, timeline
from flows.operacao.situacao.overview import DAY, Overview, Situation
from flows.operacao.situacao.standing import BAD, Day, Outcome, Standing, days, outcome_of
from flows.operacao.situacao.words import clock, counted, lasting, number, plain

COUNTED = ("novos", "atualizados", "removidos", "rejeitados")

_EMPTY = "Nenhum processo na agenda: rode `make deploy`, que grava o que roda e de quanto em quanto tempo."
_EXHAUSTED = (
    "Corrija os registros na origem: a próxima leitura os traz de volta. Quais são: "
    "`SELECT entidade, documento, erro FROM import_failures WHERE status = 'esgotado'`"
)


def panel(overview: Overview) -> str:
    """The artifact's markdown; its pictures are data URIs, and what they show is in words and tables as well."""
    jobs = days(overview)
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
            *_to_do(jobs),
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
        )
    )


def headline(overview: Overview) -> str:
    """How all stands, in one line."""
    jobs = days(overview)
    late = [job.situation for job in jobs if job.standing is Standing.LATE]
    never = sum(each.last_success is None for each in late)
    failing = sum(job.standing is Standing.FAILING for job in jobs)
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
    return f"⚠️ {wrong}" if wrong else f"✅ {counted(len(jobs), 'processo', 'processos')}, nenhum atraso"


def _summary(overview: Overview, jobs: Sequence[Day]) -> str:
    sums = [f"{number(sum(run.count(name) for run in overview.runs))} {name}" for name in COUNTED]
    failed = sum(len(job.bad) for job in jobs)
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
        late = job.standing is Standing.LATE
        yield Lane(
            title=job.situation.title,
            note=job.freshness if job.standing is Standing.FINE else f"{job.freshness} · {job.standing.value}",
            standing=job.standing,
            missing=(job.situation.last_success or job.now - DAY) if late else None,
            marks=[Mark(run.began, run.seconds, outcome) for run, outcome in job.runs],
            runs=number(len(job.runs)),
            failures=counted(len(job.bad), "falha", "falhas") if job.bad else "",
            apart=job.situation.group != group,
        )
        group = job.situation.group


def _to_do(jobs: Sequence[Day]) -> Iterator[str]:
    yield "### O que fazer"
    wrong = sorted((job for job in jobs if _open(job)), key=lambda job: list(Standing).index(job.standing))
    items = [f"{_what(job)}  \n  → {_advice(job)}" for job in wrong]
    exhausted = [
        f"{plain(job.situation.title)} ({number(job.situation.exhausted)})" for job in jobs if job.situation.exhausted
    ]
    if exhausted:
        items.append(f"**Quarentena**: tentativas esgotadas em {', '.join(exhausted)}  \n  → {_EXHAUSTED}")
    yield "\n".join(f"- {item}" for item in items) or "Nada: nenhum atraso, nenhuma falha por recuperar."
    over = [job for job in jobs if job.bad and job not in wrong]
    if over:
        yield "### Já recuperado"
        yield "\n".join(f"- {_what(job)}" for job in over)


def _open(job: Day) -> bool:
    """Whether it is late, or has not succeeded since it last failed."""
    success = job.situation.last_success
    unmended = bool(job.bad) and (success is None or success < job.bad[-1].began)
    return unmended or job.standing in (Standing.LATE, Standing.FAILING)


def _what(job: Day) -> str:
    """The item of a job that is late or has failed: what happened."""
    situation, now, facts = job.situation, job.now, []
    if job.standing is Standing.LATE:
        facts.append(f"atrasado; último sucesso: {job.freshness}")
        if situation.last_run is None:
            facts.append("nenhuma execução")
        elif job.last not in (*BAD, Outcome.GOING):
            facts.append("nenhuma execução desde então")
    failed = job.bad or tuple(run for run in (situation.last_run,) if run and job.last in BAD)
    if failed:
        newest = failed[-1]
        killed = outcome_of(newest, situation) is Outcome.KILLED
        said = "interrompida antes de terminar" if killed else plain(newest.message)
        times = f"{number(len(failed))} falhas, a última" if len(failed) > 1 else "uma falha"
        facts.append(f"{times} ({clock(newest.began, now)}): {said}")
    return f"**{plain(situation.title)}**: {'; '.join(facts)}"


def _advice(job: Day) -> str:
    situation = job.situation
    by_hand = f"`prefect deployment run {situation.recovery}`"
    if job.last is Outcome.GOING and situation.last_run is not None:
        return f"Em execução desde {clock(situation.last_run.began, job.now)}: aguarde o fim."
    if situation.scheduled is None:
        return f"Rode de novo com os mesmos parâmetros: {by_hand}"
    if job.last not in BAD:
        schedule = f"`prefect deployment schedule ls {situation.scheduled}`"
        return f"Veja se há um worker e se a agenda está ativa: {schedule}; para recuperar já: {by_hand}"
    if job.standing is Standing.LATE:
        return f"Resolva a causa; a próxima execução recupera tudo sozinha, ou já: {by_hand}"
    return f"A próxima execução recupera tudo sozinha; para não esperar: {by_hand}"


def _runs_table(jobs: Sequence[Day]) -> str:
    rows = []
    for job in jobs:
        seconds = [run.seconds for run, _ in job.runs if run.seconds]
        durations = (lasting(median(seconds)), lasting(max(seconds))) if seconds else ("–", "–")
        fresh = f"**{job.freshness}**" if job.standing is Standing.LATE else job.freshness
        rows.append((plain(job.situation.title), fresh, number(len(job.runs)), number(len(job.bad)), *durations))
    return _table(("Processo", "Último sucesso", "Execuções", "Falhas", "Duração mediana", "Maior"), rows)


def _rows_table(jobs: Sequence[Day]) -> str:
    rows = []
    for job in jobs:
        counts = [sum(run.count(name) for run, _ in job.runs) for name in COUNTED]
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
