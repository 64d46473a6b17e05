"""All records of a generated company, as tests compare them."""

from collections.abc import Mapping
from typing import Any

from simulator_rpc import JsonRpc

from demo.odoo import odoo_process

Records = dict[str, dict[int, dict[str, Any]]]


def generated(fields: Mapping[str, str], **options: Any) -> Records:
    """The records of these models by id, with these fields of each and many2ones as bare ids."""
    with odoo_process(company="generated", **options) as odoo, JsonRpc(odoo) as rpc:
        return {
            model: {
                row["id"]: row for row in rpc.call(model, "search_read", [], fields=names.split(), order="id", load="")
            }
            for model, names in fields.items()
        }
