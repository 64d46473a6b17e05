"""What follows from written rows, in their transaction: each step one statement for all documents of a batch.

The statements get the documents' ids as `documentos`, and the settings by name.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco import Target, about, execute, merge, stage_query, update
from flows.run.counts import Counts
from flows.sync.grouped import Grouped, group

_CHANGED = re.compile(r"\b(?:UPDATE|INSERT INTO|DELETE FROM) ([\w.]+)")


@dataclass(frozen=True)
class Prepare:
    """A temporary table that later steps read; a second one of its name replaces it.

    Attributes:
        table: its name.
        query: fills it.
        all_follow: every later step follows from its rows alone: without any, none is taken.
    """

    table: str
    query: str
    all_follow: bool = False


@dataclass(frozen=True)
class Effect:
    """A statement that changes rows.

    Attributes:
        told: what operators call the rows, a noun; how many were changed is counted under it.
        statement: changes those that are not right already.
    """

    told: str
    statement: str

    @property
    def table(self) -> str:
        """The table whose rows it changes."""
        found = _CHANGED.search(self.statement)
        return found[1] if found else self.told


@dataclass(frozen=True)
class Derived:
    """Rows that a query gives, upserted into a table.

    Attributes:
        told: what operators call the rows; those that are new or changed are counted under it.
        target: the table.
        query: gives all rows that follow from the documents.
    """

    told: str
    target: Target
    query: str


@dataclass(frozen=True)
class Check:
    """A query whose rows operators are warned of: `told` says what they are and what to do about them."""

    told: str
    query: str


@dataclass(frozen=True)
class Computed:
    """Columns of rows that are there, as a query gives them; a number that does not fit is told with its column.

    Attributes:
        told: what operators call the rows; those that are changed are counted under it.
        target: the table, the key of its rows and the columns.
        query: gives key and columns of all rows that follow from the documents.
    """

    told: str
    target: Target
    query: str


FollowUp = Prepare | Effect | Derived | Grouped | Computed | Check


def follow(connection: Connection, steps: Iterable[FollowUp], **parameters: Any) -> Counts:
    """Take the steps in their order; what they did and found.

    Raises:
        BancoRejected: a value that follows from the documents does not fit; its table stands in the message.
    """
    effects, warnings, rejected = Counter[str](), Counter[str](), 0
    for step in steps:
        if isinstance(step, Prepare):
            create = sql.SQL("DROP TABLE IF EXISTS pg_temp.{0};\nCREATE TEMP TABLE {0} ON COMMIT DROP AS\n{1}")
            rows = execute(connection, create.format(sql.Identifier(step.table), sql.SQL(step.query)), **parameters)
            if step.all_follow and not rows:
                break
        elif isinstance(step, Derived):
            stage_query(connection, step.target, step.query, **parameters)
            written = merge(connection, step.target)
            effects[step.told] += written.novos + written.atualizados
        elif isinstance(step, Grouped):
            changed, contested = group(connection, step, **parameters)
            effects[step.told] += changed
            rejected += contested
        elif isinstance(step, Computed):
            stage_query(connection, step.target, step.query, **parameters)
            effects[step.told] += update(connection, step.target)
        elif isinstance(step, Effect):
            with about(step.table):
                effects[step.told] += execute(connection, step.statement, **parameters)
        else:
            warnings[step.told] += execute(connection, step.query, **parameters)
    return Counts(rejeitados=rejected, efeitos=dict(effects), avisos=dict(warnings))
