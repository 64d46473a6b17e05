"""`python -m demo` on other versions of Odoo, with everything that really runs: minutes, so among the slow tests."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROUNDS = (1, 2, 3)


@pytest.mark.recovery
@pytest.mark.parametrize("version", ["16.0", "18.0", "19.0"])
def test_the_demo_agrees_with_the_source_in_every_round(version: str, tmp_path: Path) -> None:
    counts = tmp_path / "counts.json"
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--versao", version, "--json", str(counts)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    outcomes = json.loads(counts.read_text(encoding="utf-8"))
    assert {outcome["rodada"] for outcome in outcomes} == {*ROUNDS}
    assert all(outcome["confere"] for outcome in outcomes)
