"""What one condition of a domain says about a stored value, as the SQL that Odoo makes of it does."""

import re
from collections.abc import Callable, Container
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any, Final

from demo.odoo import moments
from demo.odoo.fields import Field

Test = Callable[[Any], bool]

_COMPARISONS: Final = {"<": lt, ">": gt, "<=": le, ">=": ge}


def test(field: Field, operator: str, value: Any) -> Test:
    """The test of a stored value of this field; ids in `value` are resolved already where the field is relational."""
    if field.many:
        return _overlap(operator, value)
    if operator in _COMPARISONS:
        return _comparison(operator, operand(field, value))
    if "like" in operator:
        return _pattern(operator, value)
    members = value if operator in ("in", "not in") else [value]
    if isinstance(members, bool) or members is None:
        members = [members]
    empty = any(member is False or member is None for member in members)
    wanted: Container[Any] = frozenset(
        operand(field, member) for member in members if member is not None and member is not False
    )
    if field.type == "boolean":
        return _boolean(operator, wanted, empty)
    # A condition that excludes values keeps the records without one, unless it names that case itself.
    if operator in ("!=", "not in"):
        return lambda stored: stored not in wanted if stored is not None else not empty
    return lambda stored: stored in wanted if stored is not None else empty


def operand(field: Field, value: Any) -> Any:
    """A value of a domain in the form that this field's values are stored in."""
    if field.type in ("datetime", "date") and value:
        text = moments.timestamp(value) if isinstance(value, datetime) else moments.parse(str(value))
        return text[: moments.DAY] if field.type == "date" else text
    return value


def _boolean(operator: str, wanted: Container[Any], empty: bool) -> Test:
    true, false = True in wanted, empty
    if operator in ("!=", "not in"):
        true, false = not true, not false
    return lambda stored: true if stored else false


def _comparison(operator: str, bound: Any) -> Test:
    compare = _COMPARISONS[operator]
    return lambda stored: stored is not None and compare(stored, bound)


def _overlap(operator: str, value: Any) -> Test:
    negative = operator in ("!=", "not in")
    if value is False or value is None:
        return lambda stored: bool(stored) is negative
    wanted = frozenset(value if isinstance(value, list | tuple | set | frozenset) else [value])
    return lambda stored: wanted.isdisjoint(stored or ()) is negative


def _pattern(operator: str, value: Any) -> Test:
    negative = operator.startswith("not ")
    name = operator.removeprefix("not ")
    text = value or ""
    wildcards = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in text)
    pattern = re.compile(
        wildcards if name.startswith("=") else f".*{wildcards}.*",
        re.DOTALL | (re.IGNORECASE if name.endswith("ilike") else re.NOFLAG),
    )
    return lambda stored: negative if stored is None else (pattern.fullmatch(stored) is None) is negative
