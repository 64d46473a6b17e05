"""The lines of Tiny's list: what is read of them, and what of them means that an order changed. Pure."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from blocks.tiny import Record, identifier, status, text

LONGEST_MARKER = 255
_WATCHED = ("data", "dataPrevista", "valor", "numeroOrdemServico", "cliente")
_NO_DATE = "0000-00-00"


@dataclass(frozen=True)
class Item:
    """A line of the list: what is read of it, a hash of all that a change shows in, and the line as it came."""

    id: int
    situacao: int
    numero: str | None
    marcadores: tuple[str, ...] | None
    hash: str
    bruto: Record


@dataclass(frozen=True)
class Pedido:
    """An order to be read; without a line of the list its markers stay as they are known."""

    id: int
    item: Item | None = None


def listed(record: Record) -> Item:
    """A line of the list.

    Raises:
        ValueError: id, status or markers cannot be read.
    """
    return Item(
        listed_id(record),
        status(record.get("situacao")),
        text(record.get("numeroOrdemServico")),
        _markers(record.get("marcadores")),
        item_hash(record),
        record,
    )


def listed_id(record: Record) -> int:
    """The id of a line of the list.

    Raises:
        ValueError: it has none.
    """
    found = identifier(record.get("id"))
    if found is None:
        raise ValueError(f"Ordem sem id: {record.get('id')!r}")
    return found


def item_hash(record: Record) -> str:
    """What of a line of the list means a change, however it is spelled: an empty value is as good as none."""
    markers = record.get("marcadores")
    told = {
        "situacao": str(record.get("situacao")).partition("-")[0].strip(),
        "marcadores": sorted(json.dumps(_told(each), sort_keys=True) for each in markers or ()),
        **{name: _told(record.get(name)) for name in _WATCHED},
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _markers(told: Any) -> tuple[str, ...] | None:
    """The markers, each once and in order; None where the line does not tell any list."""
    if told is None:
        return None
    if not isinstance(told, list):
        raise ValueError(f"Marcadores do Tiny inválidos: {told!r} (esperada uma lista)")
    names = {text(each.get("descricao") if isinstance(each, dict) else each) for each in told}
    if too_long := [name for name in names if name and len(name) > LONGEST_MARKER]:
        raise ValueError(f"Marcador do Tiny com mais de {LONGEST_MARKER} letras: {too_long[0][:60]!r}")
    return tuple(sorted(name for name in names if name))


def _told(value: Any) -> Any:
    """A value without what is empty in it."""
    if isinstance(value, dict):
        return {name: kept for name, each in value.items() if (kept := _told(each)) is not None}
    if isinstance(value, str):
        return None if not value.strip() or value.startswith(_NO_DATE) else value.strip()
    return value
