"""The models of the simulated server and the types of their fields.

The fields of the models that mattered to the recording come from its `fields_get`; those of the small models around
them, which were not recorded, are specified: in a string of `name:type` or `name:type:relation` items separated by
spaces. All of it is in the folder `company`.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MANY: Final = frozenset({"one2many", "many2many"})
NUMBERS: Final = frozenset({"integer", "float", "monetary"})

_MAGIC: Final = (
    "id:integer display_name:char create_date:datetime create_uid:many2one:res.users "
    "write_date:datetime write_uid:many2one:res.users"
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type, the model it points to, and what `fields_get` says of it."""

    name: str
    type: str
    relation: str | None
    attributes: dict[str, Any]

    @property
    def many(self) -> bool:
        """Whether its value is a list of ids."""
        return self.type in MANY

    @property
    def empty(self) -> Any:
        """What RPC shows for no value: `[]`, 0, 0.0 or False, never null (recorded from Odoo 17.0)."""
        if self.many:
            return []
        if self.type in NUMBERS:
            return 0 if self.type == "integer" else 0.0
        return False


Fields = dict[str, Field]


def specified(specification: str) -> Fields:
    """The fields of a specification string."""
    fields: Fields = {}
    for item in specification.split():
        name, kind, *rest = item.split(":")
        relation = rest[0] if rest else None
        attributes: dict[str, Any] = {
            "type": kind,
            "string": name.removesuffix("_ids").removesuffix("_id").replace("_", " ").title(),
            "store": name != "display_name",
            "required": False,
            "readonly": name in ("id", "display_name"),
        }
        if relation:
            attributes["relation"] = relation
        fields[name] = Field(name, kind, relation, attributes)
    return fields


def written(name: str) -> Any:
    """What a JSON file of the folder `company` holds."""
    content = (Path(__file__).parent / "company" / name).read_bytes()
    return json.loads(gzip.decompress(content) if name.endswith(".gz") else content)


def vanilla() -> dict[str, Fields]:
    """The models of a plain Odoo 17.0 with sales, purchases, stock, production and accounting, and their fields."""
    recorded: dict[str, dict[str, Any]] = written("fields.json.gz")
    models = {
        model: {
            name: Field(name, attributes["type"], attributes.get("relation"), attributes)
            for name, attributes in fields.items()
        }
        for model, fields in recorded.items()
    }
    models |= {model: specified(f"{_MAGIC} {fields}") for model, fields in written("companions.json").items()}
    return models


def extend(models: dict[str, Fields], name: str) -> None:
    """Add fields to models, and whole models that were not there, as installing the module of this name does."""
    for model, specification in written(f"{name}.json").items():
        models.setdefault(model, specified(_MAGIC)).update(specified(specification))
