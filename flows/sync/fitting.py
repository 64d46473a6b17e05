"""Documents of which something does not fit a table: found among the others, and kept aside whole."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from blocks.banco import BancoRejected, by_halves, values_named
from flows.run.counts import Counts

Item = TypeVar("Item")


def store_fitting(
    connection: Connection,
    items: Sequence[Item],
    attempt: Callable[[Sequence[Item]], Counts],
    keep_aside: Callable[[Item, str], Counts],
) -> Counts:
    """Store the documents of which everything fits; of the others nothing is written, and they are kept aside.

    Args:
        connection: in the transaction of the batch.
        items: the documents.
        attempt: stores some of them; all that it writes is undone if it raises.
        keep_aside: puts one into quarantine, given the reason.

    Raises:
        BancoError: anything but a value that does not fit.
    """
    done, refused = by_halves(connection, items, attempt)
    counts = sum(done, Counts())
    for index in refused:
        try:
            with connection.begin_nested(), values_named():
                counts += attempt([items[index]])
        except BancoRejected as error:
            counts += keep_aside(items[index], f"Nada do documento foi gravado: o que resulta dele não cabe. {error}")
    return counts
