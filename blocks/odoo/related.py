"""What batches of one run share: reference records (products, partners, categories) already read."""

import threading
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping

from cachetools import LRUCache

from blocks.odoo.records import Record


class RelatedCache:
    """Thread-safe; keeps the `size` last used records of each kind, and lives for one run."""

    def __init__(self, size: int = 20_000) -> None:
        self._lock = threading.Lock()
        self._kinds: defaultdict[Hashable, LRUCache[int, Record]] = defaultdict(lambda: LRUCache(size))

    def known(self, kind: Hashable, ids: Collection[int]) -> dict[int, Record]:
        """Those of the ids that were read before; `kind` says of which model and with which fields."""
        with self._lock:
            records = self._kinds[kind]
            return {key: records[key] for key in ids if key in records}

    def keep(self, kind: Hashable, records: Mapping[int, Record]) -> None:
        """Remember records; the least recently used give way."""
        with self._lock:
            self._kinds[kind].update(records)
