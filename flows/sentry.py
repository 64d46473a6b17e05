"""Errors of flow runs to Sentry, where SENTRY_DSN is set: what went wrong and where in the code, and nothing else.

An event is made of what is listed here, not cleaned of what is known to be bad: no local variables, breadcrumbs,
host, arguments or payloads are in it, and of the messages only the masked beginning of our own.
"""

import logging
import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, cast
from urllib.parse import quote

import sentry_sdk
from prefect import runtime
from pydantic import SecretStr
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import event_from_exception

from flows.settings import SECRETS, Settings

FLUSH_SECONDS = 3.0
"""How long a failed run waits at most for its error to arrive: its process ends soon after."""

_OURS = ("blocks", "flows")
_KEPT = ("event_id", "timestamp", "platform", "level", "environment", "release", "tags", "sdk")
_KEPT_OF_FRAME = ("filename", "function", "module", "lineno", "context_line", "in_app")
_NAME = r"[A-ZÀ-ÖØ-Þ][\w.'’-]+"
_MASKS = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"(?i)\b[a-z][a-z0-9+.-]*://\S+", "[endereço]"),
        (r"\S+@\S+", "[e-mail]"),
        (r"(?i)\b(bearer|basic)\s+\S+", "[segredo]"),
        (r"(?i)[\w-]*(authorization|token|senha|passw(or)?d|secret|key)[\w-]*['\"]?\s*[:=]\s*\S+", "[segredo]"),
        (r"\"[^\"]*\"?|«[^»]*»?|“[^”]*”?|‘[^’]*’?|`[^`]*`?|(?<!\w)'.*?('(?!\w)|$)", "[texto]"),
        # CNPJ (whose letters, from July 2026, stand before two digits), CPF, keys, dates, amounts: all hold a digit.
        (r"[\w.,/:+-]*\d[\w.,/:+-]*", "[número]"),
        (r"[\w-]{32,}", "[segredo]"),
        (rf"{_NAME}(?:\s+(?:(?:d[aeo]s?|e|&)\s+)?{_NAME})+", "[nome]"),
    )
)

logger = logging.getLogger(__name__)


def report(error: Exception, settings: Settings, entity: str) -> None:
    """Send the error that ended this flow run, if there is a Sentry; never raises, whatever becomes of it."""
    if settings.sentry_dsn is None:
        return
    try:
        client = _client(settings)
        event, hint = event_from_exception(error, client_options=client.options)
        tags = {"entidade": entity, "flow_run_id": runtime.flow_run.id, "deployment": runtime.deployment.name}
        event["tags"] = {name: value for name, value in tags.items() if value}
        client.capture_event(event, hint)
        client.flush(timeout=FLUSH_SECONDS)
    except Exception as failure:  # Prefect or Sentry: the run's own error is what counts
        logger.warning("⚠️ O erro não foi enviado ao Sentry: %s", type(failure).__name__)


@cache
def _client(settings: Settings) -> sentry_sdk.Client:
    """This process's client: it reports what it is given, and hooks into nothing."""
    assert settings.sentry_dsn is not None
    values = [getattr(settings, name) for name in SECRETS]
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]

    def before_send(event: Event, _: Hint) -> Event:
        return scrubbed(event, secrets)

    return sentry_sdk.Client(
        dsn=settings.sentry_dsn.get_secret_value(),
        before_send=before_send,
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        enable_backpressure_handling=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        send_client_reports=False,
    )


def scrubbed(event: Event, secrets: Collection[str]) -> Event:
    """Only what may leave: our tags, the errors' classes, our own messages masked, frames without variables.

    An error that is not ours is told by its class alone: a driver's message quotes rows.
    """
    given = cast(Mapping[str, Any], event)
    kept: dict[str, Any] = {name: given[name] for name in _KEPT if name in given}
    kept["exception"] = {"values": [_error(one, secrets) for one in (given.get("exception") or {}).get("values", ())]}
    return cast(Event, kept)


def _error(one: Mapping[str, Any], secrets: Collection[str]) -> dict[str, Any]:
    ours = str(one.get("module")).partition(".")[0] in _OURS
    frames = (one.get("stacktrace") or {}).get("frames", ())
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "value": masked(one.get("value") or "", secrets) if ours else "",
        "stacktrace": {"frames": [{name: frame.get(name) for name in _KEPT_OF_FRAME} for frame in frames]},
    }


def masked(text: str, secrets: Collection[str] = ()) -> str:
    """The text up to its first colon, after which others are quoted, less secrets, addresses, names and numbers.

    Args:
        text: a message of ours, in Portuguese.
        secrets: what must not be in it, plain or quoted as in a URL.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in {secret, quote(secret, safe="")}:
            text = text.replace(form, "[segredo]")
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return re.split(r":\s", text, maxsplit=1)[0]
