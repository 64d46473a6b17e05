"""Pictures of the last day as SVG: a mark per run, a bar per hour. Pure.

Every colour goes with a shape of its own, for readers who cannot tell the colours apart.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log1p
from xml.etree import ElementTree as ET

from blocks.zone import BUSINESS_ZONE
from flows.operacao.painel.canvas import HEAD, LEFT, RIGHT, WIDTH, Axis, canvas, grid, path, text
from flows.operacao.situacao.judge import Judgement, State
from flows.operacao.situacao.overview import DAY
from flows.operacao.situacao.words import counted, number
from flows.run.report import Status

_LANE, _UP, _GAP, _FOOT = 38, 21, 8, 56
_SHORTEST, _TALLEST = 0.1, 3600
"""Seconds of the lowest and of the tallest bar; heights are logarithmic, so that 2 s and 20 min both show."""

_RUNS = {
    Status.SKIPPED: ("mute", "", ""),
    Status.CANCELLED: ("mute", "heavy", "m-3-3v6h6v-6z"),
    Status.SUCCESS: ("good", "", ""),
    Status.PARTIAL: ("part", "dot", "h0"),
    Status.RUNNING: ("go", "heavy", "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0"),
    Status.FAILED: ("bad", "box", "h0"),
    Status.KILLED: ("bad", "heavy", "m-3-3l6 6m0-6l-6 6"),
}
"""The colour of a run's bar, and the style and path of the sign under it; the last lie on top."""

_NOTHING_TO_SAY = ("mute", "M-4 0h8")
_WARNING = ("bad heavy", "M0-7l7.5 13h-15zM0-2.5v4m0 1.6v.6")
_CROSS = ("bad heavy", "M-5-5l10 10m0-10l-10 10")
_STATES = {
    State.LATE: _WARNING,
    State.NEVER_RAN: _WARNING,
    State.PAUSED: ("mute heavy", "M-3-5v10m6-10v10"),
    State.YOUNG: _NOTHING_TO_SAY,
    State.FINE: ("good", "M-5 0l4 4 7-8"),
    State.ON_DEMAND: _NOTHING_TO_SAY,
}
"""The style and path of a job's sign; one that is not late and whose newest run failed has a cross instead."""


@dataclass(frozen=True)
class Mark:
    """A run: when it began, how long it took (seconds), and how it stands or ended."""

    at: datetime
    seconds: float
    status: Status


@dataclass(frozen=True)
class Lane:
    """A job's row of the picture.

    Attributes:
        title, note: beside it, the note under the title.
        judgement: gives its sign; what is late or failing stands out.
        missing: the instant since which a success is missing; hatched from there on. None: none is missing.
        marks: its runs, any order.
        runs, failures: how many they are, and failed, at the right.
        apart: whether a gap goes before it.
    """

    title: str
    note: str
    judgement: Judgement
    missing: datetime | None
    marks: Sequence[Mark]
    runs: str
    failures: str
    apart: bool


def timeline(now: datetime, lanes: Sequence[Lane]) -> str:
    """A row per job and a mark per run: a bar as high as the run was long, and a sign under it unless all went well."""
    bottom = HEAD + _LANE * len(lanes) + _GAP * sum(lane.apart for lane in lanes)
    svg, axis = canvas(bottom + _FOOT, "Execuções das últimas 24 horas"), Axis(now)
    text(svg, 36, HEAD - 11, "processo, último sucesso", "s m h")
    text(svg, WIDTH - 14, HEAD - 11, "execuções", "s m e w")
    _hatching(svg)
    grid(svg, axis, bottom)
    y = float(HEAD)
    for lane in lanes:
        y += _GAP * lane.apart
        _lane(svg, axis, lane, y)
        y += _LANE
    _legend(svg, bottom + 20)
    return ET.tostring(svg, encoding="unicode")


def per_hour(now: datetime, series: Mapping[str, Sequence[tuple[datetime, int]]]) -> str:
    """For each named series of (instant, quantity) a row of bars, one per clock hour, each row in its own scale."""
    svg, axis = canvas(HEAD + 44 * len(series) + 8, "Linhas por hora"), Axis(now)
    grid(svg, axis, HEAD + 44 * len(series))
    for row, (name, points) in enumerate(series.items()):
        _bars(svg, axis, name, points, HEAD + 44.0 * (row + 1) - 6)
    return ET.tostring(svg, encoding="unicode")


