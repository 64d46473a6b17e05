"""Keeps an account's tokens in PostgreSQL: one encrypted row, and a row for every exchange."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import SecretStr
from sqlalchemy import Connection, Engine

from blocks.banco import execute, fetch, load, transaction
from blocks.errors import ConfigurationError
from blocks.tiny.oauth import Grant

Outcome = Literal["renovado", "indisponivel", "recusado", "erro"]

_SQL = load("blocks.tiny", "tokens.sql")
RENEWAL_ALARM = timedelta(hours=12)
"""After this time without a renewal the run fails and alerts; half of a refresh token's life of a day is then left."""
_RENEW_BEFORE = timedelta(minutes=5)
_SLACK = timedelta(minutes=1)
"""By so much the end of a refresh token may move without being prolonged: answers count whole seconds, and travel."""


class Cipher:
    """Encrypts tokens with Fernet. Of several keys, separated by commas, the first encrypts and each can decrypt.

    To change the key, put the new one first; after the next renewal the old one can be removed.
    """

    def __init__(self, keys: SecretStr) -> None:
        # Six megabytes that the runs of Odoo's documents do not take; they import this module by way of the settings.
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.get_secret_value().split(",")])
        except ValueError:
            raise ConfigurationError(
                "TINY_TOKEN_KEY=(oculto): aceito: uma chave Fernet (44 caracteres em base64), ou várias separadas por "
                "vírgula; gere uma com sincronia tiny chave"
            ) from None

    def hide(self, token: SecretStr) -> str:
        """Encrypt a token with the first key."""
        return self._fernet.encrypt(token.get_secret_value().encode()).decode("ascii")

    def reveal(self, hidden: str) -> SecretStr:
        """Decrypt what `hide` gave.

        Raises:
            ConfigurationError: none of the keys fits.
        """
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            return SecretStr(self._fernet.decrypt(hidden.encode()).decode())
        except InvalidToken:
            raise ConfigurationError(
                "TINY_TOKEN_KEY não abre os tokens guardados em tiny.credenciais: ponha de volta a chave anterior "
                "depois da nova, separada por vírgula, ou rode sincronia tiny authorize"
            ) from None


@dataclass(frozen=True)
class Kept:
    """The pair of tokens as it is stored, and what is known of it. Times are aware UTC.

    `session_ends_at` is when the consent ends, whatever is renewed; None as long as no answer has shown it. Before
    `wait_until` the token endpoint wants no exchange.
    """

    version: int
    client_id: str
    access: SecretStr
    refresh: SecretStr
    expires_at: datetime
    refresh_expires_at: datetime | None
    consented_at: datetime
    renewed_at: datetime
    refused_at: datetime | None
    session_ends_at: datetime | None = None
    wait_until: datetime | None = None

    @property
    def renew_at(self) -> datetime:
        """When to renew the pair: before the access token expires, and before the refresh token does.

        The former is five minutes, but at most a quarter of its life, before its end; the latter is a quarter of its
        life after it was given, so that a renewal that fails can be tried again in the other three.
        """
        life = max(self.expires_at - self.renewed_at, timedelta())
        before = self.expires_at - min(_RENEW_BEFORE, life / 4)
        return before if self.refresh_life is None else min(before, self.renewed_at + self.refresh_life / 4)

    @property
    def refresh_life(self) -> timedelta | None:
        """How long the refresh token lives if it is not renewed; None: for ever, or a renewal does not prolong it."""
        if self.refresh_expires_at is None or self.session_ends_at is not None:
            return None
        return max(self.refresh_expires_at - self.renewed_at, timedelta())

    @property
    def alarm_at(self) -> datetime:
        """From when on it is alarming that the pair was not renewed: 12 hours, or half of the refresh token's life."""
        life = self.refresh_life
        return self.renewed_at + (RENEWAL_ALARM if life is None else min(RENEWAL_ALARM, life / 2))

    @property
    def tell_at(self) -> datetime | None:
        """From when on people are told that the session ends: a third of its life ahead; None: no end is known."""
        if self.session_ends_at is None:
            return None
        return self.session_ends_at - max(self.session_ends_at - self.consented_at, timedelta()) / 3


@dataclass(frozen=True)
class Attempt:
    """An exchange of a refresh token. `ended_at` is None if nobody learnt how it ended."""

    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    error: str | None
    by: str


