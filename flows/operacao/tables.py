"""The status as tables that fit into 120 columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.table import Table

from blocks.zone import BUSINESS_ZONE
from flows.operacao.checks import Checks
from flows.operacao.lines import Line, Tally
from flows.operacao.links import run_link
from flows.operacao.situacao.judge import FAILING, WORDS, Judgement, State
from flows.operacao.situacao.words import ago, clock, lasting
from flows.operacao.sizes import Size, told
from flows.operacao.verdicts import missing_sweep
from flows.run.agreement import agreed
from flows.run.counts import described
from flows.run.report import Status

_COLOURS = {State.FINE: "green", State.LATE: "bold red", State.PAUSED: "yellow"}
_RUNNING_COLOUR, _FAILING_COLOUR = "cyan", "red"
_NONE = "–"
_LONGEST_MESSAGE = 200


def jobs_table(lines: Sequence[Line], now: datetime) -> Table:
    """A row per job: how it stands, its last success, checkpoint, next run, last counts, open failures, lock."""
    table = _table(f"Situação em {now.astimezone(BUSINESS_ZONE):%d/%m/%Y %H:%M}")
    for name in ("entidade", "situação", "último sucesso", "checkpoint", "próxima"):
        table.add_column(name, no_wrap=True)
    table.add_column("última execução")
    table.add_column("falhas abertas", min_width=len("99 pendentes,"))
    table.add_column("trava")
    for line in lines:
        at, judgement = line.situation, line.judgement
        colour = _colour(judgement)
        table.add_row(
            at.job,
            f"[{colour}]{line.state}[/]" if colour else line.state,
            f"{clock(at.last_success, now)} {ago(at.last_success, now)}" if at.last_success else _NONE,
            clock(at.checkpoint, now) if at.checkpoint else _NONE,
            clock(line.next_run, now) if line.next_run else _NONE,
            _outcome(line, now),
            _failures(line),
            _holder(line),
        )
    return table


def last_day_table(lines: Sequence[Line], whole: Tally) -> Table:
    """A row per job that ran: success rate and mean time of the last 24 hours; and one for all of them."""
    table = _table("Últimas 24 h")
    table.add_column("entidade", no_wrap=True)
    for name in ("execuções", "com sucesso", "taxa de sucesso", "tempo médio"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        if line.day.ended:
            table.add_row(line.situation.job, *_day(line.day))
    table.add_section()
    table.add_row("todas", *_day(whole))
    return table


def checks_table(lines: Sequence[Line], checks: Mapping[str, Checks], now: datetime) -> Table:
    """A row per entity that has documents: how many are of the rule of its last run, and the oldest check."""
    table = _table("Documentos")
    table.add_column("entidade", no_wrap=True)
    for name in ("documentos", "na regra atual", "conferência mais antiga"):
        table.add_column(name, justify="right", no_wrap=True)
    for job in (line.situation.job for line in lines if line.situation.job in checks):
        found = checks[job]
        current = f"{found.current} de {found.documents}"
        oldest = f"{clock(found.oldest, now)} {ago(found.oldest, now)}"
        table.add_row(job, str(found.documents), current, oldest)
    return table


def sizes_table(sizes: Sequence[Size]) -> Table:
    """A row per thing that grows."""
    table = _table("Tamanhos")
    table.add_column("o quê")
    for name in ("tamanho", "quantidade"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in sizes:
        table.add_row(each.name, told(each.size), _NONE if each.number is None else str(each.number))
    return table


def notes(lines: Sequence[Line], now: datetime) -> list[str]:
    """What does not fit into the table: why a job's newest run failed, and where; that it was skipped; a missing sweep.

    Of several jobs that say the same, the first one's run is told.
    """
    by_message: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    for line in lines:
        run, sweep = line.ended, line.situation.sweep
        if sweep and line.judgement.sweep_late:
            missing = f"varredura {WORDS[State.LATE]}, {missing_sweep(sweep, now)}: rode {sweep.scheduled}"
            by_message.setdefault(missing, []).append(line.situation.job)
        if run and run.status is Status.FAILED:
            failure = f"ERRO {clock(run.began, now)}: {_short(run.message)}"
            by_message.setdefault(failure, []).append(line.situation.job)
            if link := run_link(run):
                links.setdefault(failure, f"\n   Veja: {link}")
        elif run and run.status is Status.SKIPPED:
            by_message.setdefault(f"{run.status}: {_short(run.message)}", []).append(line.situation.job)
    return [f"{', '.join(jobs)}: {message}{links.get(message, '')}" for message, jobs in by_message.items()]


def _colour(judgement: Judgement) -> str | None:
    if judgement.running:
        return _RUNNING_COLOUR
    return _FAILING_COLOUR if judgement.word == FAILING else _COLOURS.get(judgement.state)


def _outcome(line: Line, now: datetime) -> str:
    run = line.ended
    if run is None:
        return _NONE
    if run.status is Status.FAILED:
        return f"[bold red]ERRO {clock(run.began, now)}[/]"
    if run.status is Status.KILLED:
        return f"[bold red]{run.status} {clock(run.began, now)}[/]"
    if run.status is Status.CANCELLED:
        return f"{run.status} {clock(run.began, now)}"
    if run.status is Status.SKIPPED:
        return run.status.value
    return described(run.report.counts) or "nada mudou"


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)


def _failures(line: Line) -> str:
    at = line.situation
    counts = {"pendentes": at.pending, "esgotados": at.exhausted, "aguardando": at.waiting}
    return ", ".join(agreed(n, name) for name, n in counts.items() if n) or _NONE


def _holder(line: Line) -> str:
    if line.situation.holder is None:
        return _NONE
    return f"pid {line.situation.holder}" + (f" run {line.flow_run[:8]}" if line.flow_run else "")


def _day(day: Tally) -> tuple[str, ...]:
    rate = _NONE if day.rate is None else f"{day.rate:.0%}"
    mean = _NONE if day.mean is None else lasting(day.mean)
    return str(day.ended), str(day.succeeded), rate, mean


def _short(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[: _LONGEST_MESSAGE - 1]}…"
