"""How an entity's documents are added up, in the source and here, so that the two can be compared.

Declared in the entity's own file. Paths are those of its declaration (`linhas.produto.tipo`, `situacao`); columns are
those of its target.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.odoo import Model, Record
from flows.settings import Settings

Condition = tuple[tuple[str, str, Any], ...]
"""Conditions of Odoo on paths, all of which hold."""


@dataclass(frozen=True)
class Measure:
    """A number of a line that is summed.

    Attributes:
        told: what operators call it.
        path: where the source has it.
        column: where we have it.
    """

    told: str
    path: str
    column: str


@dataclass(frozen=True)
class Cut:
    """Something by which totals are told apart, such as the state of the documents.

    Attributes:
        told: what operators call it.
        fields: the path of each value in the source, with the name under which the line itself stores it where a
            server cannot group by a path.
        said: the values (None: the source has none) as our column says them. Pure.
        column: SQL of our value, on a row `t`.
    """

    told: str
    fields: tuple[tuple[str, str], ...]
    said: Callable[[Sequence[Any]], str]
    column: str


@dataclass(frozen=True)
class Rule:
    """A rule by which lines of the source are no rows here.

    Attributes:
        reason: why, in the operators' words.
        kept: what holds of the lines that are rows. Of several conditions the first counts whose fields the server
            has; if it has those of none, the rule does not apply.
    """

    reason: str
    kept: tuple[Condition, ...]


@dataclass(frozen=True)
class Refused:
    """A rule that no condition of Odoo can say: it depends on related records, which are looked up and tested.

    Attributes:
        reason: why their lines are no rows, in the operators' words.
        path: where a document has the record.
        model: what is read of it.
        field: our name of a field by which candidates are searched.
        like: patterns one of which the field of a candidate matches.
        test: whether a record's documents are no rows. Pure.
    """

    reason: str
    path: str
    model: Model
    field: str
    like: Callable[[Settings], Sequence[str]]
    test: Callable[[Record, Settings], bool]


@dataclass(frozen=True)
class Party:
    """Whose a document is, so that a partner that was merged into another by SQL is seen.

    Attributes:
        path: where a document has the partner.
        model: what is read of it.
        columns: what our rows say of it.
        key: the same, of the partner as it was read. Pure; may raise ValueError.
        unless: a path; a server that has its field says there what our columns hold, and partners tell nothing.
    """

    path: str
    model: Model
    columns: tuple[str, ...]
    key: Callable[[Record], tuple[Any, ...]]
    unless: str | None = None


@dataclass(frozen=True)
class Totals:
    """How the documents of an entity are added up.

    Attributes:
        day: the path of the document's date, which says its month; a datetime counts in São Paulo.
        column: SQL of the same day, on a row `t`.
        measures: what is summed.
        cuts: what tells the totals apart, besides the month.
        rules: by which lines are no rows, in the order in which they are applied.
        refused: further such rules.
        party: whose a document is; None: it is not compared.
        summed: columns that the rows made of lines (`Grouped`) sum up, checked against the lines.
        dormant: what holds of lines whose row may be inactive although they are meant to be rows.
    """

    day: str
    column: str
    measures: tuple[Measure, ...] = ()
    cuts: tuple[Cut, ...] = ()
    rules: tuple[Rule, ...] = ()
    refused: tuple[Refused, ...] = ()
    party: Party | None = None
    summed: tuple[str, ...] = ()
    dormant: Condition = field(default=())


def only(reason: str, *leaf: Any) -> Rule:
    """The rule that one condition says."""
    return Rule(reason, ((tuple(leaf),),))


def said_as(names: Callable[[Any], str]) -> Callable[[Sequence[Any]], str]:
    """How a cut with one field says its value."""
    return lambda values: names(values[0])


CURRENCY = Cut("moeda", (("moeda", "currency_id"),), said_as(lambda value: str(value or "")), "coalesce(t.moeda, '')")
"""The currency of a document, of which amounts are only summed with their like."""
