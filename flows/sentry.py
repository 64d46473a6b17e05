"""Sends the errors of flow runs to Sentry, if SENTRY_DSN is set: what went wrong and where in the code.

An event holds only the fields that are listed here (`_KEPT`, `_KEPT_OF_FRAME`): no local variables, breadcrumbs, host,
arguments or payloads. Of the messages it holds only those of our own errors, masked and cut at their first colon.
"""

import logging
import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from prefect import runtime
from pydantic import SecretStr

from flows.settings import SECRETS, Settings

if TYPE_CHECKING:  # a tenth of a second that only a run takes that has an error to send
    import sentry_sdk
    from sentry_sdk.types import Event, Hint

FLUSH_SECONDS = 3.0
"""How long a failed run waits at most for its error to be sent; its process ends soon after."""

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
        # CNPJ (which may have letters since July 2026, but ends in two digits), CPF, keys, dates, amounts.
        (r"[\w.,/:+-]*\d[\w.,/:+-]*", "[número]"),
        (r"[\w-]{32,}", "[segredo]"),
        (rf"{_NAME}(?:\s+(?:(?:d[aeo]s?|e|&)\s+)?{_NAME})+", "[nome]"),
    )
)

logger = logging.getLogger(__name__)


def report(error: Exception, settings: Settings, entity: str) -> None:
    """Send the error that ended this flow run, if SENTRY_DSN is set. If it cannot be sent, a warning is logged."""
    if settings.sentry_dsn is None:
        return
    from sentry_sdk.utils import event_from_exception  # noqa: PLC0415

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
def _client(settings: Settings) -> "sentry_sdk.Client":
    """This process's client, which sends what it is given and catches nothing by itself."""
    import sentry_sdk  # noqa: PLC0415

    assert settings.sentry_dsn is not None
    values = [getattr(settings, name) for name in SECRETS]
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]

    def before_send(event: "Event", _: "Hint") -> "Event":
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


def scrubbed(event: "Event", secrets: Collection[str]) -> "Event":
    """The event with nothing but our tags, the errors' classes, our own messages masked, and frames without variables.

    Of an error that is not ours only the class is kept: a driver's message may quote rows.
    """
    given = cast(Mapping[str, Any], event)
    kept: dict[str, Any] = {name: given[name] for name in _KEPT if name in given}
    kept["exception"] = {"values": [_error(one, secrets) for one in (given.get("exception") or {}).get("values", ())]}
    return cast("Event", kept)


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
    """A message of ours with secrets, addresses, names and numbers replaced by what they are, cut at its first colon.

    After the colon stand the words of others, such as an answer of Odoo.

    Args:
        text: the message, in Portuguese.
        secrets: texts that must not be in it, as they are or quoted as in a URL.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in {secret, quote(secret, safe="")}:
            text = text.replace(form, "[segredo]")
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return re.split(r":\s", text, maxsplit=1)[0]
