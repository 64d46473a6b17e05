"""The health check: each broken thing has its line and makes the exit code 1; the others are judged all the same."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.settings.models.server.concurrency import ServerConcurrencySettings
from pydantic import SecretStr

from blocks.tiny import TinyAccount
from blocks.tiny.oauth import Grant
from demo.prefect import PrefectServer
from flows.connections import WORK_POOL
from flows.operacao import saude
from flows.operacao.saude import examine, main
from flows.operacao.verdicts import Grade, judge_server
from tests.conftest import WORKER
from tests.flows.conftest import JOBS
from tests.flows.operacao.conftest import DAILY, NOBODY, Installation, log

pytestmark = pytest.mark.prefect

ROOT = Path(__file__).parents[3]
SYSTEMS = ("prefect", "worker", "banco", "odoo", "tiny", "vigia")
Check = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """Runs the command; its exit code and its lines by name."""

    def run(*arguments: str) -> tuple[int, dict[str, str]]:
        code = main(arguments)
        shown = capsys.readouterr()
        assert not shown.err
        return code, {line.split(" ", 1)[1].partition(":")[0]: line for line in shown.out.splitlines()}

    return run


def failed(lines: dict[str, str]) -> set[str]:
    return {name for name, line in lines.items() if line.startswith("❌")}


@pytest.mark.usefixtures("installation")
def test_all_is_well(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = check()
    assert (code, failed(lines)) == (0, set())
    assert list(lines) == [*SYSTEMS, *JOBS]
    assert lines["tiny"] == "✅ tiny: não configurado"
    assert lines["vigia"].startswith("✅ vigia: não há: as mudanças esperam as agendas")
    assert "de-plantao" in lines["worker"]
    paused = "⚠️ carteira: vendas/vendas-agendada está pausada por uma pessoa; último sucesso há "
    assert lines["carteira"].startswith(paused)
    main(["--json"])
    told = json.loads(capsys.readouterr().out)
    assert [each["nome"] for each in told] == list(lines)
    assert {each["situacao"] for each in told} == {"ok", "aviso"}


@pytest.mark.usefixtures("installation")
def test_only_the_checks_that_are_asked_for_are_made(check: Check) -> None:
    code, lines = check("--so", "prefect", "--so", "banco")
    assert (code, list(lines)) == (0, ["prefect", "banco"])


# --- what can be broken --------------------------------------------------------------------------------------------


def odoo_is_down(installation: Installation) -> None:
    installation.set(ODOO_URL=NOBODY)


def the_odoo_password_is_wrong(installation: Installation) -> None:
    installation.set(ODOO_PASSWORD="uma-senha-errada")


def migrations_are_behind(installation: Installation) -> None:
    installation.do("UPDATE alembic_version SET version_num = '0004'")


def a_right_is_missing(installation: Installation) -> None:
    installation.do(f"REVOKE DELETE ON import_failures FROM {WORKER}")


def the_database_is_down(installation: Installation) -> None:
    installation.set(DATABASE_URL="postgresql+psycopg2://alguem:uma-senha-errada@127.0.0.1:9/banco")


def the_database_was_never_deployed_to(installation: Installation) -> None:
    installation.do("DELETE FROM sync_agenda")


def a_setting_is_wrong(installation: Installation) -> None:
    installation.set(MAX_RETRIES="muitas")


def a_job_is_late(installation: Installation) -> None:
    installation.do("DELETE FROM log_integracao WHERE tipo_integracao = 'demanda'")
    log(installation.engine, "demanda", "sucesso", ago=timedelta(days=3))
    log(installation.engine, "demanda", "erro", ago=timedelta(hours=1), message="O disco encheu")


def no_worker_is_online(installation: Installation) -> None:
    installation.house.monkeypatch.setattr(saude, "work_pool", lambda: "sem-ninguem")


@pytest.fixture
def _another_pool(installation: Installation) -> Iterator[None]:
    installation.api.post("/work_pools/", json={"name": "sem-ninguem", "type": "process"}).raise_for_status()
    yield
    installation.api.delete("/work_pools/sem-ninguem").raise_for_status()


@pytest.mark.usefixtures("_another_pool", "daily")
@pytest.mark.parametrize(
    ("broken", "names", "told"),
    [
        (odoo_is_down, {"odoo"}, "confira URL, rede e servidor"),
        (the_odoo_password_is_wrong, {"odoo"}, "senha"),
        (migrations_are_behind, {"banco"}, "na migração 0004, e o código na "),
        (
            a_right_is_missing,
            {"banco"},
            f"{WORKER} não tem DELETE em import_failures: rode make deploy com DATABASE_OWNER_URL",
        ),
        (the_database_is_down, {"banco", "atualidade"}, "confira se o PostgreSQL está no ar"),
        (the_database_was_never_deployed_to, {"atualidade"}, "rode make deploy"),
        (a_setting_is_wrong, {"banco", "odoo", "tiny", "atualidade"}, "MAX_RETRIES='muitas'"),
        (a_job_is_late, {"demanda"}, "falhou: O disco encheu; rode prefect deployment run demanda/demanda-agendada"),
        (no_worker_is_online, {"worker"}, f"nenhum worker do pool {WORK_POOL} no ar (nunca houve um)"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_broken_is_told_and_the_rest_is_judged(
    installation: Installation, check: Check, broken: Callable[[Installation], None], names: set[str], told: str
) -> None:
    broken(installation)
    code, lines = check()
    assert (code, failed(lines)) == (1, names)
    assert all(told in lines[name] for name in names)
    assert "uma-senha-errada" not in "".join(lines.values())
    assert set(SYSTEMS) <= set(lines)


@pytest.mark.usefixtures("installation", "prefect_down")
def test_without_prefect_the_others_are_judged_and_freshness_too(check: Check) -> None:
    code, lines = check()
    silence = "O Prefect em 127.0.0.1:9 não responde (ConnectError): confira se o servidor está no ar"
    assert code == 1
    # Whether there is a Tiny account stands in a block; the environment of the others names where they are.
    assert {name: lines[name] for name in failed(lines)} == {
        name: f"❌ {name}: {silence}" for name in ("prefect", "worker", "tiny", "vigia")
    }
    assert lines["carteira"].startswith("✅")


@pytest.mark.usefixtures("prefect_down")
def test_a_worker_without_secrets_says_that_prefect_is_what_is_missing(check: Check) -> None:
    code, lines = check("--so", "banco", "odoo", "tiny")
    assert (code, failed(lines)) == (1, {"banco", "odoo", "tiny"})
    assert all("O Prefect em 127.0.0.1:9 não responde" in line for line in lines.values())


def test_without_an_address_of_prefect_no_server_is_started(check: Check) -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        code, lines = check("--so", "prefect", "banco")
    assert (code, failed(lines)) == (1, {"prefect", "banco"})
    assert "PREFECT_API_URL não está definida" in lines["prefect"]
    assert "Não há DATABASE_URL no ambiente" in lines["banco"]


class _Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_refuses_us_is_told_from_one_that_is_down(check: Check) -> None:
    with HTTPServer(("127.0.0.1", 0), _Refusing) as refusing:
        threading.Thread(target=refusing.serve_forever, daemon=True).start()
        with temporary_settings({PREFECT_API_URL: f"http://eu:uma-senha@127.0.0.1:{refusing.server_port}/api"}):
            code, lines = check("--so", "prefect")
        refusing.shutdown()
    assert code == 1
    assert "recusou o acesso: confira PREFECT_API_AUTH_STRING" in lines["prefect"]
    assert "uma-senha" not in lines["prefect"]


class _WithoutDatabase(BaseHTTPRequestHandler):
    """A Prefect server that tells its version and settings, and fails at whatever it has to look up."""

    def do_GET(self) -> None:
        settings = {"server": {"concurrency": {"lease_storage": "x"}}}
        told = {"/api/admin/version": "3.8.8", "/api/admin/settings": settings}
        self._answer(200 if self.path in told else 500, told.get(self.path))

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_answers_500_is_not_well_though_it_tells_its_version(check: Check) -> None:
    with HTTPServer(("127.0.0.1", 0), _WithoutDatabase) as ailing:
        threading.Thread(target=ailing.serve_forever, daemon=True).start()
        with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{ailing.server_port}/api"}):
            code, lines = check("--so", "prefect")
        ailing.shutdown()
    assert code == 1
    assert f"respondeu 500 a /api/work_pools/{WORK_POOL}" in lines["prefect"]


def test_what_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("DATABASE_URL", f"postgresql+psycopg2://eu:uma-senha@127.0.0.1:{silent.getsockname()[1]}/x")
        [banco] = examine(["banco"], limit=0.3)
    assert banco.grade is Grade.FAILURE
    assert banco.told == "sem resposta em 0.3 s: confira a rede e se o servidor está no ar"


# --- Tiny ----------------------------------------------------------------------------------------------------------

KEY = Fernet.generate_key().decode()
TINY = {"TINY_CLIENT_ID": "aplicacao", "TINY_CLIENT_SECRET": "segredo-da-aplicacao", "TINY_TOKEN_KEY": KEY}


@pytest.fixture
def consented(installation: Installation) -> Installation:
    """An account to which a person has just consented."""
    installation.set(**TINY)
    account = TinyAccount(
        client_id="aplicacao", client_secret=SecretStr("segredo-da-aplicacao"), token_key=SecretStr(KEY)
    )
    account.tokens(installation.engine).consented(
        Grant(SecretStr("o-token-de-acesso"), SecretStr("o-token-de-renovacao"), 14_400, 86_400)
    )
    return installation


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("recusado_em = now()", "recusou o token de renovação há"),
        ("renovado_em = now() - interval '13 h'", "token sem renovação há 13 h"),
        ("renovacao_ate = now() - interval '1 min'", "o token de renovação venceu há 1 min"),
        ("client_id = 'outra'", "foi dado à aplicação 'outra'"),
    ],
)
def test_a_token_that_is_not_kept_alive_fails(consented: Installation, check: Check, change: str, told: str) -> None:
    assert check("--so", "tiny")[1]["tiny"].startswith("✅ tiny: token renovado há 0 s, vale até ")
    consented.do(f"UPDATE tiny.credenciais SET {change}")
    code, lines = check()
    assert (code, failed(lines)) == (1, {"tiny"})
    assert told in lines["tiny"]
    secret = ("segredo-da-aplicacao", KEY, "o-token-de-acesso", "o-token-de-renovacao")
    assert not any(each in line for each in secret for line in lines.values())


def test_an_account_without_a_consent_fails(installation: Installation, check: Check) -> None:
    installation.set(**TINY)
    code, lines = check("--so", "tiny")
    assert code == 1
    assert "rode sincronia tiny authorize" in lines["tiny"]


# --- freshness -----------------------------------------------------------------------------------------------------


def test_a_job_that_could_not_have_run_yet_is_not_late(installation: Installation, daily: str, check: Check) -> None:
    installation.do("DELETE FROM log_integracao WHERE tipo_integracao = 'demanda'")
    age = datetime.now(UTC) - datetime.fromisoformat(installation.deployment(daily)["created"])
    assert age < timedelta(days=1)
    code, lines = check("--so", "atualidade")
    assert code == 0
    assert lines["demanda"].startswith("⚠️ demanda: nunca rodou; implantada há ")


def test_a_paused_schedule_counts_as_paused(installation: Installation, daily: str, check: Check) -> None:
    assert check("--so", "atualidade")[1]["demanda"].startswith("✅")
    deployment = installation.deployment(DAILY)
    address = f"/deployments/{deployment['id']}/schedules/{deployment['schedules'][0]['id']}"
    installation.api.patch(address, json={"active": False}).raise_for_status()
    try:
        assert "demanda/demanda-agendada está pausada" in check("--so", "atualidade")[1]["demanda"]
    finally:
        installation.api.patch(address, json={"active": True}).raise_for_status()
    assert daily == DAILY


# --- as a process --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("deployment_output")
def test_a_workers_container_checks_itself_without_any_secret(server: PrefectServer) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.operacao.saude", "--so", "prefect", "banco"],
        cwd=ROOT,
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[1].startswith("✅ banco: implantado em 127.0.0.1, migração ")
    assert done.stderr == ""


def test_a_server_that_forgets_leases_is_warned_of() -> None:
    storages = ("prefect.server.concurrency.lease_storage.filesystem", "prefect_redis.lease_storage")
    assert {judge_server("3.9.1", "aqui", each).grade for each in storages} == {Grade.OK}
    forgetful = judge_server("3.9.1", "aqui", ServerConcurrencySettings().lease_storage)
    assert forgetful.grade is Grade.WARNING
    assert "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE" in forgetful.told
