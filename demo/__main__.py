"""`make demo`: simulated Odoo and Tiny into PostgreSQL on a real Prefect server, checked record by record."""

import argparse
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from blocks.errors import SincroniaError
from demo import check, story
from demo.deployments import run_deployments, set_schedules
from demo.odoo.version import VERSIONS
from demo.prefect import vigia
from demo.stack import Stack, stack
from flows.run.agreement import agreed
from flows.run.counts import Counts, described

DEPLOYMENTS = ("vendas/vendas-agendada", "compras/compras-agendada")
JOBS = ("apontamentos/apontamentos-agendada", "demanda/demanda-agendada", "ordens-mto/ordens-mto-agendada")
"""What reads the tables that the others fill."""
TINY_OS, FALHAS, INTEGRIDADE = (
    "tiny-os/tiny-os-agendada",
    "tiny-falhas/tiny-falhas-agendada",
    "tiny-integridade/tiny-integridade-agendada",
)
CARGA = "tiny-carga/tiny-carga-recuperacao"
SHOWN = ("lidos", "novos", "atualizados", "inalterados", "ignorados", "rejeitados", "assentados")
"""The columns of the table; those from `novos` to `rejeitados` add up to `lidos`."""
RARE = ("removidos", "ocultos", "tardios")
BEGAN = time.monotonic()


