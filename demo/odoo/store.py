"""Records in memory, by columns: a table per model, a list per field that has values, a row number per id.

Stored values are None for nothing, text, numbers, booleans, an id for a many2one and a tuple of ids for a one2many or
many2many; datetimes and dates are text (see `moments`). A hundred thousand order lines take some 60 MB.
"""

import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Any

from demo.odoo.derived import Derived, Recomputation
from demo.odoo.fields import Fields
from demo.odoo.index import Index
from demo.odoo.moments import Clock
from demo.odoo.version import ODOO_17, Version

Value = Any
Stamped = dict[tuple[str, int], str | None]
"""Records by model and id, in the order in which they were stamped; of those deleted, what was noted before."""


class Journal:
    """How to take back what was done since the transaction began; nothing is noted outside of one."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] | None = None

    def note(self, step: Callable[..., None], *arguments: Any) -> None:
        """Remember how to take back what is about to be done."""
        if self._steps is not None:
            self._steps.append(partial(step, *arguments))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take back what an exception interrupts."""
        steps: list[Callable[[], None]] = []
        self._steps = steps
        try:
            yield
        except BaseException:
            self._steps = None
            for step in reversed(steps):
                step()
            raise
        finally:
            self._steps = None


class Table:
    """The records of one model."""

    def __init__(self, model: str, fields: Fields, journal: Journal) -> None:
        self.model = model
        self.fields = fields  # those that clients see
        self.schema = dict(fields)  # all of them, hidden ones too
        # What clients of a version mean by values that the simulator holds otherwise.
        self.meaning: Callable[[Mapping[str, Table], dict[str, Value]], dict[str, Value]] | None = None
        self._journal = journal
        self.ids: list[int] = []  # ascending
        self.rows: dict[int, int] = {}  # id → row number; the rows of deleted records are never used again
        self._columns: dict[str, list[Value]] = {}
        self._indexes: dict[str, Index] = {}
        self._size = 0
        self._last_id = 0

    def load(self, records: Sequence[Mapping[str, Value]]) -> None:
        """Append records that have their ids and are stored values already; ids must ascend."""
        for name in {name for record in records for name in record}:
            self.column(name).extend(record.get(name) for record in records)
        for record in records:
            self.rows[record["id"]] = self._size
            self.ids.append(record["id"])
            self._size += 1
        for column in self._columns.values():
            column.extend([None] * (self._size - len(column)))
        self._last_id = max(self._last_id, self.ids[-1]) if self.ids else 0

    def column(self, name: str) -> list[Value]:
        """The values of a field by row number; empty until first written."""
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = [None] * self._size
        return column

    def known(self, name: str) -> list[Value] | None:
        """The values of a field by row number, or None if no record has any."""
        return self._columns.get(name)

    def value(self, record_id: int, name: str) -> Value:
        """One stored value; None if the record does not exist."""
        column, row = self._columns.get(name), self.rows.get(record_id)
        return None if column is None or row is None else column[row]

    def insert(self, values: Mapping[str, Value]) -> int:
        """Add a record and return its id: the one it comes with, or the next of the sequence."""
        record_id: int = values.get("id") or self._last_id + 1
        self._last_id = max(self._last_id, record_id)
        self.rows[record_id] = self._size
        insort(self.ids, record_id)
        self._size += 1
        given = {**values, "id": record_id}
        for name in given.keys() - self._columns.keys():
            self._columns[name] = [None] * (self._size - 1)
        for name, column in self._columns.items():
            column.append(given.get(name))
        for index in self._indexes.values():
            index.add(record_id)
        self._journal.note(self.delete, record_id)
        return record_id

    def put(self, record_id: int, name: str, value: Value) -> None:
        """Set one value of one record."""
        column, row = self.column(name), self.rows[record_id]
        self._journal.note(self.put, record_id, name, column[row])
        index = self._indexes.get(name)
        if index:
            index.remove(record_id)
        column[row] = value
        if index:
            index.add(record_id)

    def delete(self, record_id: int) -> None:
        """Forget a record."""
        self._journal.note(self._restore, record_id, self.rows[record_id])
        for index in self._indexes.values():
            index.remove(record_id)
        del self.ids[bisect_left(self.ids, record_id)]
        del self.rows[record_id]

    def repeat(self, times: int, changes: Mapping[str, Callable[[Value, int], Value]]) -> None:
        """Have all records so many times; `changes` says what becomes of a field in copy 1, 2 and so on.

        The ids of a copy must follow those of the copy before.
        """
        rows = [self.rows[record_id] for record_id in self.ids]
        for name, column in self._columns.items():
            values, change = [column[row] for row in rows], changes.get(name)
            for copy in range(1, times):
                column.extend([change(value, copy) for value in values] if change else values)
        ids = self._columns["id"][self._size :]
        self.rows.update(zip(ids, range(self._size, self._size + len(ids)), strict=True))
        self.ids += ids
        self._size += len(ids)
        self._last_id = self.ids[-1]
        self._indexes = {}

    def saved(self) -> Callable[[], None]:
        """What puts the records back as they are now."""
        ids, rows, size, last_id = self.ids.copy(), self.rows.copy(), self._size, self._last_id
        columns = {name: column.copy() for name, column in self._columns.items()}

        def put_back() -> None:
            self.ids, self.rows, self._size, self._last_id = ids.copy(), rows.copy(), size, last_id
            self._columns = {name: column.copy() for name, column in columns.items()}
            self._indexes = {}

        return put_back

    def _restore(self, record_id: int, row: int) -> None:
        self.rows[record_id] = row
        insort(self.ids, record_id)
        for index in self._indexes.values():
            index.add(record_id)

    def having(self, name: str, values: Iterable[Value]) -> set[int]:
        """The ids of the records whose field has one of these values."""
        return set(chain.from_iterable(self.index(name).having(values)))

    def index(self, name: str) -> Index:
        """The index of a field."""
        index = self._indexes.get(name)
        if index is None:
            column, rows = self.column(name), self.rows
            index = self._indexes[name] = Index(self.ids, lambda record_id: column[rows[record_id]])
        return index


