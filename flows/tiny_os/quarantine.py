"""Orders that cannot be read or stored: kept aside with what the list said of them, for the next attempt."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from blocks.tiny import Record
from flows.run import quarantine
from flows.run.quarantine import Rejected
from flows.tiny_os.listed import Pedido, item_hash
from flows.tiny_os.statements import QUARANTINE


def keep_aside(connection: Connection, good: Sequence[int], bad: Iterable[Rejected]) -> None:
    """Put the bad orders into quarantine and take the good ones out of it."""
    bad = list(bad)
    quarantine.put(connection, QUARANTINE, bad)
    quarantine.resolve(connection, QUARANTINE, good, bad)


def rejected(asked: Pedido, reason: str, detail: Record | None) -> Rejected:
    """The quarantine's entry of an order; its line of the list goes along, for the next attempt."""
    item = asked.item
    payload = {"item": item.bruto if item else None, "detalhe": detail, "hash_lista": item.hash if item else None}
    return Rejected(asked.id, asked.id, item.numero if item else None, reason, payload)


def unreadable(number: int, record: Record, error: ValueError) -> Rejected:
    """The quarantine's entry of a line of the list that cannot be read."""
    entry = rejected(Pedido(number), str(error), None)
    return replace(entry, payload={**entry.payload, "item": record, "hash_lista": item_hash(record)})
