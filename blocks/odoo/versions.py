"""What documents read whole say along the paths of their declaration: numbers, and how new they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from blocks.odoo.documents import Documents
from blocks.odoo.records import Leaf, Record
from blocks.odoo.values import latest, moment_if_valid, odoo_datetime


def along(record: Record, path: str) -> list[Any]:
    """The values at the end of a path in a document, without None."""
    reached: list[Any] = [record]
    for name in path.split("."):
        nested = [each[name] for each in reached if each is not None]
        reached = [one for each in nested for one in (each if isinstance(each, list) else [each])]
    return [each for each in reached if each is not None]


def written_along(documents: Documents, record: Record, paths: Sequence[str]) -> list[Any]:
    """The write dates, as Odoo writes them, of all records that the paths lead to."""
    return [part[documents.written] for path in paths for part in along(record, path)]


def version(documents: Documents, record: Record) -> datetime | None:
    """The latest write date of a document and of its parts; None if one of them has no valid date."""
    parts = [record[documents.written], *written_along(documents, record, documents.all_parts)]
    if any(moment_if_valid(each) is None for each in parts):
        return None
    return latest(*parts, *written_along(documents, record, documents.references))


def number(documents: Documents, record: Record) -> str | None:
    """The document's own number, None if it has none."""
    return next((str(each) for each in along(record, documents.numbers[0])), None)


def within(name: str, since: datetime | None, until: datetime | None) -> list[Leaf]:
    """The conditions that a date is at or after `since` and before `until`; None: no bound."""
    window: list[Leaf] = []
    if since is not None:
        window.append((name, ">=", odoo_datetime(since)))
    if until is not None:
        window.append((name, "<", odoo_datetime(until)))
    return window


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two dates; None if one of them is not known."""
    return None if one is None or other is None else max(one, other)
