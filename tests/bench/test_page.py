"""The page of results is made of what the benches wrote, and no bench is forgotten."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench import page
from bench.benches import BENCHES
from bench.chart import bars, lines
from bench.report import save

ROOT = Path(__file__).parents[2]
MEASURED: dict[str, Any] = {
    "bench": "write-path",
    "rows": 300,
    "rounds": 2,
    "versions": {"python": "3.11"},
    "machine": {"cpu": "A & B", "cores": 2, "memory_gb": 8.0, "kernel": "Linux", "revision": "", "day": "2026-11-28"},
    "medians": [
        {"case": "new", "contender": "ours", "seconds": 0.0123},
        {"case": "new", "contender": "dlt", "seconds": 2.5},
    ],
    "ratios": [{"name": "new: dlt / ours", "ratio": 203.25, "goal": 15, "wanted": "at least", "met": True}],
}


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def test_the_page_holds_ratios_medians_machine_and_chart(tmp_path: Path) -> None:
    save(MEASURED, tmp_path / "made" / "write-path.json")
    made = tmp_path / "page.md"
    written = page.write(tmp_path / "made", made)
    text = made.read_text()
    assert "| write-path | new: dlt / ours | 203.25 | at least 15 | yes |" in text
    assert "| new | ours | 0.0123 |" in text
    assert "A & B, 2 cores, 8 GB, Linux; python 3.11" in text
    assert "](page/write-path.svg)" in text
    assert written == [made, tmp_path / "page" / "write-path.svg"]
    assert "ours" in "".join(ElementTree.parse(written[1]).getroot().itertext())


def test_a_file_of_no_bench_is_refused(tmp_path: Path) -> None:
    save(MEASURED, tmp_path / "oracle.json")
    with pytest.raises(ValueError, match="no such bench: oracle"):
        page.write(tmp_path, tmp_path / "page.md")


def test_the_published_page_is_of_the_benches_that_there_are() -> None:
    published = headings(page.PAGE.read_text(encoding="utf-8"))
    assert [name for name in published if name != "Beside the goals"] == list(BENCHES)
    pictures = {path.stem for path in (page.PAGE.parent / page.PAGE.stem).glob("*.svg")}
    assert pictures <= BENCHES.keys()
    named = set(re.findall(r"\]\(desempenho/([\w-]+)\.svg\)", page.PAGE.read_text(encoding="utf-8")))
    assert named == pictures


@pytest.mark.parametrize("name", BENCHES)
def test_every_bench_is_described(name: str) -> None:
    text = (ROOT / "bench/README.md").read_text(encoding="utf-8")
    assert f"python -m bench {name} " in text
    assert f"**{name}**" in text


def test_bars_are_as_long_as_their_values_and_names_are_escaped() -> None:
    picture = bars("a < b", "s", {"": [("ours", 1.0), ("theirs", 4.0)]})
    widths = [float(each) for each in re.findall(r'<rect [^>]*width="([\d.]+)"', picture)]
    assert widths[1] == pytest.approx(4 * widths[0], rel=0.01)
    assert "a &lt; b" in picture


def test_what_grows_in_step_is_a_straight_line() -> None:
    picture = lines("growth", "rows", "s", {"load": [(10, 2.0), (100, 20.0), (1000, 200.0)]})
    [(x1, y1), (x2, y2), (x3, y3)] = [
        (float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', picture)
    ]
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.2)
