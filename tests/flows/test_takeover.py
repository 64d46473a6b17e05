"""`make deploy` overwrites no block that points elsewhere, unless it is told to; what is elsewhere, and what is not."""

from typing import Any

import httpx
import pytest
from prefect_slack import SlackWebhook
from pydantic import SecretStr

from blocks.odoo import OdooServer
from blocks.tiny import TinyAccount
from demo.prefect import PrefectServer
from flows.operacao.prefect_blocks import blocks
from flows.operacao.takeover import Place, place
from flows.settings import Settings
from tests.flows.conftest import deployed_here
from tests.flows.test_deploy import things

KEY = "0123456789012345678901234567890123456789012="


def database(url: str) -> Place:
    [(_, block)] = blocks(Settings(database_url=SecretStr(url)))
    found = place(block)
    assert found
    return found


def odoo(url: str = "https://odoo.exemplo", db: str = "producao", user: str = "admin", secret: str = "x") -> Place:
    found = place(OdooServer(url=url, db=db, username=user, secret=SecretStr(secret)))
    assert found
    return found


def tiny(client_id: str = "tiny-api-1", account: str = "tiny", secret: str = "x") -> Place:
    found = place(
        TinyAccount(client_id=client_id, account=account, client_secret=SecretStr(secret), token_key=SecretStr(KEY))
    )
    assert found
    return found


HERE = database("postgresql+psycopg2://ana:segredo@db.exemplo:5432/matriz")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg2://ana:outra-senha@db.exemplo:5432/matriz",
        "postgresql+psycopg2://worker:segredo@db.exemplo/matriz",
        "postgresql+psycopg2://ana:segredo@DB.exemplo/matriz?sslmode=require",
    ],
)
def test_another_user_password_or_option_is_no_other_database(url: str) -> None:
    assert database(url).identity == HERE.identity


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg2://ana:segredo@db.exemplo:5432/filial",
        "postgresql+psycopg2://ana:segredo@db.exemplo:5433/matriz",
        "postgresql+psycopg2://ana:segredo@outro.exemplo:5432/matriz",
    ],
)
def test_another_host_port_or_name_is_another_database(url: str) -> None:
    assert database(url).identity != HERE.identity


def test_an_odoo_is_its_address_and_database() -> None:
    assert odoo("https://ODOO.exemplo/", user="outro", secret="y").identity == odoo().identity
    assert odoo(db="teste").identity != odoo().identity
    assert odoo("https://teste.exemplo").identity != odoo().identity


def test_a_tiny_is_its_application_and_account() -> None:
    assert tiny(secret="y").identity == tiny().identity
    assert tiny("tiny-api-2").identity != tiny().identity
    assert tiny(account="outra").identity != tiny().identity


def test_people_are_told_of_both_places_without_secrets() -> None:
    assert HERE.told == "PostgreSQL em db.exemplo:5432, banco matriz, usuário ana"
    assert odoo("https://ana:segredo@odoo.exemplo").told == "Odoo em https://odoo.exemplo, banco producao"
    assert tiny().told.endswith("conta tiny, aplicação tiny-api-1")


def test_slacks_webhook_may_change() -> None:
    assert place(SlackWebhook(url=SecretStr("https://hooks.slack.com/services/T/B/x"))) is None


@pytest.mark.prefect
@pytest.mark.usefixtures("deployment_output")
@pytest.mark.parametrize(
    ("changed", "there", "here"),
    [
        ({"DATABASE_URL": "postgresql+psycopg2://eu:minha-senha@127.0.0.1:9/outro"}, "banco implantado", "banco outro"),
        ({"ODOO_DB": "outra"}, "banco producao\n", "banco outra\n"),
    ],
    ids=["database", "odoo"],
)
def test_a_deploy_to_another_place_is_refused_and_changes_nothing(
    api: httpx.Client,
    server: PrefectServer,
    deployment_settings: dict[str, str],
    changed: dict[str, Any],
    there: str,
    here: str,
) -> None:
    before = things(api)
    code, _, told = deployed_here(server, deployment_settings | changed)
    assert (code, things(api)) == (1, before)
    assert told.startswith("make deploy: RECUSADO, nada foi mudado. ")
    assert told.index("lá:   ") < told.index(there) < told.index("aqui: ")
    assert told.index("aqui: ") < told.index(here) < told.index("--assumir")
    assert "minha-senha" not in told
