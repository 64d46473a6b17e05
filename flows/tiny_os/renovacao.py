"""TINY TOKEN: renews the tokens often enough that the consent never runs out, and fails where nobody could for long."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import State, flow

from blocks.tiny import RENEWAL_ALARM, TinyError, Tokens
from flows.run.command import run_from_command_line
from flows.run.counts import Counts
from flows.run.perform import Calculation, Desk, perform, run_name, stage_log
from flows.tiny_os.conexao import tiny_tokens

OLDEST = timedelta(hours=6)
"""A pair that is older is renewed: the refresh token lives for a day."""

TOKEN = Calculation("tiny-token", "Token do Tiny")


def keep_alive(desk: Desk, tokens: Tokens, now: datetime) -> str | None:
    """Renew the tokens where they are old; why not, if that failed and there is still time.

    Raises:
        ConsentExpired: a person must consent again.
        TinyError: the renewal failed, and the last one is too long ago.
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
    desk.report.counts += Counts(efeitos={"renovações": int(renewed)})
    desk.report.details |= {"janela": f"tokens de {kept.renewed_at:%Y-%m-%d %H:%M:%S} UTC", "falha": failure}
    return failure


def _keep_alive(desk: Desk, tokens: Tokens) -> None:
    with stage_log("🔑 Tokens do Tiny") as done:
        failure = keep_alive(desk, tokens, datetime.now(UTC))
        done(failure or desk.report.details["janela"])


@flow(name="tiny-token", flow_run_name=run_name, persist_result=True)
def tiny_token() -> State[dict[str, Any]]:
    """Renova o token do Tiny que tem mais de 6 horas; falha se há 12 horas nenhuma renovação dá certo."""
    return perform(TOKEN, "renovação do token", _keep_alive, connect=tiny_tokens, dry_run=False)


if __name__ == "__main__":
    sys.exit(run_from_command_line(tiny_token, TOKEN))
