"""Pages and details: what is asked, what comes of failures, and that nothing tells a secret."""

import logging
import pickle
import traceback
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest
from fake_tiny import SECRET, FakeTiny, ManualClock
from sqlalchemy import Engine, text

from blocks.breaker import CircuitBreaker
from blocks.errors import ConfigurationError
from blocks.tiny import (
    AccessDenied,
    CircuitOpen,
    InvalidRequest,
    NotFound,
    RateLimited,
    TinyClient,
    TinyError,
    Unavailable,
    UnexpectedAnswer,
)
from blocks.transport import CappedTransport


@pytest.fixture
def tiny() -> FakeTiny:
    return FakeTiny(ManualClock())


@pytest.fixture
def client(tiny: FakeTiny, tiny_banco: Engine) -> Iterator[TinyClient]:
    with tiny.client(tiny_banco) as client:
        yield client


def test_pages_follow_offsets_up_to_the_total(tiny: FakeTiny, client: TinyClient) -> None:
    pages = list(client.orders(page_size=2))
    assert [[item["id"] for item in page.items] for page in pages] == [[1, 2], [3, 4], [5]]
    assert [(page.offset, page.total) for page in pages] == [(0, 5), (2, 5), (4, 5)]
    assert client.calls == 3
    assert tiny.exchanges == 0


def test_a_read_that_gets_no_answer_is_not_awaited_for_ever(
    tiny: FakeTiny, tiny_banco: Engine, client: TinyClient
) -> None:
    tiny.failures = [httpx.ConnectError("refused"), httpx.ReadTimeout("slow")]
    client.order(1)
    with tiny_banco.begin() as connection:
        [(taken, answered)] = connection.execute(text("SELECT sum(tomadas), sum(respondidas) FROM tiny.cotas"))
    assert taken == answered == 3


def test_a_last_page_that_is_full_needs_no_empty_one(client: TinyClient) -> None:
    assert [len(page.items) for page in client.orders(page_size=5)] == [5]


def test_filters_are_sent_as_tiny_names_them(tiny: FakeTiny, client: TinyClient) -> None:
    next(client.orders(status=0, since=date(2026, 1, 2), until=date(2026, 1, 31), order_number="77"))
    assert dict(tiny.requests[-1].url.params) == {
        "situacao": "0",
        "dataInicialEmissao": "2026-01-02",
        "dataFinalEmissao": "2026-01-31",
        "numeroOrdemServico": "77",
        "orderBy": "asc",
        "limit": "100",
        "offset": "0",
    }


@pytest.mark.parametrize("empty", [httpx.Response(204), httpx.Response(200), httpx.Response(200, content=b" \n")])
def test_an_empty_answer_to_a_list_is_no_rows(tiny: FakeTiny, client: TinyClient, empty: httpx.Response) -> None:
    tiny.failures = [empty]
    assert [page.items for page in client.orders()] == [()]


def test_without_a_total_a_short_page_is_the_last(tiny: FakeTiny, client: TinyClient) -> None:
    tiny.failures = [httpx.Response(200, json={"itens": [{"id": 1}]})]
    assert [(len(page.items), page.total) for page in client.orders()] == [(1, None)]


def test_a_detail_is_the_order_s(client: TinyClient) -> None:
    assert client.order(3) == {"id": 3, "situacao": "3"}
    with pytest.raises(NotFound, match="/v3/ordem-servico/99"):
        client.order(99)


def test_401_is_renewed_and_tried_again_once(tiny: FakeTiny, client: TinyClient) -> None:
    tiny.access = "acesso-de-outrem"
    assert client.order(1)["id"] == 1
    assert (client.calls, tiny.exchanges) == (2, 1)
    tiny.failures = [httpx.Response(401), httpx.Response(401)]
    with pytest.raises(AccessDenied, match="token recém-renovado"):
        client.order(1)
    assert (client.calls, tiny.exchanges) == (4, 2)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(500),
        httpx.Response(503, html="<html>"),
        httpx.Response(504),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
        httpx.Response(200, content=b'{"id": 1, "situ'),
    ],
)
def test_what_may_pass_is_tried_again_later(tiny: FakeTiny, client: TinyClient, failure: Any) -> None:
    tiny.failures = [failure, failure]
    assert client.order(1)["id"] == 1
    assert len(tiny.clock.slept) == 2
    assert tiny.clock.slept[1] > tiny.clock.slept[0] >= 1
    tiny.failures = [failure] * 4
    with pytest.raises(Unavailable, match="/ordem-servico/1") as raised:
        client.order(1)
    assert type(pickle.loads(pickle.dumps(raised.value))) is Unavailable


def test_retry_after_is_honoured_within_reason(tiny: FakeTiny, client: TinyClient) -> None:
    tiny.failures = [
        httpx.Response(503, headers={"Retry-After": "17"}),
        httpx.Response(503, headers={"Retry-After": "9999"}),
    ]
    client.order(1)
    assert tiny.clock.slept == [17, 60]


def test_429_waits_for_the_next_minute_and_goes_on(tiny: FakeTiny, client: TinyClient) -> None:
    tiny.failures = [httpx.Response(429)]
    assert client.order(1)["id"] == 1
    assert 50 < sum(tiny.clock.slept) < 53
    tiny.failures = [httpx.Response(429)] * 4
    with pytest.raises(RateLimited):
        client.order(1)


