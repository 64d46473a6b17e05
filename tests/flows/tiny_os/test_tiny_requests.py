"""What the jobs ask Tiny for, against the vendor's document (`../shared`, not part of this repository)."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

from flows.tiny_os.carga_historica import CARGA, load_history, months
from flows.tiny_os.falhas import FALHAS, retry
from flows.tiny_os.integridade import INTEGRIDADE, examine
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from tests.flows.tiny_os.conftest import SimulatedAccount

SLICE = Path(__file__).parents[4] / "shared" / "tiny" / "openapi.os.json"
HOST = "https://api.tiny.com.br"

pytestmark = pytest.mark.skipif(not SLICE.exists(), reason="../shared is absent")


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(SLICE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def contract(document: Any) -> OpenAPI:
    return OpenAPI.from_dict(document)


def validate(contract: OpenAPI, document: Any, request: httpx.Request) -> str:
    """Check that the contract names the request and all its parameters; its path in the contract."""
    url, query = request.url, dict(request.url.params)
    headers = {"Authorization": request.headers["Authorization"], "Accept": request.headers["Accept"]}
    contract.validate_request(MockRequest(HOST, request.method.lower(), url.path, args=query, headers=headers))
    path = "/ordem-servico" if url.path.endswith("/ordem-servico") else "/ordem-servico/{idOrdemServico}"
    named = {each["name"] for each in document["paths"][path]["get"].get("parameters", ()) if each["in"] == "query"}
    assert query.keys() <= named, url
    return path


def test_all_that_the_jobs_ask_for_keeps_to_the_contract(
    simulated: SimulatedAccount, contract: OpenAPI, document: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[httpx.Request] = []
    real = httpx.HTTPTransport.handle_request

    def recording(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/public-api/"):
            received.append(request)
        return real(self, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", recording)
    simulated.tiny.control("change", id=simulated.orders()[0]["id"], totalPecas="muito")
    simulated.run(partial(load_history, wanted=months("2024-11", "2024-12"), tell=lambda _: None), CARGA)
    simulated.run(synchronise, TINY_OS)
    simulated.run(partial(examine, tell=lambda _: None), INTEGRIDADE)
    simulated.do("UPDATE import_failures SET proxima_tentativa = now()")
    simulated.run(retry, FALHAS)
    paths = {validate(contract, document, request) for request in received}
    assert len(paths) == 2
    calls = simulated.tiny.control("calls")
    assert len(received) == calls["total"] > len(simulated.orders())
    asked = {name for request in received for name in request.url.params}
    assert {"situacao", "dataInicialEmissao", "dataFinalEmissao", "orderBy", "limit", "offset"} == asked


@pytest.mark.parametrize(
    "wrong",
    [
        {"situacao": "9"},
        {"situacao": "3 - Finalizada"},
        {"orderBy": "data"},
        {"limit": "cem"},
        {"dataAlteracao": "2026-11-22"},
    ],
    ids=str,
)
def test_the_contract_would_notice(contract: OpenAPI, document: Any, wrong: dict[str, str]) -> None:
    headers = {"Authorization": "Bearer x", "Accept": "application/json"}
    url = f"{HOST}/public-api/v3/ordem-servico"
    validate(contract, document, httpx.Request("GET", url, params={"situacao": "3"}, headers=headers))
    with pytest.raises((OpenAPIError, AssertionError)):
        validate(contract, document, httpx.Request("GET", url, params=wrong, headers=headers))
