"""Ratios beside the project's goals, tables for the terminal, and the JSON file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """One number over another, and what the project wants it to be.

    Attributes:
        name: what is compared, in words.
        ratio: the median of the rounds' ratios, each of two measurements made one after the other.
        goal: the bound.
        wanted: "at least" or "at most".
    """

    name: str
    ratio: float
    goal: float
    wanted: str

    @property
    def met(self) -> bool:
        """Whether the ratio is within the bound."""
        return self.ratio >= self.goal if self.wanted == "at least" else self.ratio <= self.goal


def ratio(name: str, over: Sequence[float], under: Sequence[float], wanted: str, goal: float) -> Ratio:
    """The ratio of two measurements, given round by round."""
    value = median(one / other for one, other in zip(over, under, strict=True))
    return Ratio(name, round(value, 3), goal, wanted)


def ratios_as_json(ratios: Sequence[Ratio]) -> list[dict[str, Any]]:
    """Ready for JSON."""
    return [asdict(each) | {"met": each.met} for each in ratios]


def show(measured: dict[str, Any]) -> str:
    """What was measured, as text for the terminal: the medians, then the ratios beside their goals."""
    rows = f"{measured['rows']:,} rows, " if "rows" in measured else ""
    lines = [f"\n{measured['bench']}: {rows}medians of {measured['rounds']} rounds", ""]
    lines += _table(measured["medians"])
    if measured["ratios"]:
        lines += ["", *_table([beside_goal(each) for each in measured["ratios"]])]
    return "\n".join(lines)


def show_ratios(all_measured: Mapping[str, dict[str, Any]]) -> str:
    """The ratios of all benches beside their goals, as text for the terminal."""
    rows = [
        {"bench": name, **beside_goal(each)}
        for name, measured in all_measured.items()
        for each in measured.get("ratios", [])
    ]
    return "\n".join(["", *_table(rows)]) if rows else "\nno ratios"


def beside_goal(each: Mapping[str, Any]) -> dict[str, str]:
    """A ratio as it was saved, ready for a table."""
    return {
        "ratio": each["name"],
        "measured": f"{each['ratio']:,.2f}",
        "goal": f"{each['wanted']} {each['goal']:,g}",
        "met": "yes" if each["met"] else "NO",
    }


def save(measured: dict[str, Any], file: Path) -> None:
    """Write everything to a JSON file; its folder is made if missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(measured, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def saved(folder: Path) -> dict[str, dict[str, Any]]:
    """What `save` has written into the files of a folder, by the files' names."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Columns under their names, numbers to the right."""
    names = list(rows[0])
    cells = [names, *([cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(names))]
    return [
        "  ".join(
            cell.ljust(width) if isinstance(rows[0][name], str) else cell.rjust(width)
            for name, cell, width in zip(names, line, widths, strict=True)
        ).rstrip()
        for line in cells
    ]


def cell(value: Any) -> str:
    """A value as tables show it: small numbers with more places."""
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 1 or not value else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
