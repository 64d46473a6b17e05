"""Pages of records: smaller ones where the server cannot give as many; without the record that spoils one."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from blocks.odoo.connection import Connection
from blocks.odoo.errors import AccessError, Fault, OdooError, UnexpectedAnswer, UnreadableRecord
from blocks.odoo.protocols import Call
from blocks.odoo.records import CONTEXT, BadField, Record, normalised

MOST_IN_VAIN = 20
"""If so many records one after the other cannot be read, and none can, it is not the records that are to blame."""

Item = TypeVar("Item")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """What was read, by id; ids that do not exist are in neither."""

    records: dict[int, Record] = field(default_factory=dict)
    unreadable: dict[int, UnreadableRecord] = field(default_factory=dict)

    def whole(self) -> dict[int, Record]:
        """The records, if all could be read.

        Raises:
            UnreadableRecord: one could not.
        """
        for error in self.unreadable.values():
            raise error
        return self.records


@dataclass(frozen=True)
class Wanted:
    """What is read of the records of a model: fields with their types by name, and whether many2ones have labels."""

    model: str
    fields: Sequence[str]
    types: Mapping[str, str]
    labels: bool

    @property
    def load(self) -> dict[str, Any]:
        """The `load` argument: `''` gives a many2one as its id, without the costly label (docs/odoo.md, "Speed")."""
        return {} if self.labels else {"load": ""}


class Pager:
    """Asks for pages of records over one connection. Thread-safe. `page_size` is the number of records per page."""

    def __init__(self, connection: Connection, place: str, page_size: int) -> None:
        self.page_size = page_size
        self._connection = connection
        self._place = place
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {}

    def page(self, model: str, ask: Callable[[int], Call], most: int) -> tuple[int, list[Any]]:
        """One page of at most `most` rows, and the page size that was asked for.

        If the connection drops but the server still answers a cheap call, the page was too big (docs/odoo.md, "Dropped
        connections"): it is halved, down to one row, and the model keeps the smaller size. If the server does not
        answer the cheap call either, that error is raised.
        """
        while True:
            size = min(self._sizes.get(model, most), most)
            call = ask(size)
            try:
                rows = self._connection.execute(call.within(CONTEXT), halvable=size > 1)
            except OdooError as error:
                if size == 1 or not error.page_too_big:
                    raise
                logger.warning("%s Página de %s reduzida de %d para %d.", error, model, size, size // 2)
                self._connection.ping()
                self._shrink(model, size // 2)
            else:
                if not isinstance(rows, list):
                    raise self.unexpected(model, call.method, "uma lista")
                return size, rows

    def ids(self, model: str, ask: Callable[[int], Call], most: int) -> tuple[int, list[int]]:
        """Like `page`, for a call that gives ids."""
        size, rows = self.page(model, ask, most)
        return size, self._all_ids(model, rows)

    def _all_ids(self, model: str, rows: Iterable[Any]) -> list[int]:
        """The rows of a search.

        Raises:
            UnexpectedAnswer: one of them is no id.
        """
        ids = list(rows)
        if not all(type(each) is int for each in ids):
            raise self.unexpected(model, "search", "uma lista de ids")
        return ids

    def batches(self, model: str, ids: Collection[int], ask: Callable[[list[int]], Call]) -> Iterator[Any]:
        """The rows that a call gives for the ids, sorted and each once, asked page by page."""
        left = sorted(set(ids))

        def first(size: int) -> Call:
            return ask(left[:size])

        while left:
            size, rows = self.page(model, first, min(self.page_size, len(left)))
            yield from rows
            left = left[size:]

    def read(self, wanted: Wanted, ids: Collection[int]) -> Found:
        """The records of these ids; those that cannot be read apart, each found by halving what was asked for.

        Ids that are left out of the answer must not exist: those that a search finds are read again.

        Raises:
            UnexpectedAnswer: the server finds records that it does not read.
        """
        found = Found()
        self._read_into(found, wanted, ids)
        if left := set(ids) - found.records.keys() - found.unreadable.keys():
            exist = left & self.existing(wanted.model, left)
            self._read_into(found, wanted, exist)
            if exist - found.records.keys() - found.unreadable.keys():
                raise self.unexpected(wanted.model, "read", "todos os registros que existem")
        return found

    def existing(self, model: str, ids: Collection[int]) -> set[int]:
        """The `ids` that exist, archived or not. A search that fails raises: it never means that an id is gone."""
        found = self.batches(model, ids, lambda batch: Call(model, "search", ([("id", "in", batch)],), {"order": "id"}))
        return set(self._all_ids(model, found))

    def _read_into(self, found: Found, wanted: Wanted, ids: Collection[int]) -> None:
        left = sorted(set(ids))
        for start in range(0, len(left), self.page_size):
            some = left[start : start + self.page_size]
            try:
                self._read(wanted, some, found)
            except OdooError as error:
                self.demand_about_a_record(wanted.model, error)
                for key, refusal in by_halves(some, lambda part: self._read(wanted, part, found)).items():
                    found.unreadable[key] = self._examined(wanted, key, refusal)

    def take(self, wanted: Wanted, rows: Sequence[Any], found: Found) -> None:
        """Add rows to what was found.

        Raises:
            UnexpectedAnswer: a row is no record with an id.
        """
        for row in rows:
            if not isinstance(row, dict) or type(row.get("id")) is not int:
                raise self.unexpected(wanted.model, "read", "registros com id")
            key = row["id"]
            try:
                found.records[key] = normalised(row, wanted.types, labels=wanted.labels)
                if absent := [name for name in wanted.fields if name not in row]:
                    raise BadField(", ".join(absent), "o servidor não o devolveu", found.records.pop(key))
            except BadField as error:
                found.unreadable[key] = _unreadable(wanted.model, key, error.field, error.told, error.known)

    def unexpected(self, model: str, method: str, what: str) -> UnexpectedAnswer:
        """The error for an answer that is not what the method gives."""
        return UnexpectedAnswer(f"{self._place} não respondeu {model}.{method} com {what}.", spoilt=True)

    def _read(self, wanted: Wanted, ids: list[int], found: Found) -> None:
        names = list(wanted.fields)
        rows = list(
            self.batches(wanted.model, ids, lambda part: Call(wanted.model, "read", (part, names), wanted.load))
        )
        asked = set(ids)
        if any(isinstance(row, dict) and row.get("id") not in asked for row in rows):
            raise self.unexpected(wanted.model, "read", "os registros pedidos")
        self.take(wanted, rows, found)

    def demand_about_a_record(self, model: str, error: OdooError) -> None:
        """Check that a failed read may be about one record, and that the model as such can be searched.

        Raises:
            OdooError: it is about more than a record.
        """
        if not _about_a_record(error):
            raise error
        logger.warning("%s Procurando em %s o registro que não pode ser lido.", error, model)
        self._connection.execute(Call(model, "search", ([],), {"limit": 1, "order": "id"}).within(CONTEXT))

    def _examined(self, wanted: Wanted, key: int, refusal: OdooError) -> UnreadableRecord:
        """Why a record cannot be read: which of its fields, unless it is all, or none by itself; and the others."""
        rest = Found()

        def read(names: list[str]) -> None:
            part = Found()
            self._read(replace(wanted, fields=names), [key], part)
            rest.records[key] = rest.records.get(key, {}) | part.records.get(key, {})

        try:
            self._read(replace(wanted, fields=["write_date"]), [key], Found())
            culprits = by_halves(wanted.fields, read)
        except OdooError as error:
            if not _about_a_record(error):
                raise
            culprits = {}
        return _unreadable(wanted.model, key, ", ".join(culprits), str(refusal), rest.records.get(key, {}))

    def _shrink(self, model: str, size: int) -> None:
        with self._lock:
            self._sizes[model] = min(size, self._sizes.get(model, size))


def by_halves(items: Sequence[Item], read: Callable[[list[Item]], None]) -> dict[Item, OdooError]:
    """Read all items; where that fails, each half by itself, down to single items. Those that fail, with the error.

    Raises:
        OdooError: it is not about one item, or the first `MOST_IN_VAIN` fail and none was read.
    """
    refused: dict[Item, OdooError] = {}
    done = False
    waiting = [list(items)]
    while waiting:
        some = waiting.pop()
        try:
            read(some)
            done = True
        except OdooError as error:
            if not _about_a_record(error):
                raise
            if len(some) > 1:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
                continue
            refused[some[0]] = error
            if not done and len(refused) == MOST_IN_VAIN:
                raise
    return refused


def _unreadable(model: str, key: int, field: str, told: str, known: Record) -> UnreadableRecord:
    where = f"o campo {field} de {model} {key}" if field else f"{model} {key}"
    message = f"Não foi possível ler do Odoo {where}: {told}"
    return UnreadableRecord(message, model=model, record=key, field=field, known=known)


def _about_a_record(error: OdooError) -> bool:
    """Whether one record may be why a call for several has failed."""
    return isinstance(error, AccessError | Fault) or (isinstance(error, UnexpectedAnswer) and error.spoilt)
