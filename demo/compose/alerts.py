"""Prometheus' rules over what a fresh installation tells of itself, with an hour of injected time."""

import math
import shutil
import tempfile
from pathlib import Path

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from demo.buildah import ROOT, done
from demo.compose.world import World
from demo.loopback import LOOPBACK
from demo.processes import DemoError

MINUTES = 60


def quiet_for_an_hour(world: World) -> str:
    """See that no alert fires in the first hour of an installation that goes on as it is now; what was seen, in words.

    Raises:
        DemoError: one would; the message names it.
    """
    if not shutil.which("promtool"):
        return "alerts not tried: no promtool here (apt-get install prometheus)"
    url = f"http://{LOOPBACK}:{world.installation.settings['METRICAS_PORT']}/metrics"
    told = httpx.get(url, timeout=30, trust_env=False).raise_for_status().text
    samples = [sample for family in text_string_to_metric_families(told) for sample in family.samples]
    every = {one.labels["entidade"]: one.value / 60 for one in samples if one.name == "sincronia_interval_seconds"}
    series = [
        {
            "series": _series(one.name, one.labels),
            "values": _values(one.value, every.get(one.labels.get("entidade", ""))),
        }
        for one in samples
    ]
    series.append({"series": 'up{job="sincronia"}', "values": f"1x{MINUTES}"})
    firing = {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{MINUTES}m", "exp_samples": []}
    test = {
        "rule_files": [str(ROOT / "monitoring/regras.yml")],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": [firing]}],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "first_hour.yml")
        file.write_text(yaml.safe_dump(test), encoding="utf-8")
        try:
            done("promtool", "test", "rules", file)
        except DemoError as error:
            raise DemoError(f"an alert fires in the first hour: {error}") from error
    return f"no alert fires in its first hour, of {len(series)} series"


def _values(value: float, every: float | None) -> str:
    """An hour of a value; `every`: minutes after which its job runs. What never succeeded does so when that is due."""
    if value == math.inf and every is not None:
        return " ".join("inf" if minute <= every else "60" for minute in range(MINUTES + 1))
    return " ".join([f"{value:g}"] * (MINUTES + 1))


def _series(name: str, labels: dict[str, str]) -> str:
    given = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{given}}}"
