"""`python -m bench write-path`, `sync`, `growth`, `quiet` and so on: measure, print, keep all numbers as JSON."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import freshness, growth, migrations, quiet, recovery, report, sync, tiny, write_path, year
from bench.contenders import NAMES


def main() -> int:
    """Run the benchmark that the arguments name; 0 once it is measured, whatever came out."""
    options = _parser().parse_args()
    measured: dict[str, Any]
    if options.bench == "write-path":
        measured = write_path.run(options.rows, options.rounds, options.contenders, _progress)
    elif options.bench == "recovery":
        measured = recovery.run(options.kinds, options.rounds, _progress)
    elif options.bench == "year":
        measured = year.run(options.share, _progress)
    elif options.bench == "migrations":
        measured = migrations.run(options.rows, options.revisions, _progress)
    elif options.bench == "growth":
        measured = growth.run(options.sizes, options.rounds, _progress)
    elif options.bench == "freshness":
        measured = freshness.run(options.rows, options.rounds, _progress)
    elif options.bench == "tiny":
        measured = tiny.run(options.orders, _progress)
    elif options.bench == "quiet":
        measured = quiet.run(options.sizes, _progress, day=options.day)
    else:
        measured = sync.run(options.rows, options.rounds, options.profile, _progress)
    shown = {"year": year.show, "migrations": migrations.show}.get(options.bench, report.show)
    print(shown(measured))
    if options.json:
        report.save(measured, options.json)
        print(f"\nevery timing: {options.json}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    benches = parser.add_subparsers(dest="bench", required=True)
    all_three = argparse.ArgumentParser(add_help=False)
    all_three.add_argument("--rounds", type=_positive, default=3, help="how often all take their turn (default 3)")
    all_three.add_argument("--json", type=Path, help="file that gets every timing")
    both = argparse.ArgumentParser(add_help=False, parents=[all_three])
    both.add_argument("--rows", type=_positive, default=100_000, help="rows, or order lines (default 100,000)")
    writing = benches.add_parser("write-path", parents=[both], help="rows into PostgreSQL, beside others' ways")
    writing.add_argument(
        "--contenders", type=_names, default=NAMES, help=f"some of {','.join(NAMES)} (default: all of them)"
    )
    syncing = benches.add_parser("sync", parents=[both], help="a whole sync, beside the bare read of the same")
    syncing.add_argument("--profile", choices=("vanilla", "ciel_it"), default="ciel_it", help="of the simulated Odoo")
    syncing.set_defaults(rounds=2)
    growing = benches.add_parser("growth", parents=[all_three], help="the first load and ten changes, by what there is")
    growing.add_argument(
        "--sizes",
        type=_sizes,
        default=growth.SIZES,
        help="order lines: 10000,1000000 (default 10000,100000)",
    )
    resting = benches.add_parser("quiet", help="a cycle in which nothing has changed, and a day of all schedules")
    resting.add_argument("--sizes", type=_sizes, default=quiet.SIZES, help="order lines (default 10000,100000)")
    resting.add_argument("--no-day", dest="day", action="store_false", help="the cycles alone")
    resting.add_argument("--json", type=Path, help="file that gets every count")
    ordering = benches.add_parser("tiny", help="the calls of a run of Tiny's service orders, beside the least possible")
    ordering.add_argument("--orders", type=_positive, default=tiny.ORDERS, help=f"default {tiny.ORDERS}")
    ordering.add_argument("--json", type=Path, help="file that gets every count")
    arriving = benches.add_parser(
        "freshness", parents=[all_three], help="from a change in Odoo to its row, as delivered"
    )
    arriving.add_argument("--rows", type=_positive, default=freshness.ROWS, help="order lines that are stored")
    recovering = benches.add_parser("recovery", parents=[all_three], help="from a kill to the next run at work")
    recovering.add_argument(
        "--kinds", type=_kinds, default=tuple(recovery.KINDS), help=f"some of {','.join(recovery.KINDS)} (default: all)"
    )
    living = benches.add_parser("year", help="how large all is in a year of all schedules, without and with faxina")
    living.add_argument("--share", type=float, default=0.1, help="of the runs of all schedules (default 0.1)")
    living.add_argument("--json", type=Path, help="file that gets every size")
    migrating = benches.add_parser("migrations", help="how long each migration of a large table has others wait")
    migrating.add_argument("--rows", type=_positive, default=1_000_000, help="of each table (default 1,000,000)")
    migrating.add_argument(
        "--revisions", type=_revisions, default=tuple(migrations.TOUCHED), help="some of them: 0016,0017 (default: all)"
    )
    migrating.add_argument("--json", type=Path, help="file that gets every wait")
    return parser


def _revisions(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - migrations.TOUCHED.keys():
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not among {', '.join(migrations.TOUCHED)}")
    return names


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(map(_positive, text.split(","))))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def _names(text: str) -> tuple[str, ...]:
    return _some(text, NAMES, "contender")


def _kinds(text: str) -> tuple[str, ...]:
    return _some(text, tuple(recovery.KINDS), "kind")


def _some(text: str, known: Sequence[str], what: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"no such {what}: {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def _progress(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
