"""Consent, exchange, renewal with rotation, expiry: the answers of a Keycloak."""

from base64 import urlsafe_b64encode
from hashlib import sha256

import httpx
import pytest
from tiny_client import CALLBACK, Api, consent, exchange, renew

from demo.tiny import TinyProcess, tiny_process


def refused(answer: httpx.Response, error: str, status: int = 400) -> bool:
    return (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_consent_comes_back_with_its_state_and_a_code_for_tokens(tiny: TinyProcess) -> None:
    given = consent(tiny, state="estado 1")
    assert given["state"] == "estado 1"
    answer = exchange(tiny, grant_type="authorization_code", code=given["code"], redirect_uri=CALLBACK)
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["refresh_expires_in"]) == ("Bearer", 14_400, 86_400)
    assert Api(tiny, tokens["access_token"]).page(limit=1).status_code == 200
    again = exchange(tiny, grant_type="authorization_code", code=given["code"], redirect_uri=CALLBACK)
    assert refused(again, "invalid_grant")


def test_a_code_is_bound_to_its_redirect_and_its_pkce_challenge(tiny: TinyProcess) -> None:
    challenge = urlsafe_b64encode(sha256(b"v" * 64).digest()).decode().rstrip("=")
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    for wrong in ({"code_verifier": "w" * 64}, {}, {"code_verifier": "v" * 64, "redirect_uri": f"{CALLBACK}/x"}):
        form = {"code": consent(tiny, **pkce)["code"], "redirect_uri": CALLBACK, **wrong}
        assert refused(exchange(tiny, grant_type="authorization_code", **form), "invalid_grant")
    form = {"code": consent(tiny, **pkce)["code"], "redirect_uri": CALLBACK, "code_verifier": "v" * 64}
    assert exchange(tiny, grant_type="authorization_code", **form).status_code == 200
    assert consent(tiny, code_challenge=challenge, code_challenge_method="plain")["error"] == "invalid_request"


def test_a_code_gets_old(tiny: TinyProcess) -> None:
    code = consent(tiny)["code"]
    tiny.control("clock", seconds=301)
    assert refused(exchange(tiny, grant_type="authorization_code", code=code, redirect_uri=CALLBACK), "invalid_grant")


def test_a_consent_may_be_refused_or_asked_for_wrongly(tiny: TinyProcess) -> None:
    tiny.control("token", kind="access_denied")
    assert consent(tiny) == {"error": "access_denied", "state": "x"}
    assert consent(tiny, response_type="token")["error"] == "unsupported_response_type"
    for wrong in ({"client_id": "outro"}, {"redirect_uri": "https://exemplo.com.br/"}, {"redirect_uri": "http://[x"}):
        parameters = {"response_type": "code", "client_id": tiny.client_id, "redirect_uri": CALLBACK, **wrong}
        assert httpx.get(tiny.auth_url, params=parameters, trust_env=False, verify=False).status_code == 400


def test_a_renewal_rotates_the_refresh_token_and_leaves_the_access_token(tiny: TinyProcess) -> None:
    first = tiny.authorize()
    second = renew(tiny, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert refused(renew(tiny, first["refresh_token"]), "invalid_grant")
    third = renew(tiny, second["refresh_token"]).json()
    for tokens in (first, second, third):
        assert Api(tiny, tokens["access_token"]).page(limit=1).status_code == 200
    calls = tiny.control("calls")
    assert (calls["renewals"], calls["consents"]) == (2, 1)
    assert calls["paths"]["/token"] == {"200": 3, "400": 1}


def test_without_rotation_the_refresh_token_stays_and_lives_on() -> None:
    with tiny_process(orders=8, rotation="off", expires_in=50, refresh_expires_in=100) as tiny:
        first = tiny.authorize()
        assert (first["expires_in"], first["refresh_expires_in"]) == (50, 100)
        for _ in range(3):
            tiny.control("clock", seconds=60)
            renewed = renew(tiny, first["refresh_token"]).json()
            assert renewed["refresh_token"] == first["refresh_token"]
        assert Api(tiny, renewed["access_token"]).page().status_code == 200
        assert Api(tiny, first["access_token"]).page().status_code == 401


def test_tokens_expire_by_the_simulated_clock(tiny: TinyProcess) -> None:
    tokens = tiny.authorize()
    api = Api(tiny, tokens["access_token"])
    tiny.control("clock", seconds=14_390)
    assert api.page(limit=1).status_code == 200
    tiny.control("clock", seconds=11)
    assert api.page(limit=1).status_code == 401
    tiny.control("clock", seconds=86_400 - 14_401)
    assert refused(renew(tiny, tokens["refresh_token"]), "invalid_grant")


def test_tokens_expire_when_told_to(tiny: TinyProcess) -> None:
    tokens = tiny.authorize()
    tiny.control("token", kind="expire_access")
    answer = Api(tiny, tokens["access_token"]).page()
    assert (answer.status_code, answer.content) == (401, b"")
    tokens = renew(tiny, tokens["refresh_token"]).json()
    assert Api(tiny, tokens["access_token"]).page().status_code == 200
    tiny.control("token", kind="expire_refresh")
    assert refused(renew(tiny, tokens["refresh_token"]), "invalid_grant")
    assert Api(tiny, tokens["access_token"]).page().status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer outro", "Basic eDp5"])
def test_a_bearer_that_is_not_known_is_refused(tiny: TinyProcess, header: str) -> None:
    answer = httpx.get(f"{tiny.api}/ordem-servico", headers={"Authorization": header}, trust_env=False, verify=False)
    assert (answer.status_code, answer.content) == (401, b"")


def test_the_token_endpoint_tells_its_errors_apart(tiny: TinyProcess) -> None:
    token = tiny.authorize()["refresh_token"]
    assert refused(
        exchange(tiny, grant_type="refresh_token", refresh_token=token, client_secret="x"), "invalid_client", 401
    )
    assert refused(exchange(tiny, grant_type="password"), "unsupported_grant_type")
    as_json = httpx.post(tiny.token_url, json={"grant_type": "refresh_token"}, trust_env=False, verify=False)
    assert refused(as_json, "invalid_client", 401)
    assert httpx.get(tiny.token_url, trust_env=False, verify=False).status_code == 405
    assert renew(tiny, token).status_code == 200


def test_planned_failures_spend_no_token(tiny: TinyProcess) -> None:
    token = tiny.authorize()["refresh_token"]
    tiny.control("token", kind="500", times=2)
    assert [renew(tiny, token).status_code for _ in range(2)] == [500, 500]
    tiny.control("token", kind="invalid_grant")
    assert refused(renew(tiny, token), "invalid_grant")
    tiny.control("faults", kind="503", path="/token")
    assert renew(tiny, token).status_code == 503
    assert renew(tiny, token).status_code == 200
    with pytest.raises(ValueError, match="no such kind"):
        tiny.control("token", kind="outro")


def test_a_dropped_renewal_has_been_granted_all_the_same(tiny: TinyProcess) -> None:
    token = tiny.authorize()["refresh_token"]
    tiny.control("faults", kind="drop", path="/token")
    with pytest.raises(httpx.RemoteProtocolError):
        renew(tiny, token)
    assert refused(renew(tiny, token), "invalid_grant")
    assert tiny.control("calls")["paths"]["/token"] == {"200": 1, "400": 1, "dropped": 1}
