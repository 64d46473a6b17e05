"""Gives valid tokens to all workers: renewed before they expire, by one process at a time, each pair exchanged once.

A refresh token is probably good for one exchange (docs/tiny.md, "Tokens"). A renewal therefore goes in this order:

1. Lock the row and read it again. If another process has renewed the pair meanwhile, use the new pair and stop.
2. Commit a row in `tiny.renovacoes`: an exchange begins.
3. Send the exchange, once.
4. Replace exactly the pair that was exchanged. If the database fails here, only this step is tried again, on new
   connections, with the copy in memory, before the tokens are used for anything else.

One way to lose the new pair remains: the process dies between 3 and 4, or the answer is lost on its way. The next run
then offers the old pair again, which some servers accept once more. If it is refused, the row of step 2 says when and
where the pair was lost, and a person must consent again.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from blocks.banco import BancoError
from blocks.tiny.clock import Clock, ServerClock
from blocks.tiny.errors import ConsentExpired, TinyError, Unavailable
from blocks.tiny.oauth import Grant, OAuthServer
from blocks.tiny.token_store import Attempt, Kept, Outcome, TokenStore
from blocks.zone import shown

CONSENT_COMMAND = "sincronia tiny authorize"
_STORE_WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0)
"""Seconds between the attempts to store a pair, three minutes in all; then it is tried again at the next call."""
_PATIENCE = timedelta(seconds=30)
"""For so long no renewal is tried after one that failed, while the access token is still valid."""
_LONGEST_WAIT = 3600.0
"""Seconds that the token endpoint can make us wait by `Retry-After`, at most."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Pending:
    """A pair that was given in exchange for the pair `version` and is not stored yet."""

    version: int
    exchange_id: int
    grant: Grant
    at: datetime


