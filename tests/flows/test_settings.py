"""Settings from the environment: what is accepted, and what is said about the rest."""

import traceback
from datetime import date
from typing import Any

import pytest

from blocks.errors import ConfigurationError
from flows.settings import SECRET_NAMES, SECRETS, Settings, accepted, load_settings


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_all(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_all


def test_without_any_variable_the_documents_defaults_hold() -> None:
    settings = load_settings()
    expected = {
        "sync_interval_minutes": 30,
        "janela_carteira": 40,
        "status_faturamento": 5760,
        "max_retries": 3,
        "retry_delay": 5,
        "scheduler_timezone": "America/Sao_Paulo",
        "odoo_protocol": "auto",
        "odoo_profile": "auto",
        "cancelada_ja_deduzida": True,
        "limite_exclusao": 0.2,
        "janela_requisicoes": 90,
        "janela_pedidos": 90,
        "janela_alocacoes": 90,
        "dias_entradas": 7,
        "requisicao_modelo": "auto",
        "fornecedores_do_grupo": "61724241,18467441",
    }
    assert {name: getattr(settings, name) for name in expected} == expected
    assert settings.odoo_url is settings.database_url is settings.odoo_password is None


def test_variables_are_read_by_the_documents_names(environment: Any) -> None:
    environment(JANELA_CARTEIRA="70", CANCELADA_JA_DEDUZIDA="false", ODOO_URL="https://odoo.exemplo", ODOO_DB="x")
    settings = load_settings()
    assert (settings.janela_carteira, settings.cancelada_ja_deduzida) == (70, False)
    assert (settings.odoo_url, settings.odoo_db) == ("https://odoo.exemplo", "x")


@pytest.mark.parametrize(
    ("given", "companies"),
    [(None, ()), ("", ()), ("todas", ()), ("1", ("1",)), (" 2 , Filial SP Ltda. ", ("2", "Filial SP Ltda."))],
)
def test_the_companies_that_are_read_are_all_or_those_named(
    environment: Any, given: str | None, companies: tuple[str, ...]
) -> None:
    if given is not None:
        environment(ODOO_EMPRESAS=given)
    assert load_settings().companies == companies


@pytest.mark.parametrize("names", [("ODOO_USERNAME", "ODOO_PASSWORD"), ("ODOO_USER", "ODOO_API_KEY")])
def test_user_and_password_have_an_alias(environment: Any, names: tuple[str, str]) -> None:
    environment(**dict(zip(names, ("ana", "segredo"), strict=True)))
    settings = load_settings()
    assert settings.odoo_username == "ana"
    assert settings.odoo_password is not None
    assert settings.odoo_password.get_secret_value() == "segredo"


def test_the_name_itself_goes_before_its_alias(environment: Any) -> None:
    environment(ODOO_USER="alias", ODOO_USERNAME="nome")
    assert load_settings().odoo_username == "nome"


def test_an_empty_variable_counts_as_not_set(environment: Any) -> None:
    environment(JANELA_CARTEIRA="", ODOO_URL="", DATABASE_URL="", ODOO_USERNAME="", ODOO_USER="ana")
    settings = load_settings()
    assert (settings.janela_carteira, settings.odoo_url, settings.database_url) == (40, None, None)
    assert settings.odoo_username == "ana"


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("JANELA_CARTEIRA", "abc", "um número inteiro de 1 a 5270400"),
        ("JANELA_CARTEIRA", "0", "de 1 a "),
        ("JANELA_CARTEIRA", "4.5", "um número inteiro"),
        ("JANELA_CARTEIRA", "99999999999999", " a 5270400"),
        ("STATUS_FATURAMENTO", "-1", "de 1 a "),
        ("STATUS_FATURAMENTO", "99999999999999", " a 5270400"),
        ("SYNC_INTERVAL_MINUTES", "1441", " a 1440"),
        ("MAX_RETRIES", "-1", "de 0 a "),
        ("MAX_RETRIES", "21", " a 20"),
        ("RETRY_DELAY", "601", " a 600"),
        ("RETRY_DELAY", "nan", "um número de 0 a 600"),
        ("STATEMENT_TIMEOUT", "0", "de 1 a "),
        ("ODOO_TIMEOUT", "1", "de 5 a "),
        ("LIMITE_EXCLUSAO", "1.1", " a 1"),
        ("LIMITE_EXCLUSAO", "-0.1", "de 0 a "),
        ("CANCELADA_JA_DEDUZIDA", "talvez", "true ou false"),
        ("ODOO_PROTOCOL", "soap", "um de auto, jsonrpc, xmlrpc, json2"),
        ("ODOO_PROFILE", "outro", "um de auto, vanilla, ciel_it"),
        ("SCHEDULER_TIMEZONE", "Brasilia", "America/Sao_Paulo"),
        ("JANELA_PEDIDOS", "0", "de 1 a "),
        ("DIAS_ENTRADAS", "0", "de 1 a "),
        ("DIAS_ENTRADAS", "3661", " a 3660"),
        ("REQUISICAO_MODELO", "purchase.order", "um de auto, purchase.request, purchase.requisition"),
        ("ODOO_EMPRESAS", "1,,2", "ids ou nomes de empresas do Odoo, separados por vírgula, ou todas"),
        ("ODOO_EMPRESAS", "todas,1", "ou todas"),
        ("FORNECEDORES_DO_GRUPO", "61724241000178", "8 posições"),
        ("FORNECEDORES_DO_GRUPO", "61.724.241", "8 posições"),
        ("FORNECEDORES_DO_GRUPO", "61724241, 18467441", "separadas por vírgula"),
        ("FORNECEDORES_DO_GRUPO", "61724241,", "separadas por vírgula"),
        ("FORNECEDORES_DO_GRUPO", "nenhum,61724241", "ou nenhum"),
        ("VIGIA_PORTA", "-1", "de 0 a "),
        ("VIGIA_PORTA", "65536", " a 65535"),
        ("ODOO_URL", "odoo.exemplo", "http:// ou https://"),
        ("ODOO_URL", "ftp://odoo.exemplo", "http:// ou https://"),
        ("ODOO_URL", "http://", "http:// ou https://"),
    ],
)
def test_a_wrong_value_is_refused_with_variable_value_and_what_is_accepted(
    environment: Any, name: str, value: str, accepted: str
) -> None:
    environment(**{name: value})
    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    assert f"{name}={value!r}: aceito: " in str(raised.value)
    assert accepted in str(raised.value)


