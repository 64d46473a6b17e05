"""The models of the simulated server and the types of their fields.

The fields of the models that mattered to the recording come from its `fields_get`; those of the small models around
them (`COMPANIONS`), which were not recorded, are written down here. A specification is a string of `name:type` or
`name:type:relation` items separated by spaces.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

COMPANY: Final = Path(__file__).parent / "company"

MANY: Final = frozenset({"one2many", "many2many"})
NUMBERS: Final = frozenset({"integer", "float", "monetary"})

_MAGIC: Final = (
    "id:integer display_name:char create_date:datetime create_uid:many2one:res.users "
    "write_date:datetime write_uid:many2one:res.users"
)

COMPANIONS: Final = {
    "account.account": "name:char code:char",
    "account.incoterms": "name:char code:char active:boolean",
    "account.journal": "name:char",
    "account.payment.term": "name:char active:boolean company_id:many2one:res.company",
    "account.tax": "name:char amount:float type_tax_use:selection active:boolean",
    "crm.tag": "name:char color:integer",
    "crm.team": "name:char active:boolean company_id:many2one:res.company",
    "account.fiscal.position": "name:char",
    "l10n_latam.document.type": "name:char",
    "l10n_latam.identification.type": "name:char",
    "procurement.group": "name:char",
    "product.category": "name:char complete_name:char parent_id:many2one:product.category",
    "product.supplierinfo": (
        "partner_id:many2one:res.partner product_tmpl_id:many2one:product.template "
        "product_id:many2one:product.product product_code:char product_name:char price:float min_qty:float "
        "delay:integer currency_id:many2one:res.currency"
    ),
    "purchase.requisition.type": "name:char",
    "res.country": "name:char code:char",
    "res.country.state": "name:char code:char country_id:many2one:res.country",
    "res.currency": "name:char",
    "stock.location": "complete_name:char usage:selection company_id:many2one:res.company active:boolean",
    "stock.quant": (
        "product_id:many2one:product.product location_id:many2one:stock.location quantity:float reserved_quantity:float"
    ),
    "stock.warehouse": "name:char code:char lot_stock_id:many2one:stock.location company_id:many2one:res.company",
    "uom.category": "name:char",
    "uom.uom": (
        "name:char category_id:many2one:uom.category factor:float factor_inv:float uom_type:selection "
        "rounding:float active:boolean"
    ),
}


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


def vanilla() -> dict[str, Fields]:
    """The models of a plain Odoo 17.0 with sales, purchases, stock, production and accounting, and their fields."""
    recorded: dict[str, dict[str, Any]] = json.loads(gzip.decompress((COMPANY / "fields.json.gz").read_bytes()))
    models = {
        model: {
            name: Field(name, attributes["type"], attributes.get("relation"), attributes)
            for name, attributes in fields.items()
        }
        for model, fields in recorded.items()
    }
    models |= {model: specified(f"{_MAGIC} {fields}") for model, fields in COMPANIONS.items()}
    return models


def extended(models: dict[str, Fields], additions: dict[str, str]) -> None:
    """Add fields to models, and whole models that were not there, as installing a module does."""
    for model, specification in additions.items():
        models.setdefault(model, specified(_MAGIC)).update(specified(specification))
