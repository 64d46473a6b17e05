"""Orders in quarantine (`import_failures`): each entry holds the line of the list, which the next attempt needs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from blocks.tiny import Record
from flows.run import quarantine
from flows.run.quarantine import Rejected
from flows.tiny_os.listed import WantedOrder, line_hash
from flows.tiny_os.statements import QUARANTINE


def keep_aside(connection: Connection, order_ids: Sequence[int], rejected: Iterable[Rejected]) -> None:
    """Put rejected orders into quarantine, and resolve the failures of the orders with these ids, which were read."""
    rejected = list(rejected)
    quarantine.put(connection, QUARANTINE, rejected)
    quarantine.resolve(connection, QUARANTINE, order_ids, rejected)


def reject(wanted: WantedOrder, reason: str, detail: Record | None) -> Rejected:
    """The quarantine's entry of an order that cannot be read or stored; `detail` is None if Tiny gave none."""
    listed = wanted.listed
    payload = {
        "item": listed.record if listed else None,
        "detalhe": detail,
        "hash_lista": listed.hash if listed else None,
    }
    return Rejected(wanted.id, wanted.id, listed.number if listed else None, reason, payload)


def reject_line(order_id: int, record: Record, error: ValueError) -> Rejected:
    """The quarantine's entry of a line of the list that cannot be read."""
    entry = reject(WantedOrder(order_id), str(error), None)
    return replace(entry, payload={**entry.payload, "item": record, "hash_lista": line_hash(record)})
