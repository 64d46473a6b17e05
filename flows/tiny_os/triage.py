"""Which listed orders have to be read: those that are not stored, and those whose line of the list changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from flows.run.counts import Counts
from flows.run.writer import Writer
from flows.tiny_os.listed import ListedOrder, WantedOrder
from flows.tiny_os.listing import Listing
from flows.tiny_os.quarantine import keep_aside
from flows.tiny_os.statements import DOMAIN, QUARANTINE, TINY

ASIDE = "em quarentena, sem mudança: tiny-falhas tenta de novo"
UNNAMED = "linha da lista sem id"


@dataclass(frozen=True)
class StoredOrder:
    """What is stored of an order.

    Attributes:
        status: 0 to 7.
        hash: of the line of the list with which it was stored; None if it was not listed then.
        deleted: whether it is marked as deleted in Tiny.
        read: the number of the read (`begin_read`) that told of it last; 0 if none is known.
    """

    status: int
    hash: str | None
    deleted: bool
    read: int


@dataclass(frozen=True)
class Triage:
    """What has to be done with the orders of a list.

    Attributes:
        stored: the stored orders by id: the listed ones, or all.
        to_read: orders whose detail has to be read, the newest first.
        changed: those of them that are stored, and whose line of the list is another than the stored one.
        aside: ids of orders in quarantine whose line has not changed since: they are left to `tiny-falhas`.
    """

    stored: dict[int, StoredOrder]
    to_read: tuple[WantedOrder, ...]
    changed: tuple[ListedOrder, ...]
    aside: frozenset[int]


def triage(engine: Engine, listing: Listing, *, whole: bool = False, again: bool = False) -> Triage:
    """Compare a list with what is stored of its orders.

    Args:
        engine: the database.
        listing: what Tiny showed.
        whole: load all stored orders, not only the listed ones.
        again: read all listed orders, whatever is stored or in quarantine.
    """
    ids = sorted(listing.shown)
    with transaction(engine) as connection:
        rows = fetch(connection, TINY["conhecidas"], ids=None if whole else ids)
        kept = dict(fetch(connection, TINY["em_quarentena"], entidade=QUARANTINE, ids=ids))
    stored = {order_id: StoredOrder(*values) for order_id, *values in rows}
    hashes = {order_id: each.hash for order_id, each in listing.items.items()}
    hashes |= {order_id: str(each.payload["hash_lista"]) for order_id, each in listing.rejected.items()}
    asked = listing.items.keys() if again else set()
    aside = frozenset(order_id for order_id, kept_hash in kept.items() if kept_hash == hashes[order_id]) - asked
    to_read = [each for each in listing.items.values() if each.id not in aside and (again or _differs(each, stored))]
    newest = sorted(to_read, key=lambda each: each.id, reverse=True)
    return Triage(
        stored,
        tuple(WantedOrder(each.id, each) for each in newest),
        tuple(each for each in newest if each.id in stored and stored[each.id].hash != each.hash),
        aside,
    )


def keep_unreadable(writer: Writer, listing: Listing, found: Triage) -> Counts:
    """Put the lines that could not be read into quarantine; the counts of all lines whose detail is not to be read."""
    fresh = [each for order_id, each in listing.rejected.items() if order_id not in found.aside]
    if fresh:
        with writer.transaction(DOMAIN) as connection:
            keep_aside(connection, (), fresh)
    aside = len(found.aside)
    same = listing.lines - listing.without_id - len(found.to_read) - len(fresh) - aside
    reasons = {ASIDE: aside, UNNAMED: listing.without_id}
    return Counts(
        lidos=listing.lines,
        inalterados=same,
        rejeitados=len(fresh),
        ignorados=aside + listing.without_id,
        motivos={reason: quantity for reason, quantity in reasons.items() if quantity},
    )


def oldest_checked(engine: Engine, listing: Listing, out: Sequence[WantedOrder], most: int) -> list[WantedOrder]:
    """At most so many orders whose detail was read longest ago; none of `out`, and none in quarantine."""
    with transaction(engine) as connection:
        rows = fetch(
            connection,
            TINY["revisitar"],
            fora=[each.id for each in out],
            entidade=QUARANTINE,
            quantas=most,
        )
    return [WantedOrder(order_id, listing.items.get(order_id)) for (order_id,) in rows]


def _differs(listed: ListedOrder, stored: dict[int, StoredOrder]) -> bool:
    """Whether the detail of a listed order has to be read.

    The status is compared besides the hash: a detail that was read later than the list may have stored another one.
    """
    known = stored.get(listed.id)
    return known is None or known.deleted or (known.hash, known.status) != (listed.hash, listed.status)
