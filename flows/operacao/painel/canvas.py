"""The base of the panel's pictures: an SVG with its background, text and paths, and an axis of 24 hours. Pure.

A picture follows the theme of the page that shows it, and has a background of its own where it cannot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from blocks.zone import BUSINESS_ZONE
from flows.operacao.situacao.overview import DAY

WIDTH = 900
"""The width of every picture; the UI shows it in up to 940 pixels (version 1) or 690 (version 2)."""

LEFT, RIGHT = 290, 800
"""The x of the day's begin and end; the names stand left of it, the sums right of it."""

HEAD = 32
"""The height of the line of hours."""

HOUR = timedelta(hours=1)

_STYLE = """
svg{--bg:#fff;--fg:#1f2328;--mute:#59636e;--line:#dfe3e8;--good:#2da44e;--part:#b35900;--bad:#cf222e;--go:#0969da}
@media(prefers-color-scheme:dark){
svg{--bg:#12171f;--fg:#e6edf3;--mute:#9aa4af;--line:#2d343d;--good:#3fb950;--part:#e3a23b;--bad:#ff6a61;--go:#58a6ff}}
text{font:14px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--fg)}
.s{font-size:12px}.m{fill:var(--mute)}.b{font-weight:600}.e{text-anchor:end}.c{text-anchor:middle}
.x{font-weight:600;fill:var(--bad)}.bg{fill:var(--bg);stroke:var(--line)}
path{fill:none;stroke-width:1.3}.grid{stroke:var(--line);stroke-width:1}
.good{stroke:var(--good)}.part{stroke:var(--part)}.bad{stroke:var(--bad)}.go{stroke:var(--go)}.mute{stroke:var(--mute)}
.dot{stroke-width:5.5;stroke-linecap:round}.box{stroke-width:5.5;stroke-linecap:square}.heavy{stroke-width:2.4}
.bars{fill:var(--go)}
@media(max-width:560px){g,.w,.grid,.bars,.late,path.mute:not(.sign){display:none}
text{font-size:28px}.t{transform:translateY(9px)}.h{font-size:22px}
.n{font-size:22px;text-anchor:end;transform:translate(850px,-8px)}}
"""
"""On a phone the names stay with their last successes, in letters that can be read at 390 pixels, and the sums.

The marks of the runs (`g`), hours and legend (`w`) have no room there; the tables tell what they show.
"""


@dataclass(frozen=True)
class Axis:
    """The day before `now` from left to right."""

    now: datetime

    def x(self, at: datetime) -> float:
        """Where an instant is; what lies outside the day is at its edge."""
        share = (at - self.now + DAY) / DAY
        return LEFT + (RIGHT - LEFT) * min(max(share, 0), 1)

    def hours(self) -> Iterator[datetime]:
        """The full hours of the day, in São Paulo."""
        before = (self.now - DAY).astimezone(BUSINESS_ZONE).replace(minute=0, second=0, microsecond=0)
        hour = before.astimezone(UTC) + HOUR
        while hour <= self.now:
            yield hour.astimezone(BUSINESS_ZONE)
            hour += HOUR


def canvas(height: float, title: str) -> ET.Element:
    """An empty picture."""
    size = {"viewBox": f"0 0 {WIDTH} {height:g}", "width": f"{WIDTH}", "height": f"{height:g}"}
    svg = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", **size})
    ET.SubElement(svg, "title").text = title
    ET.SubElement(svg, "style").text = "".join(_STYLE.splitlines())
    frame = {"x": ".5", "y": ".5", "width": f"{WIDTH - 1}", "height": f"{height - 1:g}", "rx": "8"}
    ET.SubElement(svg, "rect", {"class": "bg", **frame})
    return svg


def text(svg: ET.Element, x: float, y: float, said: str, css: str = "", *, most: float = WIDTH) -> None:
    """Text at a place; one that would be wider than `most` in a wide font is squeezed into it."""
    placed = {"x": f"{x:g}", "y": f"{y:g}"} | ({"class": css} if css else {})
    widest = 6.6 if "s" in css.split() else 7.4
    if widest * len(said) > most:
        placed |= {"textLength": f"{most:g}", "lengthAdjust": "spacingAndGlyphs"}
    ET.SubElement(svg, "text", placed).text = "".join(filter(str.isprintable, said))


def path(svg: ET.Element, css: str, d: str) -> None:
    """A path, unless it is empty."""
    if d:
        ET.SubElement(svg, "path", {"class": css, "d": d})


def grid(svg: ET.Element, axis: Axis, bottom: float) -> None:
    """A line at every third hour, and at midnight the date."""
    shown = [hour for hour in axis.hours() if hour.hour % 3 == 0]
    path(svg, "grid", "".join(f"M{axis.x(hour):.1f} {HEAD - 4}V{bottom}" for hour in shown))
    path(svg, "mute", f"M{RIGHT} {HEAD - 4}V{bottom}")
    for hour in shown:
        if axis.x(hour) < RIGHT - 45:
            said, css = (f"{hour:%d/%m}", "s b c w") if hour.hour == 0 else (f"{hour:%Hh}", "s m c w")
            text(svg, axis.x(hour), HEAD - 11, said, css)
    text(svg, RIGHT, HEAD - 11, f"{axis.now.astimezone(BUSINESS_ZONE):%H:%M}", "s b c w")
