"""Errors of runs reach Sentry once, with what helps, and without anything of customers or secrets."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest
from sentry_sdk.types import Event

from blocks.banco import AdvisoryLock
from flows import sentry
from flows.dominios import vendas
from flows.run.lock import limit_name
from flows.sentry import masked, scrubbed
from flows.vendas.carteira import carteira
from tests.flows.conftest import House

SECRET = "5e9redo-da-senha"


class Sink:
    """A Sentry on loopback: keeps what it is sent, as bytes and as events."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.bodies.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def dsn(self) -> str:
        return f"http://chave-publica@127.0.0.1:{self.server.server_port}/1"

    def events(self) -> list[dict[str, Any]]:
        found = []
        for body in self.bodies:
            _, *items = body.splitlines()
            for header, payload in zip(items[::2], items[1::2], strict=True):
                assert json.loads(header)["type"] == "event"
                found.append(json.loads(payload))
        return found


@pytest.fixture
def sink() -> Iterator[Sink]:
    sentry._client.cache_clear()
    sink = Sink()
    yield sink
    sink.server.shutdown()
    sink.server.server_close()
    sentry._client.cache_clear()


@pytest.mark.prefect
def test_a_failed_run_is_reported_once_however_often_its_tasks_were_retried(house: House, sink: Sink) -> None:
    house.setting(SENTRY_DSN=sink.dsn, MAX_RETRIES=2)
    house.odoo.control("faults", kind="502", times=1000)
    state = house.failed(carteira)
    [event] = sink.events()
    assert event["tags"] == {"entidade": "carteira", "flow_run_id": str(state.state_details.flow_run_id)}
    assert event["exception"]["values"][-1]["type"] == type(state.result(raise_on_failure=False)).__name__
    assert any(frame["function"] == "perform" for frame in event["exception"]["values"][-1]["stacktrace"]["frames"])
    assert event.keys() <= {*sentry._KEPT, "exception"}


@pytest.mark.prefect
def test_each_entity_of_a_domain_is_reported_and_the_domain_is_not(house: House, sink: Sink) -> None:
    house.setting(SENTRY_DSN=sink.dsn, ODOO_PASSWORD=SECRET)
    house.failed(vendas)
    assert [event["tags"]["entidade"] for event in sink.events()] == ["faturamento", "carteira"]
    sent = b"".join(sink.bodies).decode()
    for forbidden in (SECRET, house.environment["DATABASE_URL"], house.engine.url.password or "", house.odoo.url):
        assert forbidden not in sent
    assert socket.gethostname() not in sent


@pytest.mark.prefect
def test_skipped_and_successful_runs_are_not_reported(house: House, sink: Sink) -> None:
    house.setting(SENTRY_DSN=sink.dsn)
    house.completed(carteira)
    lock = AdvisoryLock(house.engine, limit_name("carteira"))
    assert lock.acquire()
    assert house.run(carteira).name == "Skipped"
    lock.release()
    assert sink.bodies == []


@pytest.mark.prefect
def test_a_sentry_that_is_not_there_changes_nothing_of_the_failure(house: House) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        dead = taken.getsockname()[1]
    house.setting(SENTRY_DSN=f"http://chave@127.0.0.1:{dead}/1", ODOO_PASSWORD=SECRET)
    assert "confira usuário e senha" in (house.failed(carteira).message or "")
    house.setting(SENTRY_DSN="isto não é um DSN")
    assert "confira usuário e senha" in (house.failed(carteira).message or "")


