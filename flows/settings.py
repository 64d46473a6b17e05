"""Every setting, from the environment (docs/configuracao.md).

A wrong value is refused at start with the variable's name, the value and what is accepted.
"""

import re
from datetime import date
from functools import cache, cached_property
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from annotated_types import Ge, Le, MaxLen
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from blocks import instalacao
from blocks.errors import ConfigurationError
from blocks.tiny_addresses import ACCOUNTS_URL, API_URL

SECRETS = frozenset(
    {
        "odoo_password",
        "database_url",
        "database_owner_url",
        "database_admin_url",
        "tiny_client_secret",
        "tiny_token_key",
        "slack_webhook_url",
        "sentry_dsn",
        "vigia_segredo",
    }
)
SECRET_NAMES = SECRETS | {"odoo_api_key"}
"""All names by which they may be told."""

LONGEST_MINUTES = 5_270_400
"""Ten years: the longest window that a run takes."""

_CNPJ_ROOTS = re.compile(r"[0-9A-Z]{8}(,[0-9A-Z]{8})*")
STATES = frozenset("AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO".split())
"""The states of Brazil by their two letters."""

_URL_SAFE = re.compile(r"[A-Za-z0-9_-]{32,200}")

_CREDENTIALS = re.compile(r"^(['\"](?:[\w+.-]+://)?).*@")
"""What stands before the last @ of a quoted address, less its scheme: a password may hold any character."""


_zones = cache(available_timezones)
"""They are looked for in thousands of files."""


