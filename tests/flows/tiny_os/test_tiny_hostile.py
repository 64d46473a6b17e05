"""A value that no order should have, in any place of a detail or of a line of the list, spoils no other order."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from blocks.banco import transaction
from blocks.tiny import Record
from flows.tiny_os.listed import ListedOrder, WantedOrder, listed_order
from flows.tiny_os.listing import _listing
from flows.tiny_os.quarantine import keep_aside
from flows.tiny_os.store import ReadOrder
from tests.flows.tiny_os.test_tiny_mapping import detail, line
from tests.flows.tiny_os.test_tiny_store import NOW, READS, put, rows

VALUES = {
    "missing": None,
    "no number": float("nan"),
    "infinite": float("inf"),
    "huge": 1e300,
    "beyond 64 bits": 10**30,
    "negative": -1,
    "empty": "",
    "long": "x" * 5000,
    "NUL": "a\0b",
    "half an emoji": "\ud83d",
    "true": True,
    "a list": [1],
    "an object": {"id": "x"},
    "the last day": "9999-12-31",
    "the first day": "0001-01-01 00:00:00",
    "no day": "0000-00-00",
    "a percentage beyond measure": "1e500%",
}
FULL = {
    "desconto": "15%",
    "categoria": {"id": 3, "descricao": "Instalação"},
    "formaRecebimento": {"id": 4, "nome": "Pix"},
    "vendedor": {"id": 9},
    "totalPecas": "10.50",
}
Path = tuple[Any, ...]


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """The places of all values within a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield (*at, name)
        yield from paths(each, (*at, name))


def with_value(record: Record, path: Path, value: Any) -> Record:
    changed = copy.deepcopy(record)
    place: Any = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_detail_with_a_hostile_value_is_stored_or_kept_aside_and_all_others_are_stored(
    banco: Engine, value: Any
) -> None:
    good, bad = [1, 2], {}
    for number, path in enumerate(paths(detail(**FULL)), start=10):
        if path != ("id",):
            bad[number] = with_value(detail(id=number, **FULL), path, value)
    orders = [*((number, detail(id=number)) for number in good), *bad.items()]
    wanted = [(WantedOrder(number, listed_order(line(id=number))), each) for number, each in orders]
    put(banco, *(ReadOrder(one, next(READS), each) for one, each in wanted))
    stored = {number for (number,) in rows(banco, "SELECT id FROM tiny.ordens_servico")}
    kept = {number for (number,) in rows(banco, "SELECT documento_id FROM import_failures")}
    assert stored | kept == {*good, *bad}
    assert not stored & kept
    assert stored >= set(good)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_line_of_the_list_with_a_hostile_value_is_read_or_kept_aside(banco: Engine, value: Any) -> None:
    lines = {
        number: with_value(line(id=number), path, value)
        for number, path in enumerate(paths(line()), start=10)
        if path != ("id",)
    }
    listing = _listing(NOW, [line(id=1), *lines.values()], ())
    assert listing.shown == {1, *lines}
    put(banco, *(_read(each) for each in listing.items.values()))
    with transaction(banco) as connection:
        keep_aside(connection, (), listing.rejected.values())
    stored = {number for (number,) in rows(banco, "SELECT id FROM tiny.ordens_servico")}
    kept = {number for (number,) in rows(banco, "SELECT documento_id FROM import_failures")}
    assert stored | kept == {1, *lines}
    assert 1 in stored


def _read(listed: ListedOrder) -> ReadOrder:
    return ReadOrder(WantedOrder(listed.id, listed), next(READS), detail(id=listed.id))
