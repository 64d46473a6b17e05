"""Lines of Tiny's list (docs/tiny.md, "The list"): what is read of one, and the hash that tells a change. Pure.

A line that cannot be read raises ValueError with the value in its message.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from blocks.tiny import Record, identifier, status, text

LONGEST_MARKER = 255
"""Letters of a marker at most: its column holds no more."""
_WATCHED = ("data", "dataPrevista", "valor", "numeroOrdemServico", "cliente")
"""The fields that go into the hash besides status and markers."""
_NO_DATE = "0000-00-00"


@dataclass(frozen=True)
class ListedOrder:
    """An order as a line of the list shows it.

    Attributes:
        id: the order's.
        status: 0 to 7.
        number: by which people know the order.
        markers: each once, sorted; None if the line has no list of markers.
        hash: the line's, as `line_hash` computes it.
        record: the line as Tiny gave it.
    """

    id: int
    status: int
    number: str | None
    markers: tuple[str, ...] | None
    hash: str
    record: Record


@dataclass(frozen=True)
class WantedOrder:
    """An order whose detail is to be read.

    Attributes:
        id: the order's.
        listed: its line of the list; None if it was not listed, and its markers then stay as they are stored.
    """

    id: int
    listed: ListedOrder | None = None


def listed_order(record: Record) -> ListedOrder:
    """Read a line of the list.

    Raises:
        ValueError: id, status or markers cannot be read.
    """
    return ListedOrder(
        id_of(record),
        status(record.get("situacao")),
        text(record.get("numeroOrdemServico")),
        _markers(record.get("marcadores")),
        line_hash(record),
        record,
    )


def id_of(record: Record) -> int:
    """The id of the order that a line of the list or a detail is about.

    Raises:
        ValueError: there is none.
    """
    found = identifier(record.get("id"))
    if found is None:
        raise ValueError(f"Ordem sem id: {record.get('id')!r}")
    return found


def line_hash(record: Record) -> str:
    """A hash of the fields of a line in which a change of the order shows.

    Values that mean the same have the same hash: `""`, `0000-00-00` and null, or `3` and `3 - Finalizada`.
    """
    markers = record.get("marcadores") or ()
    watched = {
        "situacao": str(record.get("situacao")).partition("-")[0].strip(),
        "marcadores": sorted(json.dumps(_without_empty(each), sort_keys=True) for each in _list(markers)),
        **{name: _without_empty(record.get(name)) for name in _WATCHED},
    }
    return hashlib.sha256(json.dumps(watched, sort_keys=True).encode()).hexdigest()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _markers(value: Any) -> tuple[str, ...] | None:
    """The markers, each once and sorted; None if the line has no list of them."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError(f"Marcadores do Tiny inválidos: {value!r} (esperada uma lista)")
    names = {text(each.get("descricao") if isinstance(each, dict) else each) for each in value}
    if too_long := [name for name in names if name and len(name) > LONGEST_MARKER]:
        raise ValueError(f"Marcador do Tiny com mais de {LONGEST_MARKER} letras: {too_long[0][:60]!r}")
    return tuple(sorted(name for name in names if name))


def _without_empty(value: Any) -> Any:
    """A value without the fields that are empty; None if it is empty itself."""
    if isinstance(value, dict):
        return {name: kept for name, each in value.items() if (kept := _without_empty(each)) is not None}
    if isinstance(value, str):
        return None if not value.strip() or value.startswith(_NO_DATE) else value.strip()
    return value
