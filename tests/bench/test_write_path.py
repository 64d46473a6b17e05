"""The write-path benchmark measures what it says; how fast that is, is not for a test to judge."""

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bench.rows import COLUMNS, changed, generate

pytestmark = pytest.mark.slow


def test_rows_are_always_the_same_and_have_every_column():
    rows = generate(40)
    assert rows == generate(40)
    assert all(list(row) == [column.name for column in COLUMNS] for row in rows)
    assert len(COLUMNS) == 25
    nullable = {column.name for column in COLUMNS if column.nullable}
    assert {name for row in rows for name, value in row.items() if value is None} <= nullable


def test_every_tenth_row_changes():
    old = generate(100)
    different = [(one, other) for one, other in zip(old, changed(old), strict=True) if one != other]
    assert len(different) == 10
    assert all(other["escrita"] - one["escrita"] == timedelta(days=1) for one, other in different)


def test_all_cases_are_measured_and_verified(tmp_path: Path):
    file = tmp_path / "made" / "write-path.json"
    rivals = ["execute-values", "sqlalchemy", "pandas"]
    arguments = ["--rows", "300", "--rounds", "2", "--batches", "50,1000", "--json", str(file)]
    command = [sys.executable, "-m", "bench", "write-path", *arguments]
    command += ["--contenders", ",".join(["ours", "bare", *rivals])]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    measured = json.loads(file.read_text())
    assert (measured["rows"], measured["columns"], measured["rounds"]) == (300, 25, 2)
    assert measured["same_data"]
    often = [("new", 1), ("batch of 50", 2), ("unchanged", 1), ("10 % changed", 1)]
    loads = Counter((one["round"], one["case"], one["contender"]) for one in measured["timings"])
    assert loads == {
        **{(number, case, name): times for number in (1, 2) for case, times in often for name in ("ours", "bare")},
        **{(1, case, name): times for case, times in often[:2] for name in rivals},
    }
    assert all(one["seconds"] > 0 for one in measured["timings"])
    assert [one["name"] for one in measured["ratios"]] == [
        *(f"{case}: ours / bare SQL" for case in ("new", "unchanged", "10 % changed")),
        "unchanged: MB of log per 100,000 rows",
    ]
    assert measured["machine"]["cores"] >= 1
    assert "round 2, unchanged: bare" in ran.stdout


def test_an_unknown_contender_is_refused():
    command = [sys.executable, "-m", "bench", "write-path", "--contenders", "ours,oracle"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "no such contender: oracle" in ran.stderr