@pytest.mark.parametrize("roots", ["61724241", "61724241,18467441", "12ABC345,61724241", "nenhum"])
def test_the_companies_of_the_group_are_given_by_their_cnpj_roots(environment: Any, roots: str) -> None:
    environment(FORNECEDORES_DO_GRUPO=roots)
    assert load_settings().fornecedores_do_grupo == roots
    assert load_settings().group_roots == set(roots.split(",")) - {"nenhum"}


def test_days_off_and_the_state_of_the_holidays_are_read_as_what_they_are(environment: Any) -> None:
    assert (load_settings().extra_days_off, load_settings().holiday_state) == (frozenset(), None)
    environment(FERIADOS_EXTRAS="2026-12-24,2027-01-02", FERIADOS_UF="SP")
    assert load_settings().extra_days_off == {date(2026, 12, 24), date(2027, 1, 2)}
    assert load_settings().holiday_state == "SP"
    assert "extra_days_off" not in load_settings().parameters()


@pytest.mark.parametrize("model", ["auto", "purchase.request", "purchase.requisition"])
def test_where_requests_are_kept_may_be_told(environment: Any, model: str) -> None:
    environment(REQUISICAO_MODELO=model)
    settings = load_settings()
    assert settings.requisicao_modelo == model
    assert settings.parameters()["requisicao_modelo"] == model


@pytest.mark.parametrize("name", Settings.model_fields)
def test_what_a_setting_accepts_is_told_in_portuguese(name: str) -> None:
    assert accepted(name).startswith(("um número", "um de ", "um texto", "true ou false"))


def test_all_wrong_values_are_named_at_once(environment: Any) -> None:
    environment(JANELA_CARTEIRA="x", MAX_RETRIES="y")
    with pytest.raises(ConfigurationError, match=r"JANELA_CARTEIRA='x'.*MAX_RETRIES='y'"):
        load_settings()


def test_no_secret_is_ever_shown(environment: Any) -> None:
    environment(DATABASE_URL="postgresql://u:segredo1@h/b", ODOO_API_KEY="segredo2")
    settings = load_settings()
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.parameters())):
        assert "segredo1" not in shown
        assert "segredo2" not in shown
    assert not {"odoo_password", "database_url"} & settings.parameters().keys()
    environment(JANELA_CARTEIRA="x")
    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    assert "segredo" not in f"{raised.value!r} {raised.value.__cause__!r}"


@pytest.mark.parametrize(
    "address",
    [
        "ana:segredo@odoo.exemplo",
        "ftp://ana:segredo@odoo.exemplo/x",
        "ana:do/segredo@odoo.exemplo",
        "ana:do:segredo@odoo.exemplo",
        "ana:do@segredo@odoo.exemplo",
        "ftp://segredo@odoo.exemplo",
        "segredo@odoo.exemplo",
    ],
)
def test_a_password_within_a_wrong_address_is_not_shown(environment: Any, address: str) -> None:
    environment(ODOO_URL=address)
    with pytest.raises(ConfigurationError, match="ODOO_URL=") as raised:
        load_settings()
    assert "segredo" not in str(raised.value)
    assert "@odoo.exemplo" in str(raised.value)


def test_a_wrong_secret_is_named_and_not_shown(environment: Any) -> None:
    environment(SLACK_WEBHOOK_URL="hooks.slack.com/services/segredo")
    with pytest.raises(ConfigurationError, match=r"SLACK_WEBHOOK_URL=\(oculto\): aceito: um endereço http") as raised:
        load_settings()
    assert "segredo" not in "".join(traceback.format_exception(raised.value))


def test_the_secret_of_the_webhooks_is_long_and_fits_into_an_address(environment: Any) -> None:
    good = "Um-segredo_de-32-letras-ao-todo0"
    for wrong in (good[:-1], "segredo" * 29, f"{good}/", f"{good}é", f"{good} "):
        environment(VIGIA_SEGREDO=wrong)
        with pytest.raises(ConfigurationError) as raised:
            load_settings()
        told = "VIGIA_SEGREDO=(oculto): aceito: de 32 a 200 letras sem acento, dígitos, - ou _"
        assert str(raised.value).endswith(told)
    environment(VIGIA_SEGREDO=good)
    secret = load_settings().vigia_segredo
    assert secret is not None
    assert secret.get_secret_value() == good
    assert good not in repr(load_settings())


def test_every_setting_that_is_a_secret_is_hidden_under_each_of_its_names() -> None:
    secret = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    assert set(secret) | {"odoo_api_key"} <= SECRET_NAMES
    assert set(secret) == SECRETS


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().max_retries = 1  # type: ignore[misc]


def test_the_settings_that_statements_may_use_go_by_their_names() -> None:
    assert Settings(cancelada_ja_deduzida=False).parameters()["cancelada_ja_deduzida"] is False
