"""The answers against the vendor's document, corrected by live answers (`../shared`, not part of this repository).

Without drift everything is valid. With drift the answers leave the document exactly where real ones did.
"""

import copy
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from tiny_client import Api

from demo.tiny import tiny_process

SLICE = Path(__file__).parents[4] / "shared" / "tiny" / "openapi.os.json"
HOST = "https://api.tiny.com.br"
needs_the_slice = pytest.mark.skipif(not SLICE.exists(), reason="../shared is absent")
OPTIONS = {"quota": 1_000_000, "empty": "list", "months": 30, "clock": "2026-11-22T12:00:00"}


@pytest.fixture(scope="module")
def document() -> Any:
    """The two calls of the slice that the simulator serves."""
    document = json.loads(SLICE.read_text(encoding="utf-8"))
    paths = {path: {"get": calls["get"]} for path, calls in document["paths"].items() if path.count("/") <= 2}
    return {**document, "paths": {path: calls for path, calls in paths.items() if "marcadores" not in path}}


@pytest.fixture(scope="module")
def contract(document: Any) -> OpenAPI:
    """The slice, to hold answers to."""
    return OpenAPI.from_dict(document)


@pytest.fixture(scope="module")
def strict() -> Iterator[Api]:
    """A simulator that keeps to the document."""
    with tiny_process(drift="off", **OPTIONS) as tiny:
        yield Api(tiny)


def validate(contract: OpenAPI, answer: httpx.Response, body: Any = None) -> None:
    """Hold an answer, or its status and headers with another body, to the contract; raises where it breaks it."""
    url = answer.request.url
    headers = {"Authorization": "Bearer x"}
    request = MockRequest(HOST, "get", url.path, args=dict(url.params), headers=headers)
    content = answer.content if body is None else json.dumps(body).encode()
    response = MockResponse(
        content, answer.status_code, dict(answer.headers), answer.headers.get("Content-Type", "application/json")
    )
    contract.validate_response(request, response)


@needs_the_slice
def test_lists_details_and_errors_keep_to_the_contract(contract: OpenAPI, strict: Api) -> None:
    items = []
    for offset in range(0, 400, 100):
        answer = strict.page(offset=offset)
        validate(contract, answer)
        items += answer.json()["itens"]
    assert len(items) == 300
    for item in items:
        validate(contract, strict.detail(item["id"]))
    for wrong in (strict.page(limit=0, situacao=9), strict.get("/ordem-servico/abc")):
        assert wrong.status_code == 400
        validate(contract, wrong)


@needs_the_slice
def test_the_contract_would_notice(contract: OpenAPI, strict: Api) -> None:
    answer = strict.page(limit=1)
    body = answer.json()
    body["itens"][0]["situacao"] = 3
    with pytest.raises(OpenAPIError):
        validate(contract, answer, body)
    detail = strict.detail(answer.json()["itens"][0]["id"])
    with pytest.raises(OpenAPIError):
        validate(contract, detail, {**detail.json(), "totalServicos": 12.5})


@needs_the_slice
def test_schemathesis_finds_nothing(document: Any, strict: Api, tmp_path: Path) -> None:
    amended = copy.deepcopy(document)
    for parameter in amended["paths"]["/ordem-servico"]["get"]["parameters"]:
        if parameter["name"].startswith("data"):
            parameter["schema"]["format"] = "date"  # the document says so by its example alone
    schema = tmp_path / "slice.json"
    schema.write_text(json.dumps(amended), encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(schema), "--url", strict.tiny.api]
    command += ["--header", f"Authorization: Bearer {strict.token}", "--max-examples", "40", "--seed", "1"]
    command += ["--generation-database", "none", "--no-color", "--continue-on-failure", "--warnings", "off"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    calls = strict.tiny.control("calls")["paths"]
    assert min(sum(calls[path].values()) for path in ("/ordem-servico", "/ordem-servico/{id}")) > 40


@needs_the_slice
def test_drift_leaves_the_contract_only_where_real_answers_did(contract: OpenAPI) -> None:
    def mended(order: dict[str, Any]) -> dict[str, Any]:
        """The order as the document would have it, what was mended counted."""
        person = next(order[name] for name in ("cliente", "contato") if name in order)
        mended = {**order, "situacao": order["situacao"][0]}
        if "desconto" in order:
            mended |= {"desconto": str(order["desconto"]), "tecnico": order["tecnico"] or ""}
        seen.update(name for name, value in mended.items() if value != order[name])
        if person["tipoPessoa"] not in ("J", "F", ""):
            seen["tipoPessoa"] += 1
            person["tipoPessoa"] = person["tipoPessoa"][0]
        return mended

    seen: Counter[str] = Counter()
    with tiny_process(**OPTIONS) as tiny:
        api = Api(tiny)
        for item in api_items(api):
            answer = api.page(numeroOrdemServico=item["numeroOrdemServico"])
            validate(contract, answer, {**answer.json(), "itens": [mended(answer.json()["itens"][0])]})
            answer = api.detail(item["id"])
            validate(contract, answer, mended(answer.json()))
    assert set(seen) == {"situacao", "desconto", "tecnico", "tipoPessoa"}


def api_items(api: Api) -> list[dict[str, Any]]:
    return [item for offset in range(0, 300, 100) for item in api.page(offset=offset).json()["itens"]]
