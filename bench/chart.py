"""Charts as SVG texts, for a light and a dark background alike: bars in groups, and lines on two logarithmic axes."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final

_WIDTH: Final = 720
_TEXT: Final = "#7a828c"
_AXIS: Final = "#8b949e"
_OURS: Final = "#2f81f7"
_OTHERS: Final = "#9aa4af"
_SERIES: Final = (_OURS, "#e3703c", "#2da44e", "#a371f7")
_LABELS: Final = 200
"""Pixels to the left of the bars."""
_VALUES: Final = 90
_BAR: Final = 16
_STEP: Final = 22


def bars(title: str, unit: str, groups: Mapping[str, Sequence[tuple[str, float]]]) -> str:
    """Horizontal bars from zero, each group under its name and on a scale of its own.

    Those whose label begins with "ours" stand out.
    """
    parts, y = [_words(0, 18, title, size=15)], 40.0
    for name, group in groups.items():
        if name:
            parts.append(_words(0, y + 12, name, size=13))
            y += _STEP
        longest = max((value for _, value in group), default=0) or 1
        for label, value in group:
            width = max(1.0, value / longest * (_WIDTH - _LABELS - _VALUES))
            colour = _OURS if label.startswith("ours") else _OTHERS
            parts += [
                _words(_LABELS - 8, y + 12, label, anchor="end"),
                f'<rect x="{_LABELS}" y="{y:.0f}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{colour}"/>',
                _words(_LABELS + width + 6, y + 12, f"{_short(value)} {unit}"),
            ]
            y += _STEP
        y += 10
    return _picture(title, y, parts)


def lines(title: str, across: str, up: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """A line of each series over positive numbers; both axes are logarithmic, so what grows in step is straight."""
    points = [point for each in series.values() for point in each]
    left, right, top, bottom = 70, _WIDTH - 130, 40, 300
    first, last = _decades([x for x, _ in points])
    low, high = _decades([y for _, y in points])

    def at(x: float, y: float) -> tuple[float, float]:
        over = left + (log10(x) - first) / (last - first) * (right - left)
        return over, bottom - (log10(y) - low) / (high - low) * (bottom - top)

    parts = [_words(0, 18, title, size=15)]
    parts.append(f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="{_AXIS}"/>')
    for decade in range(first, last + 1):
        x, _ = at(10**decade, 10**low)
        parts.append(_words(x, bottom + 18, _short(10.0**decade), anchor="middle"))
    for decade in range(low, high + 1):
        _, y = at(10**first, 10**decade)
        parts.append(_words(left - 8, y + 4, _short(10.0**decade), anchor="end"))
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{_AXIS}" stroke-opacity="0.25"/>')
    parts += [_words(right, bottom + 38, across, anchor="end"), _words(left, top - 8, up)]
    for (name, found), colour in zip(series.items(), _SERIES * len(series), strict=False):
        places = [at(*point) for point in sorted(found)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
        parts.append(_words(places[-1][0] + 10, places[-1][1] + 4, name, colour=colour))
    return _picture(title, bottom + 48, parts)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around the values, at least one apart."""
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return low, max(high, low + 1)


def _words(x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", colour: str = _TEXT) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
    )


def _short(value: float) -> str:
    """Three digits of a number, thousands with their commas."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _picture(title: str, height: float, parts: Sequence[str]) -> str:
    size = f'width="{_WIDTH}" height="{height:.0f}" viewBox="0 0 {_WIDTH} {height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" role="img">'
    return "\n".join([head, f"<title>{escape(title)}</title>", *parts, "</svg>", ""])
