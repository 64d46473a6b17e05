"""The endpoint as a process: what it answers and logs, how it ends; monitoring/ asks only for what it has."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from demo.loopback import answers, free_port
from demo.processes import running
from tests.flows.operacao.scraper import Scraper

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "monitoring"
RULES = MONITORING / "regras.yml"
_METRIC = re.compile(r"\b(?:sincronia_\w+|orders_synced_\w+|status_changes_\w+)")


@pytest.fixture
def endpoint(database_url: str, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """Its address, its process and its log."""
    port, log = free_port(), tmp_path / "log"
    url = f"http://127.0.0.1:{port}"
    with running(
        "metricas",
        [sys.executable, "-m", "flows.operacao.metricas", "--porta", str(port)],
        log=log,
        environment={
            "PATH": "/usr/bin:/bin",
            "PREFECT_HOME": str(tmp_path),
            "DATABASE_URL": database_url,
            "LOG_FORMATO": "json",
        },
        cwd=ROOT,
        ready=answers(f"{url}/healthz"),
    ) as child:
        yield url, child.process, log


def test_the_command_answers_scrapes_and_health_and_ends_at_sigterm(
    endpoint: tuple[str, subprocess.Popen[bytes], Path],
) -> None:
    url, process, log = endpoint
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        scraped = client.get("/metrics")
        assert scraped.headers["content-type"].startswith("text/plain")
        found = {family.name for family in text_string_to_metric_families(scraped.text)}
        assert {"sincronia_banco_up", "sincronia_runs", "sincronia_freshness_seconds"} <= found
        assert client.get("/healthz").text == "ok\n"
        assert client.get("/outra").status_code == 404
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["message"] for line in lines] == [f"📈 Métricas em {url}/metrics", "Métricas encerradas"]


def test_an_address_that_it_cannot_have_is_told_in_a_line(database_url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.operacao.metricas", "--endereco", "192.0.2.1"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PREFECT_HOME": str(tmp_path), "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert re.fullmatch(r"não é possível responder em 192\.0\.2\.1:9464.*\n", done.stderr)


@pytest.fixture
def scraper(banco: Engine) -> Scraper:
    return Scraper(banco)


def expressions(node: Any) -> Iterator[str]:
    """Every PromQL text of a rules file or a dashboard."""
    for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if name in ("expr", "definition") and isinstance(value, str):
            yield value
        else:
            yield from expressions(value)


@pytest.mark.parametrize("file", [RULES, MONITORING / "painel.json"], ids=lambda file: file.name)
def test_rules_and_dashboard_ask_for_nothing_that_the_endpoint_does_not_tell(file: Path, scraper: Scraper) -> None:
    exposed = {sample for sample, *_ in scraper.scrape()} | {
        f"{metric.name}_total" if metric.type == "counter" else metric.name for metric in scraper.registry.collect()
    }
    named = [set(_METRIC.findall(text)) for text in expressions(yaml.safe_load(file.read_text(encoding="utf-8")))]
    assert len(named) >= 12
    assert all(named[1:])
    assert set().union(*named) <= exposed


def test_every_alert_says_in_portuguese_what_is_wrong_and_what_to_do() -> None:
    [group] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]:
        assert rule["alert"].startswith("Sincronia")
        assert rule["labels"]["severidade"] in ("critica", "aviso")
        assert rule["annotations"].keys() == {"summary", "description"}
        assert rule["annotations"]["description"].endswith((".", "authorize", "}}"))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian's package prometheus) is not installed")
@pytest.mark.parametrize(
    "command",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "regras.yml"),
        ("test", "rules", "regras_test.yml", "regras_dias_test.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_own_tool_accepts_the_files_and_their_tests_pass(command: tuple[str, ...]) -> None:
    done = subprocess.run(["promtool", *command], cwd=MONITORING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_and_dashboard_use_no_name_that_goes_with_the_next_version() -> None:
    for file in MONITORING.iterdir():
        assert {
            name for name in _METRIC.findall(file.read_text(encoding="utf-8")) if not name.startswith("sincronia_")
        } == set(), file