@pytest.mark.parametrize(
    ("failure", "error", "told"),
    [
        (httpx.Response(403), AccessDenied, "permissão"),
        (
            httpx.Response(400, json={"mensagem": "Inválido", "detalhes": [{"campo": "data", "mensagem": "falta"}]}),
            InvalidRequest,
            "Inválido; data: falta",
        ),
        (httpx.Response(400, json={"mensagem": None, "detalhes": None}), InvalidRequest, "sem explicação"),
        (httpx.Response(400), InvalidRequest, "sem explicação"),
        (httpx.Response(302, headers={"Location": "/login"}), UnexpectedAnswer, "HTTP 302"),
        (httpx.Response(200, html="<html>Entrar"), UnexpectedAnswer, "<html>Entrar"),
        (httpx.Response(200, json=[1]), UnexpectedAnswer, "não é um objeto"),
        (httpx.Response(200, json={"id": 2}), UnexpectedAnswer, "veio com id 2"),
        (httpx.Response(204), UnexpectedAnswer, "veio vazio"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(
    tiny: FakeTiny, client: TinyClient, failure: httpx.Response, error: type[TinyError], told: str
) -> None:
    tiny.failures = [failure]
    with pytest.raises(error, match=told):
        client.order(1)
    assert (client.calls, tiny.clock.slept) == (1, [])


@pytest.mark.parametrize("body", [{}, {"itens": None}, {"itens": [1]}])
def test_a_list_of_another_shape_is_unexpected(tiny: FakeTiny, client: TinyClient, body: dict[str, Any]) -> None:
    tiny.failures = [httpx.Response(200, json=body)]
    with pytest.raises(UnexpectedAnswer, match="lista sem itens"):
        next(client.orders())


def test_a_list_that_is_not_found_is_a_wrong_address(tiny: FakeTiny, client: TinyClient) -> None:
    tiny.failures = [httpx.Response(404)]
    with pytest.raises(UnexpectedAnswer, match="TINY_URL"):
        next(client.orders())


def test_calls_that_all_fail_open_the_breaker(tiny: FakeTiny, tiny_banco: Engine) -> None:
    with tiny.client(tiny_banco, attempts=1, breaker=CircuitBreaker(clock=lambda: 0.0)) as client:
        for _ in range(5):
            tiny.failures = [httpx.Response(503)]
            with pytest.raises(Unavailable):
                client.order(1)
        with pytest.raises(
            CircuitOpen, match=r"falhou \(HTTP 503\).*\. Depois de .* seguidas, nada será enviado até 09:00:40"
        ):
            client.order(1)
        assert client.calls == 5


def test_orders_that_tiny_can_never_give_do_not_open_it(tiny: FakeTiny, tiny_banco: Engine) -> None:
    with tiny.client(tiny_banco, attempts=1) as client:
        for _ in range(9):
            tiny.failures = [httpx.Response(200, content=b'{"id": 1, "situ')]
            with pytest.raises(Unavailable):
                client.order(1)
        assert client.order(1)["id"] == 1


def test_a_server_of_tokens_that_is_down_is_tried_again_too(tiny: FakeTiny, client: TinyClient) -> None:
    tiny.clock.move(14_400)
    tiny.token_failures = [httpx.Response(500), httpx.Response(500)]
    assert client.order(1)["id"] == 1
    assert (client.calls, tiny.exchanges) == (1, 1)


def test_no_message_representation_or_log_tells_a_secret(
    tiny: FakeTiny, tiny_banco: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    with tiny.client(tiny_banco) as client:
        tokens = tiny.tokens(tiny_banco)
        failures: list[Any] = [httpx.Response(500), httpx.ReadError("x"), httpx.Response(401), httpx.Response(403)]
        for failure in [*failures, httpx.Response(200, html="<html>")]:
            tiny.failures = [failure] * 4
            with pytest.raises(TinyError) as raised:
                client.order(1)
            told += [str(raised.value), repr(raised.value), *traceback.format_exception(raised.value)]
        tiny.token_failures = [httpx.Response(500), httpx.ReadError("x"), httpx.Response(400)]
        for _ in range(3):
            with pytest.raises(TinyError) as raised:
                tokens.renewed(after=99)
            told += traceback.format_exception(raised.value)
        told += [repr(client), repr(tokens), repr(tokens.status()), repr(tiny.grant()), caplog.text]
    for secret in (SECRET, "acesso-", "renova-"):
        assert not [text for text in told if secret in text]


@pytest.mark.parametrize("url", ["api.tiny.com.br", "ftp://x", "https://user:senha@api.example", ""])
def test_an_address_that_is_none_is_refused(tiny: FakeTiny, tiny_banco: Engine, url: str) -> None:
    with pytest.raises(ConfigurationError, match="TINY_URL=") as raised:
        tiny.client(tiny_banco, url=url)
    assert "senha@" not in str(raised.value)


def test_an_order_too_large_to_take_is_no_order_and_the_next_one_is_read(tiny: FakeTiny, tiny_banco: Engine) -> None:
    tiny.orders[1]["observacoes"] = "x" * 5000
    transport = CappedTransport(httpx.MockTransport(tiny.api), 3000)
    with tiny.client(tiny_banco, transport=transport) as client:
        with pytest.raises(UnexpectedAnswer, match="passa de"):
            client.order(1)
        assert client.order(2)["id"] == 2
        assert client.calls == 2