def _hatching(svg: ET.Element) -> None:
    shape = {"id": "h", "width": "7", "height": "7", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    pattern = ET.SubElement(ET.SubElement(svg, "defs"), "pattern", shape)
    ET.SubElement(pattern, "path", {"class": "bad", "d": "M0 0v7", "opacity": ".45"})


def _sign(svg: ET.Element, judgement: Judgement, x: float, y: float) -> None:
    css, d = _CROSS if judgement.failing and not judgement.late else _STATES[judgement.state]
    ET.SubElement(svg, "path", {"class": f"{css} sign", "d": d, "transform": f"translate({x:g} {y:g})"})


def _lane(svg: ET.Element, axis: Axis, lane: Lane, y: float) -> None:
    base, bad = y + _UP + 4, lane.judgement.late or lane.judgement.failing
    _sign(svg, lane.judgement, 20, y + 16)
    text(svg, 36, y + 15, lane.title, "t b" if bad else "t", most=LEFT - 44)
    text(svg, 36, y + 31, lane.note, "s x n" if bad else "s m n", most=LEFT - 44)
    text(svg, WIDTH - 14, y + 15, lane.runs, "s m e w")
    text(svg, WIDTH - 14, y + 31, lane.failures, "s x e w")
    if lane.missing is not None:
        left = axis.x(lane.missing)
        hatched = {"x": f"{left:.1f}", "y": f"{y + 2:g}", "width": f"{RIGHT - left:.1f}", "height": f"{_LANE - 4}"}
        ET.SubElement(svg, "rect", {"fill": "url(#h)", "class": "late", **hatched})
    path(svg, "grid", f"M{LEFT} {base:g}H{RIGHT}")
    # Of runs alike in one column the longest is drawn: a picture stays small however often its jobs run.
    longest: dict[tuple[Status, int], float] = defaultdict(float)
    for mark in lane.marks:
        column = (mark.status, round(axis.x(mark.at)))
        longest[column] = max(longest[column], mark.seconds)
    for status in _RUNS:
        _draw(svg, status, base, [(x, seconds) for (each, x), seconds in longest.items() if each is status])


def _height(seconds: float) -> float:
    share = log1p(seconds / _SHORTEST) / log1p(_TALLEST / _SHORTEST)
    return max(2.5, round(min(1.0, share) * _UP * 2) / 2)


def _draw(svg: ET.Element, status: Status, base: float, runs: Sequence[tuple[int, float]]) -> None:
    """The (x, seconds) of runs alike as one path, and their signs as another; all lengths are from the base line."""
    if not runs:
        return
    colour, css, sign = _RUNS[status]
    placed = ET.SubElement(svg, "g", {"transform": f"translate(0 {base:g})"})
    path(placed, colour, "".join(f"M{x} 0v-{_height(seconds):g}" for x, seconds in runs))
    if sign:
        path(placed, f"{colour} {css}", "".join(f"M{x} 6{sign}" for x, _ in runs))


def _legend(svg: ET.Element, y: float) -> None:
    x = 20.0
    for status in _RUNS:
        _draw(svg, status, y, [(int(x), 20)])
        text(svg, x + 9, y + 4, status.value, "s m w")
        x += 30 + 6.6 * len(status.value)
    ET.SubElement(
        svg,
        "rect",
        {"fill": "url(#h)", "class": "late", "x": f"{x:g}", "y": f"{y - 8:g}", "width": "26", "height": "14"},
    )
    text(svg, x + 33, y + 4, "atraso", "s m w")
    x, y = RIGHT - 95.0, y + 20
    text(svg, x - 8, y + 4, "altura = duração:", "s m e w")
    for seconds, said in ((1, "1 s"), (10, "10 s"), (120, "2 min"), (1800, "30 min")):
        path(svg, "mute", f"M{x:g} {y + 6:g}v{-_height(seconds):.1f}")
        text(svg, x + 5, y + 4, said, "s m w")
        x += 14 + 7 * len(said)


def _bars(svg: ET.Element, axis: Axis, name: str, points: Sequence[tuple[datetime, int]], base: float) -> None:
    begins = [axis.now - DAY, *axis.hours()]
    sums = [0] * len(begins)
    for at, count in points:
        sums[max(bisect_right(begins, at) - 1, 0)] += count
    most, total = max(sums), sum(sums)
    text(svg, 36, base - 16, name, "b")
    text(svg, WIDTH - 14, base - 16, number(total), "b e")
    path(svg, "grid", f"M{LEFT} {base:g}H{RIGHT}")
    if not most:
        text(svg, 36, base - 1, "nenhuma", "s m w")
        return
    busiest = begins[sums.index(most)].astimezone(BUSINESS_ZONE)
    text(svg, 36, base - 1, f"hora mais cheia: {counted(most, 'linha', 'linhas')}, às {busiest:%Hh}", "s m w")
    for begin, end, count in zip(begins, [*begins[1:], axis.now], sums, strict=True):
        if count:
            left, right, high = axis.x(begin) + 1, axis.x(end) - 1, max(1.5, 30 * count / most)
            bar = {"x": left, "y": base - high, "width": max(right - left, 1), "height": high}
            ET.SubElement(svg, "rect", {"class": "bars", **{key: f"{value:.1f}" for key, value in bar.items()}})
