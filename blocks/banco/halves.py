"""How the few items that the database refuses are found among many."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from blocks.banco.errors import BancoRejected

Item = TypeVar("Item")
Done = TypeVar("Done")


def by_halves(
    connection: Connection, items: Sequence[Item], work: Callable[[Sequence[Item]], Done]
) -> tuple[list[Done], dict[int, BancoRejected]]:
    """Do `work` with the items that the database accepts: its outcomes, and the errors of the others by index.

    Optimistic: with all at once, and only if that is refused by halves, so that k bad items among n cost about k·log n
    attempts and good ones nothing. What an attempt that is refused has written is undone; the transaction goes on.

    Raises:
        BancoError: anything but a refused value.
    """
    try:
        with connection.begin_nested():
            return [work(items)], {}
    except BancoRejected as error:
        if not items:
            raise
        if len(items) == 1:
            return [], {0: error}
    half = len(items) // 2
    done, refused = by_halves(connection, items[:half], work)
    more, refused_too = by_halves(connection, items[half:], work)
    return done + more, refused | {half + index: error for index, error in refused_too.items()}