HARM = {
    "[número]": "12.345.678/0001-95 12345678000195 12.ABC.345/01DE-35 12ABC34501DE35 123.456.789-09 12345678909 "
    "2026-11-22 AB-0012",
    "[e-mail]": "maria@exemplo.com.br",
    "[texto]": """ "Padaria" 'Padaria' «Padaria» “Padaria” `Padaria` """,
    "[endereço]": "postgresql://ana:senha@banco/x postgresql+psycopg2://ana:s3nha@banco:5432/x https://a.b/c?token=abc",
    "[segredo]": "password=segredo access_token='segredo' ODOO_API_KEY=segredo SENHA:segredo "
    "abcdefghijklmnopqrstuvwxyzABCDEFGH",
}
LONGER_HARM = {
    "[nome]": ("MARIA DA SILVA", "Maria da Silva e Souza", "ACME COMERCIO LTDA", "J. Pereira"),
    "[texto]": ('"Padaria do João"', "'Padaria do João'", "«Padaria do João»"),
    "[segredo]": ("Bearer abcdefgh", "Authorization: Basic YWJjOmRlZg==", "client_secret: segredo"),
    "R$ [número]": ("R$ 1.234,56",),
    "[número] [número] [número]": ("+55 11 91234-5678",),
}


@pytest.mark.parametrize(
    ("harm", "mask"),
    [
        *((harm, mask) for mask, words in HARM.items() for harm in words.split()),
        *((harm, mask) for mask, texts in LONGER_HARM.items() for harm in texts),
    ],
)
def test_a_message_says_that_something_was_there_and_not_what(harm: str, mask: str) -> None:
    assert masked(f"O pedido {harm} não cabe na tabela") == f"O pedido {mask} não cabe na tabela"


def test_a_quotation_that_is_cut_short_is_masked_to_the_end() -> None:
    assert masked('Não cabe: "Padaria do João') == masked("Não cabe: x") == "Não cabe"
    assert masked('Não cabe "Padaria do João') == "Não cabe [texto]"


def test_what_follows_a_colon_is_someone_elses() -> None:
    assert masked("O Odoo respondeu com um erro: o cliente maria deve") == "O Odoo respondeu com um erro"


def test_secrets_go_first_also_as_they_stand_in_an_address() -> None:
    assert masked("veio p@ss word! e p%40ss%20word%21 ali", ["", "p@ss word!"]) == "veio [segredo] e [segredo] ali"


def test_our_messages_stay_readable() -> None:
    said = "3 de 40 lotes de carteira falharam; confira se o PostgreSQL está no ar e tente de novo"
    assert masked(said) == said.replace("3", "[número]").replace("40", "[número]")


def test_only_what_is_known_to_be_harmless_is_left_of_an_event() -> None:
    frame = {
        "filename": "flows/x.py", "abs_path": "/home/ana/x.py", "function": "f", "module": "flows.x", "lineno": 3,
        "context_line": "raise", "pre_context": ["a"], "vars": {"cliente": "Maria"}, "in_app": True,
    }  # fmt: skip
    event = {
        "event_id": "1", "level": "error", "tags": {"entidade": "carteira"}, "server_name": "host-da-ana",
        "user": {"ip_address": "10.0.0.1"}, "request": {"data": "Maria"}, "extra": {"sys.argv": ["Maria"]},
        "breadcrumbs": {"values": [{"message": "Maria"}]}, "contexts": {"trace": {}}, "modules": {"a": "1"},
        "exception": {"values": [
            {"type": "UniqueViolation", "module": "psycopg2.errors", "value": "Key (cnpj)=(Maria) exists"},
            {"type": "BancoFault", "module": "blocks.banco.errors", "value": "Falhou 'Maria'",
             "mechanism": {"x": "Maria"}, "stacktrace": {"frames": [frame]}},
        ]},
    }  # fmt: skip
    left = cast(dict[str, Any], scrubbed(cast(Event, event), []))
    assert "Maria" not in json.dumps(left)
    assert left.keys() == {"event_id", "level", "tags", "exception"}
    foreign, ours = left["exception"]["values"]
    assert (foreign["type"], foreign["value"]) == ("UniqueViolation", "")
    assert (ours["type"], ours["value"]) == ("BancoFault", "Falhou [texto]")
    assert ours["stacktrace"]["frames"] == [
        {name: frame[name] for name in ("filename", "function", "module", "lineno", "context_line", "in_app")}
    ]