class Settings(BaseSettings):
    """The settings as read from the environment; an empty variable counts as not set."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore", populate_by_name=True)

    sincronia_instalacao: str = Field(
        instalacao.DEFAULT, description="Name of the installation, in all that it has on Prefect's server"
    )

    odoo_url: str | None = Field(None, description="Address of the Odoo server")
    odoo_db: str | None = Field(None, description="Odoo database")
    odoo_username: str | None = Field(
        None, validation_alias=AliasChoices("ODOO_USERNAME", "ODOO_USER"), description="Login; alias ODOO_USER"
    )
    odoo_password: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("ODOO_PASSWORD", "ODOO_API_KEY"),
        description="Password or API key; alias ODOO_API_KEY",
    )
    odoo_protocol: Literal["auto", "jsonrpc", "xmlrpc", "json2"] = Field("auto", description="How to speak to Odoo")
    odoo_profile: Literal["auto", "vanilla", "ciel_it"] = Field("auto", description="Which fields the server has")
    odoo_empresas: str = Field(
        "todas", description="Companies whose documents are read, by id or name: 1,Filial SP; or todas"
    )
    odoo_timeout: float = Field(90, ge=5, le=600, description="Seconds until a call to Odoo is given up")

    tiny_client_id: str | None = Field(None, description="Client id of the application registered in Tiny")
    tiny_client_secret: SecretStr | None = Field(None, description="Its client secret")
    tiny_token_key: SecretStr | None = Field(
        None, description="Fernet key of the tokens in the database (sincronia tiny chave)"
    )
    tiny_conta: str = Field("tiny", max_length=50, description="Name of the account in tiny.credenciais")
    tiny_url: str = Field(API_URL, description="Address of Tiny's API")
    tiny_accounts_url: str = Field(ACCOUNTS_URL, description="Address of Tiny's authorisation, up to openid-connect")
    tiny_reserva: int = Field(10, ge=0, le=90, description="Percent of the reads a minute left to others; at least one")
    tiny_dias_recentes: int = Field(30, ge=1, le=3660, description="Days of emission that every sync lists whole")
    tiny_revisitas: int = Field(100, ge=0, le=100_000, description="Oldest-checked orders that a sync reads again")

    database_url: SecretStr | None = Field(None, description="postgresql+psycopg2://user:password@host:5432/database")
    database_owner_url: SecretStr | None = Field(
        None, description="The same database as its owner, who migrates it in make deploy; unset: DATABASE_URL"
    )
    database_admin_url: SecretStr | None = Field(
        None, description="The same server as an administrator, who makes the roles; flows.operacao.papeis only"
    )
    statement_timeout: float = Field(60, ge=1, le=3600, description="Seconds until PostgreSQL ends a statement")

    slack_webhook_url: SecretStr | None = Field(None, description="Incoming webhook of the channel for alerts")

    vigia_porta: int = Field(0, ge=0, le=65535, description="Port on which the vigia takes webhooks; 0: on none")
    vigia_endereco: str = Field("127.0.0.1", description="Address on which it takes them")
    vigia_segredo: SecretStr | None = Field(None, description="What the webhooks' addresses end with")

    sync_interval_minutes: int = Field(30, ge=1, le=1440, description="Minutes between two runs of a domain")
    scheduler_timezone: str = Field("America/Sao_Paulo", description="Time zone of the schedules")
    janela_carteira: int = Field(40, ge=1, le=LONGEST_MINUTES, description="Minutes that carteira reads back")
    status_faturamento: int = Field(5760, ge=1, le=LONGEST_MINUTES, description="Minutes that faturamento reads back")
    janela_requisicoes: int = Field(90, ge=1, le=LONGEST_MINUTES, description="Minutes that requisicoes reads back")
    janela_pedidos: int = Field(90, ge=1, le=LONGEST_MINUTES, description="Minutes that pedidos reads back")
    janela_alocacoes: int = Field(90, ge=1, le=LONGEST_MINUTES, description="Minutes that alocacoes reads back")
    dias_entradas: int = Field(7, ge=1, le=LONGEST_MINUTES // 1440, description="Days that entradas reads back")
    requisicao_modelo: Literal["auto", "purchase.request", "purchase.requisition"] = Field(
        "auto", description="Where requests are kept in Odoo; auto takes the OCA module's if the server has it"
    )
    fornecedores_do_grupo: str = Field(
        "61724241,18467441", description="CNPJ roots (8 places) whose orders and receipts are not purchases; or nenhum"
    )
    feriados_uf: str = Field("nacional", description="State whose holidays count too, such as SP; or nacional")
    feriados_facultativos: bool = Field(False, description="Whether optional holidays (Carnaval …) are days off, too")
    feriados_extras: str = Field("nenhum", description="Further days off, as 2026-12-24,2026-12-31; or nenhum")
    releitura_dias: int = Field(30, ge=1, le=3660, description="Days within which every document is read again")
    releitura_chamadas: int = Field(2000, ge=1, le=1_000_000, description="Calls to Odoo that releitura may send")
    releitura_minutos: int = Field(60, ge=1, le=1440, description="Minutes that releitura may take")
    retencao_log: int = Field(90, ge=31, le=3660, description="Days that log_integracao keeps every run by itself")
    retencao_quarentena: int = Field(
        90, ge=1, le=3660, description="Days that import_failures keeps what nothing touches, and what is resolved"
    )
    retencao_resultados: int = Field(14, ge=1, le=3660, description="Days that the results for Retry are kept")
    retencao_execucoes: int = Field(30, ge=1, le=3660, description="Days that Prefect keeps runs and their logs")
    vigia: Literal["ligada", "desligada"] = Field(
        "ligada", description="Whether flows.operacao.vigia looks for changes"
    )
    vigia_intervalo: float = Field(15, ge=2, le=3600, description="Seconds between two looks of the vigia at Odoo")
    vigia_intervalo_tiny: float = Field(
        60, ge=10, le=3600, description="Seconds between two looks of the vigia at Tiny"
    )
    max_retries: int = Field(3, ge=0, le=20, description="Further attempts of a failed listing or batch")
    retry_delay: float = Field(5, ge=0, le=600, description="Seconds before the first of them; then twice as long")
    cancelada_ja_deduzida: bool = Field(
        True, description="Whether Odoo lowers the ordered quantity itself when a part is cancelled (CIEL does)"
    )
    limite_exclusao: float = Field(
        0.2, ge=0, le=1, description="Share of the documents that may vanish at once before a run refuses"
    )

    log_formato: Literal["texto", "json"] = Field("texto", description="How logs are written: json, one object a line")
    sentry_dsn: SecretStr | None = Field(None, description="Where errors of flow runs are reported; unset: nowhere")

    @cached_property
    def group_roots(self) -> frozenset[str]:
        """The CNPJ roots of the companies of the group."""
        return frozenset(_listed(self.fornecedores_do_grupo))

    @cached_property
    def companies(self) -> tuple[str, ...]:
        """Ids or names of the companies that are read; empty: all of them."""
        return () if self.odoo_empresas == "todas" else tuple(each.strip() for each in self.odoo_empresas.split(","))

    @cached_property
    def holiday_state(self) -> str | None:
        """The state whose holidays count too; None: the national ones alone."""
        return None if self.feriados_uf == "nacional" else self.feriados_uf

    @cached_property
    def extra_days_off(self) -> frozenset[date]:
        """Further days off."""
        return frozenset(map(date.fromisoformat, _listed(self.feriados_extras)))

    def parameters(self) -> dict[str, Any]:
        """The settings by name, secrets excepted: what the SQL statements may use."""
        return self.model_dump(exclude=set(SECRETS))

    @field_validator("sincronia_instalacao")
    @classmethod
    def _name_of_an_installation(cls, name: str) -> str:
        return instalacao.checked(name)

    @field_validator("scheduler_timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in _zones():
            raise ValueError("um nome da base IANA, como America/Sao_Paulo")
        return name

    @field_validator("odoo_empresas")
    @classmethod
    def _companies(cls, companies: str) -> str:
        if not companies.strip():
            return "todas"
        names = [each.strip() for each in companies.split(",")]
        if not all(names) or ("todas" in names and len(names) > 1):
            raise ValueError("ids ou nomes de empresas do Odoo, separados por vírgula, ou todas")
        return companies.strip()

    @field_validator("fornecedores_do_grupo")
    @classmethod
    def _cnpj_roots(cls, roots: str) -> str:
        if roots != "nenhum" and not _CNPJ_ROOTS.fullmatch(roots):
            raise ValueError("raízes de CNPJ com 8 posições, separadas por vírgula, ou nenhum")
        return roots

    @field_validator("feriados_uf")
    @classmethod
    def _known_state(cls, state: str) -> str:
        if state != "nacional" and state not in STATES:
            raise ValueError(f"nacional ou uma UF: {', '.join(sorted(STATES))}")
        return state

    @field_validator("feriados_extras")
    @classmethod
    def _days(cls, days: str) -> str:
        try:
            for day in _listed(days):
                date.fromisoformat(day)
        except ValueError:
            raise ValueError("datas AAAA-MM-DD separadas por vírgula, ou nenhum") from None
        return days

    @field_validator("odoo_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ValueError("um endereço http:// ou https://")
        return url

    @field_validator("vigia_segredo")
    @classmethod
    def _long_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _URL_SAFE.fullmatch(secret.get_secret_value()):
            raise ValueError("de 32 a 200 letras sem acento, dígitos, - ou _")
        return secret

    @field_validator("slack_webhook_url")
    @classmethod
    def _secret_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            cls._web_address(url.get_secret_value())
        return url


def load_settings() -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: names every wrong variable, its value (secrets excepted) and what is accepted.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            name = str(fault["loc"][0]).lower()
            value = "(oculto)" if name in SECRET_NAMES else _CREDENTIALS.sub(r"\1***@", repr(fault["input"]))
            own = fault.get("ctx", {}).get("error")  # the words of a validator of ours
            faults.append(f"{name.upper()}={value}: aceito: {own or accepted(name)}")
        raise ConfigurationError(f"Configuração inválida: {'; '.join(faults)}") from None


def accepted(name: str) -> str:
    """What the setting `name` may be, in the operators' words."""
    field = Settings.model_fields.get(name)
    if field is None:  # an alias of a text
        return "um texto"
    if get_origin(field.annotation) is Literal:
        return f"um de {', '.join(get_args(field.annotation))}"
    if field.annotation is bool:
        return "true ou false"
    limits = {type(each): each for each in field.metadata}
    if field.annotation in (int, float):
        kind = "um número inteiro" if field.annotation is int else "um número"
        return f"{kind} de {limits[Ge].ge} a {limits[Le].le}"
    return f"um texto de até {limits[MaxLen].max_length} letras" if MaxLen in limits else "um texto"


def _listed(value: str) -> list[str]:
    """The parts of a setting that lists them with commas, or has `nenhum`."""
    return [] if value == "nenhum" else value.split(",")
