"""TINY TOKEN: renews the tokens before they expire, so that nobody has to consent again (docs/tiny.md, "Tokens")."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import State
from prefect.logging import get_run_logger

from blocks.tiny import RENEWAL_ALARM, TinyError, Tokens
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
    """Renew the tokens if they are older than six hours.

    Args:
        run: the run.
        tokens: the account's.
        now: aware UTC.

    Returns:
        Why the renewal failed, if it did and the last successful one is less than `RENEWAL_ALARM` ago; else None.

    Raises:
        ConsentExpired: a person must consent again.
        TinyError: the renewal failed, and trying again will not help or the last successful one is too long ago.
    """
    try:
        renewed = tokens.keep_alive(OLDEST)
        failure = None
    except TinyError as error:
        kept, _ = tokens.status()
        if not error.transient or now - kept.renewed_at >= RENEWAL_ALARM:
            raise
        renewed, failure = False, str(error)
    kept, _ = tokens.status()
    run.report.counts += Counts(efeitos={"renovações": int(renewed)})
    run.report.window = f"tokens de {kept.renewed_at:%Y-%m-%d %H:%M:%S} UTC"
    run.report.notes["falha"] = failure
    return failure


def _keep_alive(run: Run, tokens: Tokens) -> None:
    failure = keep_alive(run, tokens, datetime.now(UTC))
    get_run_logger().info("🔑 Tokens do Tiny: %s", failure or run.report.window)


@job_flow(TOKEN.name)
def tiny_token() -> State[dict[str, Any]]:
    """Renova o token do Tiny que tem mais de 6 horas; falha se há 12 horas nenhuma renovação dá certo."""
    return perform(TOKEN, "renovação do token", _keep_alive, connect=tiny_tokens, dry_run=False)


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_token, TOKEN))
