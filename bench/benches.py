"""The table of benches: what each is called, measures, takes as options and how it is told."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bench import freshness, growth, migrations, noticed, quiet, recovery, report, saldo, sync, tiny, write_path, year
from bench.contenders import NAMES, USUAL


@dataclass(frozen=True)
class Option:
    """An option of the command line: its flag, and what argparse is told of it."""

    flag: str
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Chart:
    """How a bench's medians are drawn.

    Attributes:
        title: says what is compared.
        value: the column that is drawn.
        unit: of the values.
        label: the column with the bars' labels; of lines the one along the axis.
        groups: the columns that say to which group of bars, or to which line, a value belongs.
        lines: whether lines are drawn, on logarithmic axes.
    """

    title: str
    value: str
    unit: str
    label: str
    groups: tuple[str, ...] = ()
    lines: bool = False


@dataclass(frozen=True)
class Bench:
    """One bench.

    Attributes:
        help: what it measures, in a few words.
        run: measures; its parameters are named as the options, and `progress` is told how far it is.
        options: of the command line.
        show: what was measured, as text for the terminal.
        chart: of the page.
        suite: the options with which `all` runs it; None: it takes too long for that, and has its own command only.
    """

    help: str
    run: Callable[..., dict[str, Any]]
    options: Sequence[Option] = ()
    show: Callable[[dict[str, Any]], str] = report.show
    chart: Chart | None = None
    suite: Sequence[str] | None = ()


def option(flag: str, **given: Any) -> Option:
    """An option; `given` is what `add_argument` takes."""
    return Option(flag, given)


def some(known: Sequence[str], what: str) -> Callable[[str], tuple[str, ...]]:
    """Reads some of the known names, with commas between them."""

    def read(text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(text.split(",")))
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"no such {what}: {', '.join(unknown)}; there are {', '.join(known)}")
        return names

    return read


def positive(text: str) -> int:
    """A positive number."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def sizes(text: str) -> tuple[int, ...]:
    """Positive numbers with commas between them."""
    return tuple(sorted(map(positive, text.split(","))))


def milliseconds(text: str) -> tuple[float, ...]:
    """Times with commas between them."""
    return tuple(map(float, text.split(",")))


def choice(flag: str, known: Sequence[str], what: str, usual: Sequence[str] = (), **given: Any) -> Option:
    """An option that takes some of the known names; without it the usual ones are taken, or all."""
    told = f"some of {','.join(known)} (default: {','.join(usual) or 'all'})"
    return option(flag, type=some(known, what), default=tuple(usual or known), help=told, **given)


def rows(count: int = 100_000) -> Option:
    """How many rows, or order lines."""
    return option("--rows", type=positive, default=count, help=f"rows, or order lines (default {count:,})")


def rounds(count: int = 3) -> Option:
    """How often everything takes its turn."""
    return option("--rounds", type=positive, default=count, help=f"how often all take their turn (default {count})")


BENCHES: Mapping[str, Bench] = MappingProxyType(
    {
        "write-path": Bench(
            "rows into PostgreSQL, beside others' ways",
            write_path.run,
            (
                rows(),
                rounds(),
                option(
                    "--rival-rounds",
                    type=positive,
                    default=1,
                    help="in how many of them all others than ours and the bare SQL take part (default 1)",
                ),
                option(
                    "--batches",
                    type=sizes,
                    default=(50, 1_000, 10_000),
                    help="sizes of small batches beside all rows at once (default 50,1000,10000)",
                ),
                choice("--contenders", NAMES, "contender", USUAL, dest="names"),
            ),
            chart=Chart("Seconds to write the rows", "seconds", "s", "contender", ("case",)),
        ),
        "sync": Bench(
            "a whole sync, beside the bare read of the same",
            sync.run,
            (
                rows(),
                rounds(2),
                option("--profile", choices=("vanilla", "ciel_it"), default="ciel_it", help="of the simulated Odoo"),
            ),
            chart=Chart("Seconds to sync the order lines", "seconds", "s", "case", ("rows",)),
        ),
        "saldo": Bench(
            "the balances of orders, per row and with one statement, near and far from the database",
            saldo.run,
            (
                option("--pairs", type=positive, default=4_000, help="of order and product (default 4,000)"),
                option("--sample", type=positive, default=100, help="of them that go by row (default 100)"),
                option(
                    "--delays",
                    type=milliseconds,
                    default=(0.0, 1.0, 20.0),
                    help="milliseconds of a round trip (default 0,1,20)",
                ),
                rounds(),
            ),
            chart=Chart("Seconds to work out all balances", "seconds", "s", "way", ("network",)),
        ),
        "quiet": Bench(
            "a cycle in which nothing has changed, and a day of all schedules",
            quiet.run,
            (
                option("--sizes", type=sizes, default=quiet.SIZES, help="order lines (default 10000,100000)"),
                option("--no-day", dest="day", action="store_false", help="the cycles alone"),
            ),
        ),
        "growth": Bench(
            "the first load, and ten changed orders, by how much there is",
            growth.run,
            (
                option("--sizes", type=sizes, default=growth.SIZES, help="order lines (default 10000,100000)"),
                rounds(5),
            ),
            chart=Chart("Seconds of a run, by order lines", "seconds", "s", "rows", ("case",), lines=True),
        ),
        "tiny": Bench(
            "the calls of a run of Tiny's service orders, beside the least possible",
            tiny.run,
            (option("--orders", type=positive, default=tiny.ORDERS, help=f"default {tiny.ORDERS}"),),
        ),
        "freshness": Bench(
            "from a change in Odoo to its row, as delivered",
            freshness.run,
            (
                rows(freshness.ROWS),
                rounds(),
                option(
                    "--changes",
                    type=int,
                    default=50,
                    help="at random times, of each way (default 50; 0: only those for which a run is due)",
                ),
                option("--seed", type=int, default=16, help="of these times (default 16)"),
                choice("--by", noticed.WAYS, "way"),
            ),
            suite=("--changes", "0"),  # 50 of each way take half an hour
        ),
        "recovery": Bench(
            "from a kill to the next run at work",
            recovery.run,
            (rounds(), choice("--kinds", tuple(recovery.KINDS), "kind")),
            suite=None,
        ),
        "year": Bench(
            "how large all is in a year of all schedules, without and with faxina",
            year.run,
            (option("--share", type=float, default=0.1, help="of the runs of all schedules (default 0.1)"),),
            year.show,
            suite=None,
        ),
        "migrations": Bench(
            "how long each migration of a large table has others wait",
            migrations.run,
            (rows(1_000_000), choice("--revisions", tuple(migrations.TOUCHED), "migration")),
            migrations.show,
            suite=None,
        ),
    }
)
