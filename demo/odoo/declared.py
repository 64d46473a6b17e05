"""What a model declares besides its fields: defaults, buttons, and what else writing or deleting its records does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from demo.odoo.environment import Environment
from demo.odoo.faults import UserError
from demo.odoo.moments import DAY, SECONDS
from demo.odoo.records import Record, plain

Values = Mapping[str, Any]
Effect = Callable[[Record], None]
Drawn = Callable[[Environment, Values], Any]  # a value that depends on the moment, the user or what else is given


@dataclass(frozen=True)
class Action:
    """A button: the states it is for, what it checks, what it writes, and what else it does before and after.

    Records in other states are left alone, or all of them are refused if there is a text for that.
    """

    writes: Values | Callable[[Record], Values] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    refusal: str = ""
    check: Effect | None = None
    before: Effect | None = None
    after: Effect | None = None
    answer: Any = True


@dataclass(frozen=True)
class Model:
    """The rules of one model; whatever is missing does nothing. `values` are as clients send them.

    `defaults` are values by field, functions that give one, or one function that gives all of them.

    `written` gets the values that were written and those that were there before.
    """

    name: str
    defaults: Values | Callable[[Environment, Values], Values] = field(default_factory=dict)
    numbered: Drawn | None = None  # the name of a record that comes without one
    rounded: frozenset[str] = frozenset()  # fields of two decimals
    created: Callable[[Record, Values], None] | None = None
    writing: Callable[[Sequence[Record], Values], None] | None = None
    written: Callable[[Record, Values, Values], None] | None = None
    unlinking: Callable[[Sequence[Record]], None] | None = None
    actions: Mapping[str, Action] = field(default_factory=dict)


def now(env: Environment, values: Values) -> str:
    """The present second."""
    return env.now[:SECONDS]


def today(env: Environment, values: Values) -> str:
    """The present day."""
    return env.now[:DAY]


def user(env: Environment, values: Values) -> int:
    """Who makes the record."""
    return env.user.id


def of_product(name: str) -> Drawn:
    """A field of the record's product."""
    return lambda env, values: plain(getattr(env.record("product.product", values.get("product_id") or None), name))


DRAFT: Final = {"state": "draft", "company_id": 1}  # what most documents begin as

MODELS: Final[dict[str, Model]] = {}


def declare(*models: Model) -> None:
    """Make models behave as they say."""
    MODELS.update({model.name: model for model in models})


def only_in(states: Iterable[str], refusal: str) -> Callable[[Sequence[Record]], None]:
    """A check that records are in one of these states."""
    allowed = frozenset(states)

    def check(records: Sequence[Record]) -> None:
        if any(record.state not in allowed for record in records):
            raise UserError(refusal)

    return check
