"""`docs/desempenho.md` and its charts, made of the JSON files that the benches wrote."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.benches import BENCHES, Bench
from bench.chart import bars, lines
from bench.report import beside_goal, cell, saved

PAGE: Final = Path(__file__).parents[1] / "docs" / "desempenho.md"

_HEAD: Final = """# Speed

For whoever wants to know how fast it is, beside what, and how to measure it again. `make bench` measures the suite and
writes this page (`python -m bench page FOLDER` from the files of an earlier measurement): change the benches, not the
page. What each bench does: [bench/README.md](../bench/README.md).

Ratios compare what ran one after the other on the same machine; a single time says little about another machine.
"""


def write(folder: Path, page: Path = PAGE) -> Sequence[Path]:
    """Make the page and the charts beside it anew; what was written.

    Raises:
        ValueError: a file of the folder is of no bench.
    """
    all_measured = saved(folder)
    if unknown := all_measured.keys() - BENCHES.keys():
        raise ValueError(f"no such bench: {', '.join(sorted(unknown))}")
    charts = page.parent / page.stem
    charts.mkdir(parents=True, exist_ok=True)
    for old in charts.glob("*.svg"):
        old.unlink()
    drawn = {name: drawing for name, measured in all_measured.items() if (drawing := chart(BENCHES[name], measured))}
    for name, drawing in drawn.items():
        (charts / f"{name}.svg").write_text(drawing, encoding="utf-8")
    pictures = {name: f"{page.stem}/{name}.svg" for name in drawn}
    page.write_text(text(all_measured, pictures), encoding="utf-8")
    return [page, *(charts / f"{name}.svg" for name in drawn)]


def text(all_measured: Mapping[str, dict[str, Any]], pictures: Mapping[str, str]) -> str:
    """The page; `pictures` are the charts' addresses by bench."""
    parts = [_HEAD]
    goals = [
        {"bench": name, **beside_goal(each)}
        for name in BENCHES
        for each in all_measured.get(name, {}).get("ratios", [])
    ]
    if goals:
        parts += ["## Beside the goals\n", _table(goals)]
    for name, bench in BENCHES.items():
        parts.append(f"## {name}\n\n{bench.help[0].upper()}{bench.help[1:]}: `python -m bench {name}`.\n")
        if measured := all_measured.get(name):
            parts += _section(measured, bench, pictures.get(name))
        elif bench.suite is not None:
            parts.append("Not measured for this page.\n")
        else:
            parts.append("Takes too long for the suite; its results are in [bench/README.md](../bench/README.md).\n")
    return "\n".join(parts)


def chart(bench: Bench, measured: Mapping[str, Any]) -> str | None:
    """The bench's chart; None if it has none."""
    if not (drawn := bench.chart) or not (rows := measured.get("medians")):
        return None
    groups: defaultdict[str, list[tuple[Any, float]]] = defaultdict(list)
    for row in rows:
        if isinstance(row.get(drawn.value), int | float) and drawn.label in row:
            group = " · ".join(str(cell(row[name])) for name in drawn.groups)
            groups[group].append((row[drawn.label], float(row[drawn.value])))
    if drawn.lines:
        return lines(drawn.title, drawn.label, drawn.unit, groups)
    return bars(
        drawn.title, drawn.unit, {name: [(str(each), n) for each, n in found] for name, found in groups.items()}
    )


def _section(measured: Mapping[str, Any], bench: Bench, picture: str | None) -> list[str]:
    parts = [_ran_on(measured)]
    if picture and bench.chart:
        parts.append(f"![{bench.chart.title}]({picture})\n")
    if medians := measured.get("medians"):
        parts.append(_table([{name: cell(value) for name, value in row.items()} for row in medians]))
    return parts


def _ran_on(measured: Mapping[str, Any]) -> str:
    """How large, how often, when, with what and on what it was measured."""
    on, versions = measured.get("machine", {}), measured.get("versions", {})
    told = []
    if "rows" in measured:
        told.append(f"{measured['rows']:,} rows")
    if "rounds" in measured:
        told.append(f"medians of {measured['rounds']} rounds")
    if on:
        told += [f"{on['day']}, revision {on['revision'] or 'unknown'}"]
        told += [f"{on['cpu']}, {on['cores']} cores, {on['memory_gb']:g} GB, {on['kernel']}"]
    told.append(", ".join(f"{name} {version}" for name, version in versions.items()))
    return "; ".join(filter(None, told)) + ".\n"


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines_ = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines_ += ["| " + " | ".join(row.get(name, "") for name in names) + " |" for row in rows]
    return "\n".join([*lines_, ""])
