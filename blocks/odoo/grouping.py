"""The calls by which Odoo adds up records: `read_group`, or since Odoo 19 `formatted_read_group`.

Both are asked and answered alike here (docs/odoo.md, "Groups").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from blocks.odoo.client import OdooClient
from blocks.odoo.errors import UnexpectedAnswer
from blocks.odoo.records import CONTEXT, Leaf

FORMATTED_SINCE = 19

_MAJOR = re.compile(r"\d+")


@dataclass
class Grouping:
    """Groups of one server's records."""

    client: OdooClient

    @cached_property
    def formatted(self) -> bool:
        """Whether the server has `formatted_read_group`, which also groups by fields of related records."""
        found = _MAJOR.search(self.client.version().replace("saas~", ""))
        return found is not None and int(found[0]) >= FORMATTED_SINCE

    def rows(
        self,
        model: str,
        domain: Sequence[Leaf | str],
        by: Sequence[str],
        aggregates: Sequence[str],
        **window: int,
    ) -> list[dict[str, Any]]:
        """The groups; each row has the fields grouped by, the aggregates by their specification, and `__count`.

        An aggregate is specified as `field:function`. `window` may hold `offset` and `limit`.

        Raises:
            UnexpectedAnswer: the answer is no list of groups.
        """
        named = {"domain": list(domain), "groupby": list(by), "context": dict(CONTEXT), **window}
        if self.formatted:
            rows = self.client.call(model, "formatted_read_group", aggregates=[*aggregates, "__count"], **named)
        else:
            wanted = {f"a{number}": spec for number, spec in enumerate(aggregates)}
            fields = [f"{ours}:{_function(spec)}({spec.partition(':')[0]})" for ours, spec in wanted.items()]
            rows = self.client.call(model, "read_group", fields=fields, lazy=False, **named)
            if isinstance(rows, list):
                rows = [{wanted.get(name, name): value for name, value in row.items()} for row in rows]
        if not isinstance(rows, list) or any(not isinstance(row, dict) or "__count" not in row for row in rows):
            raise UnexpectedAnswer(f"O Odoo não respondeu {model}.read_group com grupos.")
        return rows


def _function(spec: str) -> str:
    return spec.partition(":")[2]


def count(row: Mapping[str, Any]) -> int:
    """How many records a row stands for."""
    return int(row["__count"])