def _nothing_to_do(_: Stamped) -> Callable[[], None]:
    return lambda: None


class Store:
    """The whole database: tables, translations and the lock that makes every request one transaction."""

    def __init__(
        self,
        models: dict[str, Fields],
        clock: Clock,
        declared: Iterable[Derived] = (),
        version: Version = ODOO_17,
    ) -> None:
        self.version = version
        self._journal = Journal()
        self.tables = {model: Table(model, fields, self._journal) for model, fields in models.items()}
        self.due = Recomputation(self.tables, declared)
        self.clock = clock
        self.hidden: set[str] = set()  # models that clients must not find
        self.unseen: dict[str, set[int]] = {}  # records that a rule hides from clients, by model
        # What is done at the end of a transaction with the records that it stamped; gives what is done after it.
        self.committing: Callable[[Stamped], Callable[[], None]] = _nothing_to_do
        self.deleting: Callable[[str, int], str | None] = lambda model, record: None  # what to note of a record
        self._stamped: Stamped | None = None
        self.lock = threading.RLock()
        self._sequences: dict[tuple[str, str], int] = {}
        # language → (model, field, id) → text, where it differs from the English one in the column
        self.translations: dict[str, dict[tuple[str, str, int], str]] = {}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction at a time; what an exception interrupts is taken back."""
        with self.lock:
            self._stamped = {}
            try:
                with self._journal.transaction(), self.due.whole():
                    yield
                    committed = self.committing(self._stamped)
            finally:
                self._stamped = None
        committed()

    def note_stamped(self, model: str, record_id: int) -> None:
        """Remember that this transaction writes a record."""
        if self._stamped is not None:
            self._stamped[self.tables[model].model, record_id] = None

    def note_deleted(self, model: str, record_id: int) -> None:
        """Remember that this transaction deletes a record, before it does."""
        if self._stamped is not None:
            own = self.tables[model].model
            self._stamped[own, record_id] = self.deleting(own, record_id)

    def saved(self) -> Callable[[], None]:
        """What puts records, sequences and clock back as they are now, as often as it is called."""
        with self.lock:
            tables = [table.saved() for table in dict.fromkeys(self.tables.values())]
            sequences, now = self._sequences.copy(), self.clock.now()
            translations = {lang: texts.copy() for lang, texts in self.translations.items()}

        def put_back() -> None:
            with self.lock:
                for table in tables:
                    table()
                self._sequences = sequences.copy()
                self.translations = {lang: texts.copy() for lang, texts in translations.items()}
                self.clock.set(now)

        return put_back

    def translated(self, lang: str | None, model: str, name: str) -> bool:
        """Whether any record of a model has this field in this language."""
        return any(key[:2] == (model, name) for key in self.translations.get(lang or "", ()))

    def value(self, model: str, record_id: int | None, name: str) -> Value:
        """One stored value; None if there is no such record."""
        return None if record_id is None else self.tables[model].value(record_id, name)

    def next_name(self, model: str, prefix: str, digits: int = 5) -> str:
        """The next name of a sequence: a prefix and some digits. As in PostgreSQL, a number is never given twice.

        What follows a dash tells the parts of one number apart.
        """
        last = self._sequences.get((model, prefix))
        if last is None:
            table = self.tables[model]
            names = (table.value(record_id, "name") or "" for record_id in table.ids)
            numbers = (name.removeprefix(prefix).split("-")[0] for name in names if name.startswith(prefix))
            last = max((int(number) for number in numbers if number.isdecimal() and len(number) >= digits), default=0)
        self._sequences[model, prefix] = last + 1
        return f"{prefix}{last + 1:0{digits}d}"
