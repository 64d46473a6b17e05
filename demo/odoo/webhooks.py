"""Odoo's action "Send Webhook Notification", run by automation rules (17.0 and newer).

The rules have the trigger "On save" and, if asked for, "On deletion", which notes what it sends before the deletion.

It posts the model, the id and the action's name, and the fields that were chosen, in the words of `json.dumps`. Up to
18.0 that is done within the transaction: whoever receives the notice may ask for the record before it is there. Since
19.0 it waits for the commit (odoo/odoo#216018). If the receiver does not answer well within a second, a line in the log
is all that comes of it.

A real server sends a notice for each time that a record is written; here there is one a transaction.
"""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import httpx

from demo.odoo.reading import Reader
from demo.odoo.store import Stamped, Store

SECONDS: Final = 1.0
"""How long a server waits for a connection, and for an answer."""
ACTION: Final = "Avisar o Sincronia(#1)"


@dataclass(frozen=True)
class Webhook:
    """Where the notices go, of which models (as the version calls them), with which fields; whether deletions, too."""

    url: str
    models: tuple[str, ...]
    fields: tuple[str, ...] = ()
    deletions: bool = False


class Webhooks:
    """Sends the notices of a store's transactions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._webhook: Webhook | None = None
        self._client = httpx.Client(trust_env=False, verify=False, timeout=SECONDS)
        store.committing = self._committing
        store.deleting = self._deleting

    def plan(self, webhook: Webhook | None) -> None:
        """From now on send these notices, and no others.

        Raises:
            LookupError: there is no such model or field.
            ValueError: this version sends none.
        """
        with self._store.lock:
            if webhook is not None:
                if self._store.version.webhooks is None:
                    raise ValueError(f"Odoo {self._store.version.series} sends no webhooks")
                for model in webhook.models:
                    fields = self._store.tables[model].fields
                    _ = [fields[name] for name in webhook.fields]
            self._webhook = webhook

    def _committing(self, stamped: Stamped) -> Callable[[], None]:
        """What is left to do after the commit of a transaction that stamped these records."""
        webhook = self._webhook
        if webhook is None:
            return lambda: None
        notices = [
            noted or self._notice(webhook, model, record)
            for (model, record), noted in stamped.items()
            if noted or (self._shown(webhook, model) and record in self._store.tables[model].rows)
        ]
        if self._store.version.webhooks == "within":
            self._send(webhook, notices)
            return lambda: None
        return lambda: self._send(webhook, notices)

    def _deleting(self, model: str, record: int) -> str | None:
        """The notice of a record that will be deleted."""
        webhook = self._webhook
        if webhook is None or not webhook.deletions or self._shown(webhook, model) is None:
            return None
        return self._notice(webhook, model, record)

    def _shown(self, webhook: Webhook, model: str) -> str | None:
        """The name of a model that is told, as the version calls it."""
        return next((name for name in webhook.models if self._store.tables[name].model == model), None)

    def _notice(self, webhook: Webhook, model: str, record: int) -> str:
        notice: dict[str, Any] = {"_model": self._shown(webhook, model), "_id": record, "_action": ACTION}
        if webhook.fields:
            [values] = Reader(self._store, model, classic=False).records([record], webhook.fields)
            table = self._store.tables[model]
            # Other than RPC, it tells moments with their microseconds.
            moments = {name for name in webhook.fields if table.fields[name].type == "datetime" and values[name]}
            notice |= values | {name: table.value(record, table.fields[name].name) for name in moments}
        return json.dumps(notice, sort_keys=True)

    def _send(self, webhook: Webhook, notices: Iterable[str]) -> None:
        for notice in notices:
            try:
                headers = {"Content-Type": "application/json"}
                self._client.post(webhook.url, content=notice, headers=headers).raise_for_status()
            except httpx.HTTPError as error:
                print(f"Webhook call failed: {error}", file=sys.stderr, flush=True)
