"""A cache of reference records (products, partners, categories) that the batches of one run share."""

import threading
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping

from cachetools import LRUCache

from blocks.odoo.errors import UnreadableRecord
from blocks.odoo.records import Record

Known = dict[int, Record | UnreadableRecord]
"""Records by id, and why others cannot be read."""


class RelatedCache:
    """Thread-safe. Keeps the `size` most recently used records of each kind; a run has its own cache."""

    def __init__(self, size: int = 20_000) -> None:
        self._lock = threading.Lock()
        self._kinds: defaultdict[Hashable, LRUCache[int, Record | UnreadableRecord]] = defaultdict(
            lambda: LRUCache(size)
        )

    def known(self, kind: Hashable, ids: Collection[int]) -> Known:
        """The cached records among `ids`. `kind` stands for the model and the fields that were read."""
        with self._lock:
            records = self._kinds[kind]
            return {key: records[key] for key in ids if key in records}

    def keep(self, kind: Hashable, records: Mapping[int, Record | UnreadableRecord]) -> None:
        """Put records into the cache; the least recently used ones are dropped when it is full."""
        with self._lock:
            self._kinds[kind].update(records)
