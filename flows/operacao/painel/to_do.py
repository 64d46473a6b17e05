"""The panel's lists: what people must do, which jobs are paused, which failures a later run made good. Pure."""

from collections.abc import Iterator, Sequence

from flows.catalogo import NEEDED
from flows.operacao.situacao.day import Day
from flows.operacao.situacao.judge import State
from flows.operacao.situacao.overview import Situation
from flows.operacao.situacao.words import clock, number, plain
from flows.run.parameters import command
from flows.run.report import Status

_EXHAUSTED = (
    "Corrija os registros na origem: são tentados de novo uma vez por dia. Quais são: "
    "`sincronia quarentena listar --esgotados`"
)


def to_do(jobs: Sequence[Day]) -> Iterator[str]:
    """Headings and lists in markdown."""
    yield "### O que fazer"
    wrong = sorted((job for job in jobs if _open(job)), key=_urgency)
    items = [f"{_what(job)}  \n  → {_advice(job)}" for job in wrong]
    exhausted = [
        f"{plain(job.situation.title)} ({number(job.situation.exhausted)})" for job in jobs if job.situation.exhausted
    ]
    if exhausted:
        items.append(f"**Quarentena**: tentativas esgotadas em {', '.join(exhausted)}  \n  → {_EXHAUSTED}")
    yield "\n".join(f"- {item}" for item in items) or "Nada: nenhum atraso, nenhuma falha por recuperar."
    paused = [job for job in jobs if job.judgement.state is State.PAUSED]
    if paused:
        yield "### Pausados"
        yield "\n".join(f"- {_paused(job)}" for job in paused)
    over = [job for job in jobs if job.failures and job not in wrong]
    if over:
        yield "### Já recuperado"
        yield "\n".join(f"- {_what(job)}" for job in over)


def _open(job: Day) -> bool:
    """Whether it is late, or has not succeeded since it last failed."""
    success, failures = job.situation.last_success, job.failures
    unmended = bool(failures) and (success is None or success < failures[-1].began)
    return unmended or job.judgement.late or job.judgement.failing


def _urgency(job: Day) -> tuple[bool, bool]:
    """Sorts late jobs before those that fail, and these before the others."""
    return not job.judgement.late, not job.judgement.failing


def _what(job: Day) -> str:
    """The item of a job that is late or has failed: what happened."""
    newest, now, facts = job.situation.last_run, job.now, []
    if job.judgement.late:
        facts.append(f"{job.judgement.word}; último sucesso: {job.freshness}")
        if newest is None:
            facts.append("nenhuma execução")
        elif not newest.failed and newest.status is not Status.RUNNING:
            facts.append("nenhuma execução desde então")
    failures = job.failures or tuple(run for run in (newest,) if run and run.failed)
    if failures:
        last = failures[-1]
        said = "interrompida antes de terminar" if last.status is Status.KILLED else plain(last.message)
        times = f"{number(len(failures))} falhas, a última" if len(failures) > 1 else "uma falha"
        facts.append(f"{times} ({clock(last.began, now)}): {said}")
    return f"**{plain(job.situation.title)}**: {'; '.join(facts)}"


def _paused(job: Day) -> str:
    """The item of a job that a person has paused: since when it has no success, and how it runs again."""
    resume = f"`sincronia controle retomar {job.situation.scheduled}`"
    return f"**{plain(job.situation.title)}**: último sucesso: {job.freshness}  \n  → Para voltar a rodar: {resume}"


def _advice(job: Day) -> str:
    situation, newest = job.situation, job.situation.last_run
    by_hand = f"`prefect deployment run {situation.recovery}`"
    if newest is not None and newest.status is Status.RUNNING:
        return f"Em execução desde {clock(newest.began, job.now)}: aguarde o fim."
    if situation.scheduled is None:
        return f"Rode de novo com os mesmos parâmetros: {_again(situation)}"
    if job.judgement.state is State.PAUSED:
        return f"Está {job.judgement.word} e não se recupera sozinha: {by_hand}"
    if not job.judgement.failing:
        schedule = f"`prefect deployment schedule ls {situation.scheduled}`"
        return f"Veja se há um worker e se a agenda está ativa: {schedule}; para recuperar já: {by_hand}"
    if job.judgement.late:
        return f"Resolva a causa; a próxima execução recupera tudo sozinha, ou já: {by_hand}"
    return f"A próxima execução recupera tudo sozinha; para não esperar: {by_hand}"


def _again(situation: Situation) -> str:
    """The command that asks for what the newest run was asked for; Retry, where its record does not tell."""
    last = situation.last_run
    given = last.report.given if last else {}
    if not all(name in given for name in NEEDED.get(situation.job, ())):
        return "Retry na execução, na UI do Prefect"
    return f"`{command(situation.recovery, given)}`"