class Tokens:
    """The tokens of one account. Thread-safe; many instances in many processes may be used at once."""

    def __init__(self, store: TokenStore, server: OAuthServer, clock: Clock) -> None:
        self._store = store
        self._server = server
        self._clock = clock
        self._server_clock = ServerClock()  # of the token endpoint: this machine's clock may be wrong
        self._mutex = threading.Lock()  # so that waiting threads do not each occupy a connection
        self._known: Kept | None = None
        self._patient_until = datetime.min.replace(tzinfo=UTC)
        self._pending: _Pending | None = None

    def current(self) -> Kept:
        """A pair whose access token is not about to expire; it is renewed if needed.

        If it cannot be renewed, whatever the reason, it is returned as it is as long as its access token is valid.

        Raises:
            ConsentExpired: a person must consent.
            TinyError, BancoError: the pair had to be renewed and could not be.
        """
        known, now = self._known, self.now()
        if known and (now < known.renew_at or now < min(known.expires_at, self._patient_until)):
            return known
        try:
            return self._renewed(lambda kept: self.now() < kept.renew_at)
        except TinyError as error:
            known, now = self._known, self.now()
            if known is None or now >= known.expires_at:
                raise
            self._patient_until = now + _PATIENCE
            logger.warning("%s O token atual vale até %s e segue em uso.", error, shown(known.expires_at))
            return known

    def now(self) -> datetime:
        """The present moment by the token endpoint's clock, aware UTC; before its first answer, by this machine's."""
        return self._server_clock.earliest(self._clock.now())

    def renewed(self, after: int) -> Kept:
        """A pair newer than the version `after`, whose access token the API refused (401).

        It is the pair that another process has stored meanwhile, else a new one.

        Raises:
            ConsentExpired, TinyError, BancoError: as `current`.
        """
        return self._renewed(lambda kept: kept.version > after and self.now() < kept.renew_at)

    def keep_alive(self, older_than: timedelta) -> bool:
        """Renew the pair if it is older than this, so that its refresh token does not expire; whether it was renewed.

        It is renewed sooner where a quarter of its refresh token's life is less. One that was renewed as far in the
        future was told the time by a wrong clock: how old it is nobody knows, and it is renewed.

        Raises:
            ConsentExpired, TinyError, BancoError: as `current`.
        """
        before = self._kept()

        def young(kept: Kept) -> bool:
            life = kept.refresh_life
            oldest = older_than if life is None else min(older_than, life / 4)
            return abs(self.now() - kept.renewed_at) < oldest

        after = self._renewed(young)
        return after.version != before.version

    def consented(self, grant: Grant) -> None:
        """Store the tokens of a person's consent."""
        self._store.consent(grant, grant.at or self._clock.now())

    def status(self) -> tuple[Kept, Attempt | None]:
        """The stored pair, whose tokens are never shown as text, and the latest exchange, None if there was none.

        Raises:
            ConsentExpired: nobody has consented yet.
        """
        return self._kept(), self._store.last_attempt()

    def _renewed(self, good: Callable[[Kept], bool]) -> Kept:
        """The stored pair if it is `good`, possibly after waiting for another process's renewal; else a new one."""
        with self._mutex:
            self._keep_pending()
            kept = self._kept()
            if kept.refused_at is None and good(kept):
                return kept
            failure: TinyError | None = None
            try:
                with self._store.locked() as (connection, locked):
                    kept = self._checked(locked)
                    if kept.refused_at is not None:
                        failure = self._refused(
                            kept, f"O Tiny recusou o token de renovação em {shown(kept.refused_at)}."
                        )
                    elif not good(kept):
                        failure = self._exchange(connection, kept)
            except BancoError:
                if self._pending is None:
                    raise
            else:
                self._pending = None
            if failure is not None:
                raise failure
            self._keep_pending()
            return self._kept()

    def _exchange(self, connection: Connection, kept: Kept) -> TinyError | None:
        """Exchange the pair, whose row `connection` has locked; returns the error if no new pair was given."""
        longest = timedelta(seconds=_LONGEST_WAIT)  # whoever asks for more was told the time by a wrong clock
        if kept.wait_until is not None and self.now() < kept.wait_until <= self.now() + longest:
            return Unavailable(
                f"O servidor de autorização do Tiny pediu que se espere até {shown(kept.wait_until)}: "
                "nada foi enviado.",
                retry_after=(kept.wait_until - self.now()).total_seconds(),
                answered=True,
            )
        sent = self._clock.now()
        exchange_id = self._store.begin(kept.version, self.now())
        try:
            grant = self._server.refreshed(kept.refresh)
        except ConsentExpired as error:
            failure = self._refused(kept, str(error), self._store.lost(kept.version, exchange_id, connection))
            self._store.refuse(kept.version, self.now(), connection)
            self._store.end(exchange_id, "recusado", self.now(), str(failure), connection)
            return failure
        except TinyError as error:
            outcome: Outcome = "indisponivel" if isinstance(error, Unavailable) else "erro"
            self._store.end(exchange_id, outcome, self.now(), str(error), connection)
            if isinstance(error, Unavailable) and error.retry_after:
                wait = timedelta(seconds=min(error.retry_after, _LONGEST_WAIT))
                self._store.wait(kept.version, self.now() + wait, connection)
            return error
        if grant.at is not None:
            self._server_clock.observe(sent, self._clock.now(), grant.at)
        given = min(self._server_clock.earliest(sent), grant.at) if grant.at else sent
        self._pending = _Pending(kept.version, exchange_id, grant, given)
        self._store.replace(kept.version, grant, given, connection)
        self._store.end(exchange_id, "renovado", self.now(), connection=connection)
        return None

    def _keep_pending(self) -> None:
        """Store a pair that was given but could not be stored, with many attempts: it cannot be asked for again."""
        for wait in (*_STORE_WAITS, None) if self._pending else ():
            assert self._pending is not None
            try:
                if not self._store.replace(self._pending.version, self._pending.grant, self._pending.at):
                    logger.warning(
                        "Os tokens da conta %s já eram mais novos que os desta renovação.", self._store.account
                    )
                self._store.end(self._pending.exchange_id, "renovado", self.now())
            except BancoError as error:
                if wait is None or not error.transient:
                    raise
                logger.warning("O token novo ainda não foi guardado: %s Nova tentativa em %.0f s.", error, wait)
                self._clock.sleep(wait)
            else:
                self._pending = None
                return

    def _kept(self) -> Kept:
        self._known = self._checked(self._store.load())
        return self._known

    def _checked(self, kept: Kept | None) -> Kept:
        if kept is None:
            raise ConsentExpired(
                f"Ainda não há consentimento do Tiny para a conta {self._store.account!r}: rode {CONSENT_COMMAND}."
            )
        if kept.client_id != self._store.client_id:
            raise ConsentExpired(
                f"O consentimento da conta {self._store.account!r} foi dado à aplicação {kept.client_id!r}, e "
                f"TINY_CLIENT_ID é {self._store.client_id!r}: corrija-a ou rode {CONSENT_COMMAND}."
            )
        return kept

    def _refused(self, kept: Kept, said: str, lost: tuple[datetime, str] | None = None) -> ConsentExpired:
        why = ""
        if lost:
            why = f" A renovação começada em {shown(lost[0])} por {lost[1]} ficou sem resposta: perdeu o token novo."
        elif kept.refresh_expires_at and kept.refresh_expires_at <= self.now():
            why = f" Ele venceu em {shown(kept.refresh_expires_at)}, sem renovação desde {shown(kept.renewed_at)}."
        return ConsentExpired(f"{said}{why} Uma pessoa precisa consentir de novo: {CONSENT_COMMAND}.")
