"""A run that could not read or write says so, in words that help and without a secret; no answer is no success."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from prefect import State
from prefect.states import Completed

from blocks.banco import BancoConflict, BancoFault, BancoRefused, BancoUnavailable, LockLost
from blocks.errors import ConfigurationError
from blocks.odoo import (
    AccessDenied,
    AccessError,
    MissingField,
    Overloaded,
    UnexpectedAnswer,
    UnknownDatabase,
    UnknownModel,
    Unreachable,
)
from demo.postgres import Postgres
from flows.connections import odoo_source
from flows.run.errors import BatchesFailed
from flows.run.orchestration import job_flow, submit_with
from flows.run.steps import Step
from flows.settings import Settings
from flows.sync.flows import sync
from flows.sync.request import Request
from flows.vendas.carteira import CARTEIRA, DOCUMENTS, ORDER, carteira
from tests.flows.conftest import House, eventually

pytestmark = pytest.mark.prefect

SECRET = "5e9red0-que-nao-pode-vazar"


@job_flow("carteira-sem-modulo")
def without_module() -> State[Any]:
    documents = replace(DOCUMENTS, model=replace(ORDER, name="venda.inexistente"))
    return sync(replace(CARTEIRA, open_source=lambda settings: odoo_source(settings, documents)), Request())


def fault(kind: str) -> Callable[[House], object]:
    return lambda house: house.odoo.control("faults", kind=kind, times=1000)


def setting(**values: str) -> Callable[[House], object]:
    return lambda house: house.setting(**values)


def hidden(model: str, field: str) -> Callable[[House], object]:
    return lambda house: house.odoo.control("hide_field", model=model, field=field)


def nothing(_: House) -> None: ...


@pytest.mark.parametrize(
    ("harm", "error", "words", "run"),
    [
        pytest.param(setting(ODOO_PASSWORD=SECRET), AccessDenied, "confira usuário e senha", carteira, id="password"),
        pytest.param(setting(ODOO_DB="outro"), UnknownDatabase, "confira o nome", carteira, id="database"),
        pytest.param(setting(ODOO_URL="http://odoo.invalid"), Unreachable, "confira URL, rede", carteira, id="no host"),
        pytest.param(
            setting(ODOO_USERNAME="restrito", ODOO_PASSWORD="restrito"),
            AccessError,
            "sale.order",
            carteira,
            id="rights",
        ),
        pytest.param(fault("502"), Overloaded, "HTTP 502", carteira, id="502"),
        pytest.param(fault("html"), UnexpectedAnswer, "confira a URL", carteira, id="HTML with 200"),
        pytest.param(fault("garbage"), UnexpectedAnswer, "confira a URL", carteira, id="garbage"),
        pytest.param(hidden("sale.order", "name"), MissingField, "name", carteira, id="field of the order"),
        pytest.param(hidden("res.partner", "phone"), MissingField, "phone", carteira, id="field of the customer"),
        pytest.param(nothing, UnknownModel, "instale o módulo", without_module, id="model"),
        pytest.param(setting(ODOO_PASSWORD=""), ConfigurationError, "ODOO_PASSWORD", carteira, id="no password"),
    ],
)
def test_a_source_that_cannot_be_read_fails_the_run_and_says_what_to_do(
    house: House,
    api: httpx.Client,
    harm: Callable[[House], object],
    error: type[Exception],
    words: str,
    run: Callable[..., Any],
) -> None:
    house.setting(ODOO_PASSWORD=house.odoo.api_key)
    harm(house)
    state = house.failed(run)
    raised = cause_of(state)
    assert type(raised) is error
    assert type(state.result(raise_on_failure=False)).__name__ in (state.message or "")
    assert words in (state.message or "")
    assert house.checkpoint() is None
    assert house.value("SELECT count(*) FROM carteira_principal") == 0
    if error is not ConfigurationError:  # without a source no run began
        status, message, processed, _ = house.last_log()
        assert (status, processed) == ("erro", 0)
        assert words in message
    assert_no_secret(house, api, state, SECRET, house.odoo.api_key)


def test_a_database_that_is_away_fails_the_run_without_its_password(
    house: House, api: httpx.Client, postgres: Postgres
) -> None:
    house.setting(DATABASE_URL=postgres.url("nao_existe"))
    missing = house.failed(carteira)
    assert type(cause_of(missing)) is BancoRefused
    assert "corrija o usuário, a senha ou o banco em DATABASE_URL" in (missing.message or "")
    house.setting(DATABASE_URL=postgres.url().replace(f":{postgres.port}/", ":1/"))
    away = house.failed(carteira)
    assert type(cause_of(away)) is BancoUnavailable
    assert "confira se o PostgreSQL está no ar" in (away.message or "")
    assert house.calls() == {}
    for state in (missing, away):
        assert_no_secret(house, api, state, postgres.password)


def test_a_database_that_is_not_migrated_fails_the_run(house: House, api: httpx.Client, postgres: Postgres) -> None:
    postgres.create_database("sem_tabelas")
    house.setting(DATABASE_URL=postgres.url("sem_tabelas"))
    state = house.failed(carteira)
    assert type(cause_of(state)) is BancoFault
    assert "make deploy" in (state.message or "")
    assert house.calls() == {}
    assert_no_secret(house, api, state, postgres.password)


class Tried:
    """A step's work that fails so many times with an error, then succeeds; it counts its attempts."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.attempts = error, times, 0

    def __call__(self) -> str:
        self.attempts += 1
        if self.attempts <= self.times:
            raise self.error
        return "feito"


