"""`python -m bench NAME`: measure, print, keep all numbers as JSON. `all` runs the suite, `page` writes its page."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench import page, report
from bench.benches import BENCHES, Bench
from bench.machine import machine

_RESULTS: Final = Path(__file__).parent / "resultados"


def main() -> int:
    """Do what the arguments name; 0 once it is measured, whatever came out; 1 if a bench of the suite failed."""
    options = vars(_parser().parse_args())
    command = options.pop("command")
    if command == "all":
        return _all(options["json"])
    if command == "page":
        return _page(options["folder"])
    return _one(BENCHES[command], options.pop("json"), options)


def _one(bench: Bench, file: Path | None, options: dict[str, object]) -> int:
    measured = bench.run(**options, progress=_progress) | {"machine": machine()}
    print(bench.show(measured))
    if file:
        report.save(measured, file)
        print(f"\nevery timing: {file}")
    return 0


def _all(folder: Path) -> int:
    """Each bench of the suite in a process of its own, one after the other; then all ratios."""
    failed = []
    for name, bench in BENCHES.items():
        if bench.suite is None:
            continue
        _progress(f"\n=== {name}: {bench.help}")
        command = [sys.executable, "-m", "bench", name, *bench.suite, "--json", str(folder / f"{name}.json")]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    print(report.show_ratios(report.saved(folder)))
    _page(folder)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


def _page(folder: Path) -> int:
    for written in page.write(folder):
        print(f"written: {written}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, bench in BENCHES.items():
        one = commands.add_parser(name, help=bench.help)
        for each in bench.options:
            one.add_argument(each.flag, **each.given)
        one.add_argument("--json", type=Path, help="file that gets every timing")
    suite = commands.add_parser("all", help="the suite: one bench after the other, then all ratios beside their goals")
    suite.add_argument("--json", type=Path, default=_RESULTS, help="folder that gets a file of each bench")
    paged = commands.add_parser("page", help="docs/desempenho.md with its charts, from what the suite measured")
    paged.add_argument("folder", type=Path, nargs="?", default=_RESULTS, help="with a file of each bench")
    return parser


def _progress(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