class TokenStore:
    """The stored tokens of one account. Thread-safe. Every method raises `BancoError`s."""

    def __init__(self, engine: Engine, account: str, client_id: str, cipher: Cipher) -> None:
        self.account = account
        self.client_id = client_id
        self._engine = engine
        self._cipher = cipher

    def load(self) -> Kept | None:
        """The newest pair, None before the first consent."""
        with transaction(self._engine) as connection:
            return self._read(connection, "ler")

    @contextmanager
    def locked(self) -> Iterator[tuple[Connection, Kept | None]]:
        """Lock the row and give the newest pair: nobody else can exchange or replace it until the block ends."""
        with transaction(self._engine) as connection:
            yield connection, self._read(connection, "travar")

    def consent(self, grant: Grant, at: datetime) -> None:
        """Store the first pair of a new consent, in place of any earlier one."""
        assert grant.refresh is not None, "a consent gives a refresh token"
        with transaction(self._engine) as connection:
            execute(connection, _SQL["consentir"], client_id=self.client_id, **self._values(grant, at))

    def replace(self, version: int, grant: Grant, at: datetime, connection: Connection | None = None) -> bool:
        """Store `grant`, given at `at` in exchange for the pair `version`; False if another pair is stored by now."""
        if connection is None:
            with transaction(self._engine) as own:
                return self.replace(version, grant, at, own)
        return execute(connection, _SQL["trocar"], versao=version, folga=_SLACK, **self._values(grant, at)) == 1

    def refuse(self, version: int, at: datetime, connection: Connection) -> None:
        """Note that Tiny refused the refresh token of the pair `version`."""
        execute(connection, _SQL["recusar"], conta=self.account, versao=version, quando=at)

    def wait(self, version: int, until: datetime, connection: Connection) -> None:
        """Note that the pair `version` is not to be exchanged before `until`."""
        execute(connection, _SQL["esperar"], conta=self.account, versao=version, ate=until)

    def begin(self, version: int, at: datetime) -> int:
        """Commit a row that says that the pair `version` is about to be exchanged; returns the exchange's id."""
        with transaction(self._engine) as own:
            by = f"{socket.gethostname()}/{os.getpid()}"
            started = fetch(own, _SQL["iniciar_renovacao"], conta=self.account, versao=version, por=by[:200], quando=at)
            return int(started[0][0])

    def end(
        self,
        exchange_id: int,
        outcome: Outcome,
        at: datetime,
        error: str | None = None,
        connection: Connection | None = None,
    ) -> None:
        """Note how an exchange ended."""
        if connection is None:
            with transaction(self._engine) as own:
                return self.end(exchange_id, outcome, at, error, own)
        execute(connection, _SQL["terminar_renovacao"], id=exchange_id, resultado=outcome, quando=at, erro=error)
        return None

    def lost(self, version: int, exchange_id: int, connection: Connection) -> tuple[datetime, str] | None:
        """When and by whom an earlier exchange of the pair `version` began whose outcome is unknown; or None."""
        found = fetch(connection, _SQL["renovacao_sem_resposta"], conta=self.account, versao=version, id=exchange_id)
        return (found[0][0], found[0][1]) if found else None

    def last_attempt(self) -> Attempt | None:
        """The latest exchange, however it ended; None if there was none."""
        with transaction(self._engine) as connection:
            found = fetch(connection, _SQL["ultima_renovacao"], conta=self.account)
            return Attempt(*found[0]) if found else None

    def _read(self, connection: Connection, statement: str) -> Kept | None:
        found = fetch(connection, _SQL[statement], conta=self.account)
        if not found:
            return None
        version, client_id, access, refresh, *times = found[0]
        return Kept(version, client_id, self._cipher.reveal(access), self._cipher.reveal(refresh), *times)

    def _values(self, grant: Grant, at: datetime) -> dict[str, Any]:
        lasts = grant.refresh_expires_in
        return {
            "conta": self.account,
            "acesso": self._cipher.hide(grant.access),
            "renovacao": self._cipher.hide(grant.refresh) if grant.refresh else None,
            "acesso_ate": at + timedelta(seconds=grant.expires_in),
            "renovacao_ate": at + timedelta(seconds=lasts) if lasts else None,
            "quando": at,
        }