@pytest.mark.parametrize(
    ("error", "times", "attempts", "ends"),
    [
        pytest.param(Unreachable("por ora"), 2, 3, "COMPLETED", id="passes"),
        pytest.param(BancoConflict("por ora"), 1, 2, "COMPLETED", id="conflict passes"),
        pytest.param(Unreachable("e continua"), 9, 3, "FAILED", id="lasts"),
        pytest.param(AccessDenied("e continua"), 1, 1, "FAILED", id="refused"),
        pytest.param(LockLost("e continua"), 1, 1, "FAILED", id="lock lost"),
        pytest.param(KeyError("defeito"), 1, 1, "FAILED", id="a fault of ours"),
    ],
)
def test_a_step_is_tried_again_as_often_as_the_settings_say_if_its_error_may_pass(
    house: House, error: Exception, times: int, attempts: int, ends: str
) -> None:
    work = Tried(error, times)

    @job_flow("tentativas")
    def stepping() -> State[Any]:
        step = Step("passo", "passo", "Passo", work, str)
        submit_with(Settings(max_retries=2, retry_delay=0), lambda: None)(step).result()
        return Completed(message="feito")

    assert (house.run(stepping).type.value, work.attempts) == (ends, attempts)


def cause_of(state: State[Any]) -> BaseException:
    raised = state.result(raise_on_failure=False)
    return raised.__cause__ if isinstance(raised, BatchesFailed) else raised  # type: ignore[no-any-return]


def assert_no_secret(house: House, api: httpx.Client, state: State[Any], *secrets: str) -> None:
    """Neither the API nor the database shows them: run, tasks, states, logs, artifacts, run record."""
    run = str(state.state_details.flow_run_id)
    of_run = {"flow_runs": {"id": {"any_": [run]}}}

    def logs() -> Any:
        found = api.post("/logs/filter", json={"logs": {"flow_run_id": {"any_": [run]}}}).json()
        return any("Finished in state" in line["message"] for line in found) and found

    shown = [
        eventually(logs, "the run's logs"),
        api.get(f"/flow_runs/{run}").json(),
        api.get("/flow_run_states/", params={"flow_run_id": run}).json(),
        api.post("/task_runs/filter", json=of_run).json(),
        api.post("/artifacts/filter", json=of_run).json(),
        [str(row) for row in house.rows("SELECT * FROM log_integracao")],
        [str(row) for row in house.rows("SELECT * FROM import_failures")],
    ]
    assert len(shown[0]) > 2
    text = json.dumps(shown)
    assert not [secret[:6] for secret in secrets if secret in text]
