"""Prometheus' rules on the running stack: scraped while faults happen, and with an hour of injected time."""

import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from demo.buildah import ROOT, done
from demo.compose.world import World
from demo.loopback import LOOPBACK, answers, free_port
from demo.processes import DemoError, running

MINUTES = 60
MONITORING = ROOT / "monitoring"


@contextmanager
def scraped(world: World, folder: Path) -> Iterator[Callable[[], str]]:
    """Have a Prometheus watch the installation by monitoring/prometheus.yml in the block.

    Gives what sees that no alert has fired so far, and tells it in words; it raises `DemoError` if one has.
    """
    program = shutil.which("prometheus")
    if not program:
        yield lambda: "alerts not watched: no prometheus here (apt-get install prometheus)"
        return
    kept = folder / "prometheus"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text(encoding="utf-8"))
    config["rule_files"] = [str(MONITORING / "regras.yml")]
    [job] = config["scrape_configs"]
    job["static_configs"] = [{"targets": [f"{LOOPBACK}:{world.installation.settings['METRICAS_PORT']}"]}]
    (kept / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_port()
    command = (program, f"--config.file={kept / 'prometheus.yml'}", f"--storage.tsdb.path={kept / 'data'}")
    url = f"http://{LOOPBACK}:{port}"
    with running(
        "prometheus",
        [*command, f"--web.listen-address={LOOPBACK}:{port}"],
        log=kept / "prometheus.log",
        environment={},
        ready=answers(f"{url}/-/ready"),
    ):
        yield lambda: _silence(url)


def _silence(url: str) -> str:
    """That no alert has fired since this Prometheus began, in words.

    Raises:
        DemoError: one has, or the metrics were never reached.
    """
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as prometheus:

        def found(query: str) -> list[dict[str, Any]]:
            answer = prometheus.get("/api/v1/query", params={"query": query}).raise_for_status().json()
            return list(answer["data"]["result"])

        fired = found('count by (alertname, entidade) (max_over_time(ALERTS{alertstate="firing"}[1d]))')
        scrapes = found('sum_over_time(up{job="sincronia"}[1d])')
    if fired:
        named = (f"{each['metric']['alertname']} {each['metric'].get('entidade', '')}".strip() for each in fired)
        raise DemoError(f"Prometheus has raised alerts: {', '.join(sorted(named))}")
    if not scrapes or scrapes[0]["value"][1] == "0":
        raise DemoError("Prometheus has never reached the metrics")
    return f"no alert has fired in {float(scrapes[0]['value'][1]) / 4:.0f} minutes of Prometheus"


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
        "rule_files": [str(MONITORING / "regras.yml")],
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
