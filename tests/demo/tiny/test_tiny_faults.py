"""Every fault that can be planned, as a client meets it."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tiny_client import Api


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("503", 503), ("403", 403), ("204", 204), ("blank", 200)])
def test_faults_without_a_body_strike_as_often_as_planned(api: Api, kind: str, status: int) -> None:
    api.tiny.control("faults", kind=kind, times=2)
    answers = [api.page(), api.page()]
    assert [(answer.status_code, answer.content) for answer in answers] == [(status, b"")] * 2
    assert "X-RateLimit-Reset" in answers[0].headers
    assert api.page().json()["itens"]


def test_an_html_page_comes_with_success(api: Api) -> None:
    api.tiny.control("faults", kind="html")
    answer = api.page()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_a_dropped_connection_and_one_that_ends_within_the_body(api: Api) -> None:
    api.tiny.control("faults", kind="drop")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        api.page()
    api.tiny.control("faults", kind="truncated")
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        api.page()
    assert api.page().status_code == 200
    assert api.tiny.control("calls")["paths"]["/ordem-servico"] == {"200": 2, "dropped": 1}


def test_a_garbled_body_is_whole_to_http_alone(api: Api) -> None:
    api.tiny.control("faults", kind="garbled")
    answer = api.page()
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_bare_429_tells_nothing_and_spends_nothing(api: Api) -> None:
    remaining = int(api.page().headers["X-RateLimit-Remaining"])
    api.tiny.control("faults", kind="429_bare", times=3)
    for _ in range(3):
        answer = api.page()
        assert (answer.status_code, answer.content) == (429, b"")
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    assert int(api.page().headers["X-RateLimit-Remaining"]) in (remaining - 1, 999_999)
    assert api.tiny.control("calls")["refused"] == 3


def test_a_delay_holds_up_its_own_call_alone(api: Api) -> None:
    api.tiny.control("faults", kind="delay", seconds=0.6, path="/ordem-servico")
    with ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        slow = pool.submit(api.page)
        time.sleep(0.1)
        assert Api(api.tiny, api.token).detail(1).status_code == 404
        assert not slow.done()
        assert slow.result().status_code == 200
        assert time.monotonic() - started >= 0.6
    assert api.tiny.control("calls")["concurrent"] == 2


def test_a_fault_may_wait_for_a_path(api: Api) -> None:
    one, other = api.ids(limit=2)
    api.tiny.control("faults", kind="500", path=f"/ordem-servico/{one}", times=9)
    api.tiny.control("faults", kind="503", path="/ordem-servico/*")
    assert [api.detail(id_).status_code for id_ in (one, one, other, other)] == [500, 500, 503, 200]
    assert api.page().status_code == 200
    api.tiny.control("reset")
    assert api.detail(one).status_code == 200


def test_a_fault_that_does_not_exist_is_named(api: Api) -> None:
    with pytest.raises(ValueError, match="no such fault: 'outro'; there are 204, 403, 429_bare"):
        api.tiny.control("faults", kind="outro")
