"""The picture of a reconciliation: a row per entity, a square per month. Pure.

Every colour goes with a shape of its own, for readers who cannot tell the colours apart.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from flows.conciliacao.found import Found
from flows.conciliacao.months import Month
from flows.operacao.painel.canvas import WIDTH, canvas, path, text

_NAMES, _ROW, _HEAD = 200, 34, 40
_MOST = 48
"""Months that are drawn: the newest."""

_AGREES = ("good heavy", "M-5 0l4 4 6-8")
_MENDED = ("part heavy", "M-5-5h10v10h-10z")
_DIFFERS = ("bad heavy", "M-5-5l10 10m0-10l-10 10")
_NOTHING = ("mute", "M-2 0h4")
_LEGEND = (
    (_AGREES, "confere"),
    (_MENDED, "diferia e foi reparado"),
    (_DIFFERS, "difere"),
    (_NOTHING, "sem movimento, ou não comparado"),
)


def picture(found: Sequence[Found]) -> str:
    """The months of all entities as SVG."""
    months = sorted({month for each in found for month in each.compared.months})[-_MOST:]
    bottom = _HEAD + _ROW * len(found)
    svg = canvas(bottom + 40, "Conciliação: meses de cada entidade")
    step = (WIDTH - _NAMES - 24) / max(len(months), 1)
    for number, month in enumerate(months):
        x = _NAMES + step * (number + 0.5)
        if month.number == 1 or number == 0:
            text(svg, x, _HEAD - 22, str(month.year), "s b c")
        if len(months) <= _MOST / 2 or month.number in (1, 4, 7, 10):
            text(svg, x, _HEAD - 6, f"{month.number:02d}", "s m c")
    for row, each in enumerate(found):
        y = _HEAD + _ROW * (row + 0.5)
        text(svg, 16, y + 5, each.title, "" if each.agreed else "b", most=_NAMES - 30)
        for number, month in enumerate(months):
            css, shape = _mark(each, month)
            at = {"transform": f"translate({_NAMES + step * (number + 0.5):.1f} {y:g})"}
            path(ET.SubElement(svg, "g", at), css, shape)
    x = 20.0
    for (css, shape), said in _LEGEND:
        path(ET.SubElement(svg, "g", {"transform": f"translate({x:g} {bottom + 20:g})"}), css, shape)
        text(svg, x + 12, bottom + 24, said, "s m")
        x += 34 + 6.6 * len(said)
    return ET.tostring(svg, encoding="unicode")


def _mark(found: Found, month: Month) -> tuple[str, str]:
    if month in found.still:
        return _DIFFERS
    if month in found.compared.theirs:
        return _MENDED
    return _AGREES if month in found.compared.ours and month in found.compared.months else _NOTHING
