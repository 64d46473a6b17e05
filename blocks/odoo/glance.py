"""Two calls that tell whether anything changed: if a document was written since an instant; if not, how many there are.

The fields' names are those that an earlier list found, so that nothing has to be asked before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from blocks.odoo.client import OdooClient
from blocks.odoo.documents import REACH, Documents
from blocks.odoo.grouping import Grouping, count
from blocks.odoo.model import Many, One, field_of
from blocks.odoo.records import Leaf, one_of
from blocks.odoo.values import odoo_datetime


@dataclass(frozen=True)
class Glance:
    """What few calls show of a server's documents.

    Attributes:
        now: the server's clock afterwards, aware UTC.
        counts: how many documents there are, and how many lines these have; None: some document, or a part of one, was
            written since the instant asked about.
    """

    now: datetime
    counts: tuple[int, int] | None


def glance(
    client: OdooClient,
    documents: Documents,
    fields: Mapping[str, str | None],
    since: datetime,
    *,
    bare: Callable[[], bool],
) -> Glance:
    """Look at the documents. A document counts as written since then exactly if a list (`Listing`) would show it.

    Args:
        client: the connection.
        documents: the declaration.
        fields: the server's, by path, where there is a choice (`OdooSource.fields`).
        since: the instant asked about, aware UTC.
        bare: whether there may be documents without lines, which take a third call; only asked if nothing was written.

    Raises:
        KeyError: a path that is looked at is not among `fields`.
        OdooError: the server could not be asked, or has not these fields any more.
    """
    if any(client.search(documents.model.name, _written(documents, fields, since), limit=1)):
        return Glance(client.now(), None)
    counts = _counts(client, documents, bare)
    return Glance(client.now(), counts)


def _counts(client: OdooClient, documents: Documents, bare: Callable[[], bool]) -> tuple[int, int]:
    if documents.lines is None:
        return client.count(documents.model.name, documents.domain), 0
    distinct = f"{documents.line_parent}:count_distinct"
    seen = (f"{documents.line_parent}.id", ">", 0)  # not a line whose document a rule hides
    rows = Grouping(client).rows(documents.line_model, [seen, *documents.all_lines], [], [distinct])
    there = sum(int(row[distinct] or 0) for row in rows)
    if bare():
        there = client.count(documents.model.name, documents.domain)
    return there, sum(map(count, rows))


def _written(documents: Documents, fields: Mapping[str, str | None], since: datetime) -> list[Leaf | str]:
    """The documents whose header, part or, if they are recent, reference was written at `since` or later."""
    moment = odoo_datetime(since)

    def any_of(paths: tuple[str, ...]) -> list[Leaf | str]:
        names = [name for path in paths if (name := _dotted(documents, path, fields)) is not None]
        return one_of([[(f"{name}write_date", ">=", moment)] for name in names])

    own, shown = any_of(("", *documents.all_parts)), any_of(documents.references)
    if shown:
        own = ["|", *own, "&", ("create_date", ">=", odoo_datetime(since - REACH)), *shown]
    return [*documents.domain, *own]


def _dotted(documents: Documents, path: str, fields: Mapping[str, str | None]) -> str | None:
    """The server's fields along a path of our names, each with a dot behind it; None if it lacks one of them."""
    model, dotted, ours = documents.model, "", ""
    for name in path.split(".") if path else ():
        spec, ours = model.fields[name], f"{ours}.{name}".lstrip(".")
        assert isinstance(spec, One | Many), f"{model.name}: {name} leads nowhere"
        field = field_of(spec)
        found = field if isinstance(field, str) else fields[ours]
        if found is None:
            return None
        model, dotted = spec.model, f"{dotted}{found}."
    return dotted
