"""`python -m flows.operacao.status`: how every job stands, and how the last 24 hours went.

Pauses and next runs come from Prefect, all else from the database. Without Prefect the database's part is shown.
"""

import json
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console

from blocks.errors import SincroniaError
from flows.operacao import parsers
from flows.operacao.checks import Checks
from flows.operacao.deployments import impatient, next_runs, prefect_api, read_deployments
from flows.operacao.faxina.execucoes import count_runs
from flows.operacao.lines import Line, Schedule, lines, tally
from flows.operacao.links import panel_link
from flows.operacao.reading import current_checks, current_overview, current_sizes
from flows.operacao.situacao.overview import Overview
from flows.operacao.sizes import Size, other_sizes
from flows.operacao.tables import checks_table, jobs_table, last_day_table, notes, sizes_table
from flows.run.results import results_folder

WIDTH = 120
"""Columns of the tables where no terminal tells its own."""
CALL_SECONDS = 5.0
"""How long Prefect may take to answer one question."""


def main(arguments: Sequence[str] | None = None, prog: str = "python -m flows.operacao.status") -> int:
    """Read and print; 1 if the database cannot be read."""
    options = parsers.status(prog).parse_args(arguments)
    with impatient(CALL_SECONDS):
        try:
            schedule, silence = _schedule(), None
        except SincroniaError as error:
            schedule, silence = None, str(error)
        try:
            overview, checks, sizes = current_overview(), current_checks(), current_sizes()
        except SincroniaError as error:
            for name, told in {"banco": str(error), "prefect": silence}.items():
                if told:
                    print(f"❌ {name}: {told}", file=sys.stderr)  # noqa: T201
            return 1
    found = lines(overview, schedule)
    sizes += other_sizes(results_folder(), schedule.kept_runs if schedule else None)
    if options.json:
        whole = _as_dict(overview, found, silence, checks) | {"tamanhos": [each.as_dict() for each in sizes]}
        print(json.dumps(whole, ensure_ascii=False, indent=2))  # noqa: T201
    else:
        _show(overview, found, silence, checks, sizes)
    return 0


def _schedule() -> Schedule:
    with prefect_api() as client:
        deployments = read_deployments(client)
        return Schedule(deployments, next_runs(client, deployments.values()), count_runs(client))


def _as_dict(
    overview: Overview, found: Sequence[Line], silence: str | None, checks: Mapping[str, Checks]
) -> dict[str, object]:
    return {
        "agora": overview.now.isoformat(),
        "prefect": silence or "ok",
        "jobs": [line.as_dict() for line in found],
        "ultimas_24h": tally(overview.runs).as_dict(),
        "documentos": {entity: each.as_dict() for entity, each in checks.items()},
    }


def _show(
    overview: Overview, found: Sequence[Line], silence: str | None, checks: Mapping[str, Checks], sizes: Sequence[Size]
) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    if silence:
        console.print(f"⚠️ {silence}. Pausas e próximas execuções não aparecem.", markup=False, soft_wrap=True)
    if not found:
        console.print("⚠️ A agenda (sync_agenda) está vazia: rode make deploy")
        return
    console.print(jobs_table(found, overview.now))
    for note in notes(found, overview.now):
        console.print(f" {note}", markup=False)
    console.print()
    console.print(last_day_table(found, tally(overview.runs)))
    if checks:
        console.print()
        console.print(checks_table(found, checks, overview.now))
    console.print()
    console.print(sizes_table(sizes))
    if link := panel_link():
        console.print(f"Painel: {link}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
