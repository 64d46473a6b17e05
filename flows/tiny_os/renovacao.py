"""TINY TOKEN: renews the tokens before they expire, so that nobody has to consent again (docs/tiny.md, "Tokens")."""

import sys
from datetime import datetime, timedelta
from typing import Any

from prefect import State
from prefect.logging import get_run_logger

from blocks.tiny import CONSENT_COMMAND, ConsentExpired, InvalidClient, Kept, SessionEnds, TinyError, Tokens
from blocks.zone import BUSINESS_ZONE, shown
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.job import Job, Run
from flows.run.orchestration import job_flow
from flows.run.perform import perform
from flows.tiny_os.connection import tiny_tokens
from flows.tiny_os.statements import DOMAIN

OLDEST = timedelta(hours=6)
"""A pair of tokens that is older is renewed; its refresh token lives for a day."""

TOKEN = Job(name="tiny-token", title="Token do Tiny", domain=DOMAIN)


def keep_alive(run: Run, tokens: Tokens, now: datetime) -> str | None:
    """Renew the tokens if they are older than six hours, or than a quarter of the refresh token's life.

    Args:
        run: the run.
        tokens: the account's.
        now: aware UTC.

    Returns:
        Why the renewal failed, if it did and there is time left for the next one; else None.

    Raises:
        ConsentExpired: a person must consent again.
        SessionEnds: a third of the consent's session is left, and a person must consent again before its end.
        TinyError: the renewal failed; and a person must mend the settings, or the access token has expired and trying
            again will not help, or half of the refresh token's life has passed.
    """
    renewed, failure = False, None
    try:
        renewed = tokens.keep_alive(OLDEST)
    except TinyError as error:
        kept, _ = tokens.status()
        if _is_urgent(error, kept, now):
            raise
        failure = str(error)
    kept, _ = tokens.status()
    run.report.counts += Counts(efeitos={"renovações": int(renewed)})
    run.report.window = f"tokens de {shown(kept.renewed_at)}"
    run.report.notes["falha"] = failure
    run.report.notes["sessao_ate"] = kept.session_ends_at.isoformat() if kept.session_ends_at else None
    if kept.session_ends_at is not None and kept.tell_at is not None and now >= kept.tell_at:
        end = f"{kept.session_ends_at.astimezone(BUSINESS_ZONE):%d/%m/%Y %H:%M}"
        raise SessionEnds(
            f"A sessão do consentimento do Tiny termina em {end}, renove-se ou não o token; até lá tudo segue. Uma "
            f"pessoa precisa consentir de novo antes: {CONSENT_COMMAND}."
        )
    return failure


def _is_urgent(error: TinyError, kept: Kept, now: datetime) -> bool:
    """Whether a renewal that failed has to be told at once."""
    if isinstance(error, ConsentExpired | InvalidClient) or now >= kept.alarm_at:
        return True
    return not error.transient and now >= kept.expires_at


def _keep_alive(run: Run, tokens: Tokens) -> None:
    failure = keep_alive(run, tokens, tokens.now())
    get_run_logger().info("🔑 Tokens do Tiny: %s", failure or run.report.window)


@job_flow(TOKEN.name)
def tiny_token() -> State[dict[str, Any]]:
    """Renova o token do Tiny que tem mais de 6 horas (ou um quarto da sua vida); falha se há 12 horas não consegue."""
    return perform(TOKEN, "renovação do token", _keep_alive, connect=tiny_tokens, dry_run=False)


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_token, TOKEN))