@dataclass(frozen=True)
class Round:
    """One round: what is run together first, what after it, what they are asked for, and in Tiny what none can see."""

    number: int
    title: str
    first: tuple[str, ...]
    then: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unseen: Mapping[int, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """One entity in one round, and whether the tables then agree with the source."""

    entidade: str
    rodada: int
    counts: dict[str, Any]
    confere: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found = Counts.of(self.counts)
        told = {"lidos": found.lidos, "assentados": found.assentados, **found.became}
        numbers = {name: told.get(name, 0) for name in SHOWN} | {"segundos": self.counts["segundos"]}
        return {"entidade": self.entidade, "rodada": self.rodada, **numbers, "confere": self.confere}


def main() -> int:
    """Run the demo; 0 only if every round agrees."""
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    company: dict[str, object] = {"company": options.company, "profile": options.profile, "versao": options.versao}
    if options.company == "generated":
        company |= {"orders": options.orders, "lines_per_order": 5}
    try:
        with stack(say, **company) as running:
            outcomes, kept = _rounds(running)
            agree = kept and all(outcome.confere for outcome in outcomes)
            _print_table(outcomes)
            say("tudo confere com a origem, registro por registro" if agree else "HÁ DIVERGÊNCIAS: veja acima")
            if options.json:
                options.json.parent.mkdir(parents=True, exist_ok=True)
                options.json.write_text(json.dumps([each.as_dict() for each in outcomes], ensure_ascii=False, indent=2))
            if options.stay:
                with vigia(running.server, say):
                    _stay(running)
            else:
                say(f"the Prefect UI was on {running.server.url}; `make up` keeps everything up, to look at it")
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except SincroniaError as error:
        say(f"failed: {error}")
        return 1
    return 0 if agree else 1


def _rounds(running: Stack) -> tuple[list[Outcome], bool]:
    """First load; changes on all sides and a second run; a third run that finds what no other could see in Tiny."""
    tiny = running.tiny
    with story.scene(running.odoo, running.engine, say) as scene:
        forgotten = story.cadastro.people_register(scene)
        sold = story.manufatura.people_prepare(scene)
        mistyped = story.tiny.people_mistype(tiny, say)
        span = dict(zip(("de", "ate"), check.tiny.read_account(tiny).months, strict=True))
        load = Round(1, "primeira carga", (*DEPLOYMENTS, CARGA), JOBS, parameters={CARGA: span})
        outcomes = _round(running, load, lambda: story.manufatura.people_ship(scene, sold))
        planned = story.vendas.people_plan(scene)
        story.vendas.odoo_changes(scene, planned)
        story.cadastro.people_remember(scene, forgotten)
        requested = story.compras.order_first(scene)
        run_deployments(running.server, "alocacoes/alocacoes-recuperacao")
        story.compras.waits(scene, requested)
        story.compras.odoo_changes(scene)
        story.manufatura.odoo_changes(scene, sold)
        unseen = story.tiny.people_change(tiny, say)
        story.tiny.people_mend(tiny, running.engine, say, mistyped)
        changed = Round(2, "depois das mudanças", (*DEPLOYMENTS, TINY_OS), (*JOBS, FALHAS), unseen=unseen)
        outcomes += _round(running, changed)
        kept = story.vendas.survived(scene, planned)
    idle = _round(running, Round(3, "sem nada novo", DEPLOYMENTS, (*JOBS, INTEGRIDADE)))
    moved = {each.entidade for each in idle if each.counts["novos"] or each.counts["atualizados"]}
    as_told = moved == {INTEGRIDADE.partition("/")[0]}
    if not as_told:
        say(f"na rodada sem nada novo só a integridade do Tiny devia achar algo, e acharam: {', '.join(sorted(moved))}")
    return outcomes + idle, kept and as_told


def _round(running: Stack, one: Round, between: Callable[[], None] = lambda: None) -> list[Outcome]:
    """What is read from the sources, then what is worked out from it; `between` them somebody may do something."""
    runs = f"prefect deployment run {', '.join(one.first)}, depois {', '.join(one.then)}"
    say(f"rodada {one.number}, {one.title}: {runs}")
    with running.engine.connect() as connection:
        last = connection.execute(text("SELECT coalesce(max(id), 0) FROM log_integracao")).scalar_one()
    run_deployments(running.server, *one.first, parameters=one.parameters)
    between()
    run_deployments(running.server, *one.then, parameters=one.parameters)
    company, account = check.read_company(running.odoo), check.tiny.read_account(running.tiny).but_for(one.unseen)
    with running.engine.connect() as connection:
        found = check.disagreements(connection, company)
        ran = {name.partition("/")[0] for name in (*one.first, *one.then)}
        found |= {name: lines for name, lines in check.tiny.disagreements(connection, account).items() if name in ran}
        logged = text("SELECT tipo_integracao, detalhes FROM log_integracao WHERE id > :last")
        counts = {row.tipo_integracao: row.detalhes for row in connection.execute(logged, {"last": last})}
    outcomes = [Outcome(name, one.number, counts[name], not differing) for name, differing in found.items()]
    for outcome in outcomes:
        numbers = described(Counts.of(outcome.counts)) or "nada mudou"
        say(f"  {outcome.entidade}: {numbers}; {'confere' if outcome.confere else 'NÃO CONFERE'}")
        for line in (*_also(outcome.counts), *found[outcome.entidade][:10]):
            say(f"    {line}")
    return outcomes


def _also(counts: Mapping[str, Any]) -> Iterator[str]:
    """What else a run did and what it warns of, if anything."""
    effects = {name: counts[name] for name in RARE} | counts["efeitos"]
    if done := ", ".join(agreed(quantity, name) for name, quantity in effects.items() if quantity):
        yield f"também: {done}"
    yield from (f"aviso: {agreed(quantity, told)}" for told, quantity in counts["avisos"].items() if quantity)


def _print_table(outcomes: list[Outcome]) -> None:
    names = ("entidade", "rodada", *SHOWN, "segundos", "confere")
    rows = [[_cell(outcome.as_dict()[name]) for name in names] for outcome in outcomes]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    print()
    for row in [names, ["-" * width for width in widths], *rows]:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    print(flush=True)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "sim" if value else "NÃO"
    return str(value)


def _stay(running: Stack) -> None:
    set_schedules(running.server, active=True)
    api = f"PREFECT_API_URL={running.server.api_url}"
    home = f"PREFECT_HOME={running.server.home}"
    print(f"  Prefect UI:   {running.server.url}")
    print(f"  Run again:    {api} {home} .venv/bin/prefect deployment run {DEPLOYMENTS[0]} -p janela_minutos=120")
    print("  Commands:     these two lines, then `.venv/bin/sincronia status` and the others of docs/comandos.md")
    for line in exports(running.server.api_url, running.database_url):
        print(f"    {line}")
    print(f"  Database:     psql '{running.database_url.replace('+psycopg2', '')}'")
    odoo, tiny = running.odoo, running.tiny
    print(f"  Odoo (RPC):   {odoo.url}, database {odoo.db}, {odoo.username}/{odoo.password}")
    print(f"  Tiny (API):   {tiny.api}, and curl -d '{{}}' {tiny.url}/_sim/orders for what a person sees")
    body = json.dumps({"model": "sale.order", "ids": [5], "values": {"client_order_ref": "vista"}, "seconds": 0})
    print(f"  A change:     curl -d '{body}' {odoo.url}/_sim/late_commit   # the vigia has it synced in seconds")
    say("up; Ctrl-C stops everything")
    signal.pause()


def exports(api_url: str, database_url: str) -> list[str]:
    """What a shell is told so that its commands go to this Prefect server and this database."""
    given = {"PREFECT_API_URL": api_url, "DATABASE_URL": database_url}
    return [f"export {name}={shlex.quote(value)}" for name, value in given.items()]


def say(line: str) -> None:
    """Progress, with the seconds since the start."""
    print(f"[{time.monotonic() - BEGAN:6.1f} s] {line}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one object per entity and round")
    parser.add_argument("--stay", action="store_true", help="stay up after the rounds, until Ctrl-C (make up)")
    parser.add_argument("--versao", choices=tuple(VERSIONS), default="17.0", help="Odoo's version (default 17.0)")
    parser.add_argument("--company", choices=("recorded", "generated"), default="recorded")
    parser.add_argument("--orders", type=int, default=300, help="sale orders of the generated company")
    parser.add_argument("--profile", choices=("vanilla", "ciel_it"), default="vanilla")
    return parser


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
