"""What is asked of Tiny: the orders that were made last, as long as the syncs leave enough of the account's quota."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from blocks.errors import ConfigurationError
from blocks.tiny import TinyClient
from flows.connections import banco, tiny_account
from flows.operacao.vigia.changes import Change
from flows.settings import Settings

KEPT = 1000
"""So many orders are remembered: ten pages, for orders that come back to the first one."""


class TinyLook:
    """Looks at Tiny's list again and again and announces what is new; used by one thread, which closes it."""

    def __init__(self, settings: Settings, announce: Callable[[Change], None]) -> None:
        """Nothing is opened yet. The account is that of the settings or of the block."""
        self._settings = settings
        self._announce = announce
        self._opened = ExitStack()
        self._client: TinyClient | None = None
        self._seen: dict[str, str] | None = None

    def look(self) -> None:
        """Announce the orders of the newest page that are new or differ; nothing at the first look.

        Nothing is read while less than half of the minute's reads are left: the syncs come first.

        Raises:
            NotOffered: this installation has no Tiny account.
            SincroniaError: Tiny or the database could not be asked; the next look sees what changed until then.
        """
        try:
            client = self._client = self._client or self._open()
            budget = client.budget()
            if 2 * budget.left < budget.ours:
                return
            found = {str(item.get("id")): _fingerprint(item) for item in client.newest().items}
        except ConfigurationError:
            self.close()
            raise
        before = found if self._seen is None else self._seen
        for order, fingerprint in found.items():
            if before.get(order) != fingerprint:
                self._announce(Change("tiny", "tiny", None, int(order) if order.isdecimal() else None))
        earlier = [(order, fingerprint) for order, fingerprint in before.items() if order not in found]
        self._seen = dict([*earlier, *found.items()][-KEPT:])

    def close(self) -> None:
        """Close the connections; the next look opens others."""
        self._opened.close()
        self._client = None

    def _open(self) -> TinyClient:
        account = tiny_account(self._settings)
        with ExitStack() as opened:
            engine = banco(self._settings)
            opened.callback(engine.dispose)
            client = opened.enter_context(account.get_client(engine))
            self._opened = opened.pop_all()
        return client


def _fingerprint(item: dict[str, Any]) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False)
