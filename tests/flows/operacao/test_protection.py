"""What keeps strangers from running code on the workers: the API's password, and a pool that takes no command."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

from demo.prefect import PrefectServer
from flows.connections import WORK_POOL
from flows.deploy import main as deploy
from flows.operacao.pool import apply_pool, without_command
from flows.operacao.protection import open_to_anyone
from flows.operacao.saude import examine
from flows.operacao.verdicts import Grade, judge_ways
from tests.flows.conftest import House, client_of

PASSWORD = "sincronia:uma-senha-longa"
AUTHORISED = "Basic c2luY3JvbmlhOnVtYS1zZW5oYS1sb25nYQ=="
ELSEWHERE = "http://prefect.example:4200/api"


@contextlib.contextmanager
def network(server: PrefectServer, *, protected: bool) -> Iterator[str]:
    """A proxy behind which every address is our server; `protected`: it asks for the password first."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            path = httpx.URL(self.path).raw_path.decode()
            asked.append(path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if protected and self.headers.get("authorization") != AUTHORISED:
                status, content = 401, b"{}"
            else:
                url = server.api_url.removesuffix("/api") + path
                answer = httpx.request(self.command, url, content=body, trust_env=False, timeout=30)
                status, content = answer.status_code, answer.content
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *unused: object) -> None:
            pass

    asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listener.server_address[1]}"
        listener.shutdown()
        thread.join()


asked: list[str] = []


@pytest.fixture
def elsewhere(house: House) -> Iterator[None]:
    """This process reaches the API by a name in the network, with our password."""
    with temporary_settings({PREFECT_API_URL: ELSEWHERE, PREFECT_API_AUTH_STRING: PASSWORD}):
        yield


@pytest.fixture(params=[False, True], ids=["open", "protected"])
def protected(request: pytest.FixtureRequest, server: PrefectServer, elsewhere: None, house: House) -> Iterator[bool]:
    with network(server, protected=request.param) as proxy:
        house.monkeypatch.setenv("http_proxy", proxy)
        house.monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield request.param


@pytest.mark.prefect
def test_an_api_in_the_network_that_asks_for_no_password_is_seen(protected: bool) -> None:
    assert open_to_anyone() is not protected
    [verdict] = examine(["prefect"])
    assert (verdict.grade is Grade.FAILURE) is not protected
    assert ("PREFECT_SERVER_API_AUTH_STRING" in verdict.told) is not protected


@pytest.mark.prefect
@pytest.mark.parametrize("protected", [False], indirect=True, ids=["open"])
def test_nothing_is_deployed_to_an_api_that_is_open_to_anyone(
    protected: bool, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg2://alguem:senha@127.0.0.1:9/nenhum")
    assert deploy([]) == 1
    told = capsys.readouterr()
    assert "O Prefect em prefect.example:4200 atende na rede sem senha" in told.err
    assert "Nada foi implantado" in told.err
    assert not told.out
    assert set(asked) <= {"/api/admin/version", "/api/admin/settings"}


@pytest.mark.prefect
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_api_on_loopback_needs_no_password(server: PrefectServer, host: str) -> None:
    with client_of(server), temporary_settings({PREFECT_API_URL: server.api_url.replace("127.0.0.1", host)}):
        assert not open_to_anyone()


@pytest.mark.prefect
def test_a_run_has_no_say_in_what_program_is_started(
    api: httpx.Client, server: PrefectServer, deployment_output: str
) -> None:
    template = api.get(f"/work_pools/{WORK_POOL}").raise_for_status().json()["base_job_template"]
    wanted = {"command": "touch /tmp/tomado", "env": {"A": "1"}}
    with client_of(server):
        theirs, ours = [
            asyncio.run(ProcessJobConfiguration.from_template_and_values(base_job_template=each, values=wanted))
            for each in (ProcessWorker.get_default_base_job_template(), template)
        ]
    assert theirs.command == "touch /tmp/tomado"
    assert (ours.command, ours.env) == (None, {"A": "1"})


@pytest.mark.prefect
def test_a_pool_that_takes_a_command_takes_none_after_a_deploy_and_keeps_the_rest(
    api: httpx.Client, server: PrefectServer, deployment_output: str
) -> None:
    before = api.get(f"/work_pools/{WORK_POOL}").raise_for_status().json()["base_job_template"]
    template = ProcessWorker.get_default_base_job_template()
    template["variables"]["properties"]["env"]["default"] = {"TZ": "UTC"}
    api.patch(f"/work_pools/{WORK_POOL}", json={"base_job_template": template}).raise_for_status()
    try:
        with client_of(server):
            assert [apply_pool(), apply_pool()] == ["não aceita mais comandos de execuções", "já existe"]
        after = api.get(f"/work_pools/{WORK_POOL}").json()["base_job_template"]
    finally:
        api.patch(f"/work_pools/{WORK_POOL}", json={"base_job_template": before}).raise_for_status()
    assert after["variables"]["properties"].keys() == before["variables"]["properties"].keys()
    assert after["variables"]["properties"]["env"]["default"] == {"TZ": "UTC"}


def test_a_template_without_a_command_stays_as_it_is() -> None:
    for template in ({}, {"variables": {"properties": {}}, "job_configuration": {"command": "nice python -m flow"}}):
        assert without_command(template) == template


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://odoo.example:8069", True),
        ("http://10.0.0.7", True),
        ("HTTP://odoo.example", True),
        ("http://[2001:db8::1]:8069", True),
        ("http://localhost.example", True),
        ("https://odoo.example", False),
        ("http://127.0.0.1:8069", False),
        ("http://127.8.9.1", False),
        ("http://[::1]:8069", False),
        ("http://localhost:8069", False),
        ("http://odoo.localhost", False),
    ],
)
def test_an_address_is_told_of_to_which_passwords_travel_in_clear(url: str, told: bool) -> None:
    found = list(judge_ways("odoo", {"ODOO_URL": url}))
    assert [each.grade for each in found] == ([Grade.WARNING] if told else [])
    assert all("https:// em ODOO_URL" in each.told for each in found)
