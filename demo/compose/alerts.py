"""Prometheus' rules over what a fresh installation tells of itself, with an hour of injected time."""

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
    series = [
        {"series": _series(sample.name, sample.labels), "values": " ".join([f"{sample.value:g}"] * (MINUTES + 1))}
        for family in text_string_to_metric_families(told)
        for sample in family.samples
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


def _series(name: str, labels: dict[str, str]) -> str:
    given = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{given}}}"
