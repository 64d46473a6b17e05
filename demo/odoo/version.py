"""What the versions of Odoo that the simulator can be do otherwise than 17.0, which it is made after.

Declarations only, recorded from real servers; `demo.odoo.versions` carries them out. Which fields a model has on a
version, with their types and whether they are stored, comes from the recorded `fields_get` in the folder `company`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Names = Mapping[str, Mapping[str, str]]
"""Model → field as the version calls it → field of the simulator; two names may stand for one field."""


@dataclass(frozen=True)
class Texts:
    """How a version words what it refuses."""

    unknown_field: str = "Invalid field {name!r} on model {model!r}"
    condition: str = "leaf"
    unknown_operator: str = "Invalid leaf {condition}"
    not_a_domain: tuple[type[Exception], str] = (
        AssertionError,
        "Domains to normalize must have a 'domain' form: a list or tuple of domain components",
    )
    unknown_model: str = "O objeto {model} não existe"
    unknown_method: str = "The method '{method}' does not exist on the model '{model}'"
    private_method: str = "Private methods (such as {method}) cannot be called remotely."


@dataclass(frozen=True, eq=False)
class Version:
    """One version of Odoo.

    Attributes:
        build: what the server says it is.
        names: fields that it calls otherwise.
        models: models that it calls otherwise, by its name.
        gone: models that it has no more, by the simulator's name.
        texts: how it words what it refuses.
        error_code: the code in every JSON-RPC error.
        wrong_type: the HTTP status for a body of another content type.
        json2: whether it has JSON-2 and /web/version.
        private: methods that clients may not call although no underscore says so.
        missing: methods that it does not have.
        big_ids: whether an id that PostgreSQL's integers cannot hold is compared like any other.
        names_database: whether an unknown database is told as PostgreSQL tells it.
        reads_records: whether `search_read` hands what else it is given to `read`.
        stamps_orders: whether posting or reopening an invoice moves the orders that it invoices.
        unstamped: fields of a template that its variants only show: writing them moves the template alone.
        webhooks: whether they are sent within the transaction or after it; None: it has none.
    """

    build: str
    names: Names = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    texts: Texts = Texts()
    error_code: int = 200
    wrong_type: int = 400
    json2: bool = False
    private: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset({"formatted_read_group"})
    big_ids: bool = False
    names_database: bool = True
    reads_records: bool = False
    stamps_orders: bool = False
    unstamped: frozenset[str] = frozenset()
    webhooks: Literal["within", "after"] | None = "within"

    @property
    def series(self) -> str:
        """Its number, such as `17.0`."""
        return self.build.partition("-")[0]

    @property
    def info(self) -> list[int | str]:
        """Its number as Odoo lists it."""
        return [int(self.series.partition(".")[0]), 0, 0, "final", 0, ""]


_MISSING: Final = "The method '{model}.{method}' does not exist"
_QUALIFIED: Final = "Private methods (such as '{model}.{method}') cannot be called remotely."
_AGREEMENTS: Final = {"purchase.requisition": {"date_start": "ordering_date", "reference": "origin"}}
_REVERSALS: Final = {"account.move": {"reversal_move_ids": "reversal_move_id"}}

ODOO_16: Final = Version(
    "16.0-20231208",
    names={
        # What is planned has names of its own; these tell what happened.
        "mrp.production": {
            "date_planned_start": "date_start",
            "date_planned_finished": "date_finished",
            "date_start": "real_start",
            "date_finished": "real_end",
        },
    },
    texts=Texts(
        unknown_model="Objeto {model} não existe",
        unknown_method="type object '{model}' has no attribute '{method}'",
    ),
    reads_records=True,
    unstamped=frozenset({"name", "categ_id"}),
    webhooks=None,
)
ODOO_17: Final = Version("17.0-20240709", names_database=False, stamps_orders=True)
ODOO_18: Final = Version(
    "18.0-20250503",
    names={**_AGREEMENTS, **_REVERSALS},
    gone=frozenset({"purchase.requisition.type"}),
    texts=Texts(
        unknown_model="Object {model} doesn't exist",
        unknown_method=_MISSING,
        private_method=_QUALIFIED,
    ),
)
ODOO_19: Final = Version(
    "19.0-20260317",
    names={
        **_AGREEMENTS,
        **_REVERSALS,
        "mrp.production": {"production_group_id": "procurement_group_id"},
        "purchase.order": {"note": "notes"},
        "purchase.order.line": {"product_uom_id": "product_uom", "tax_ids": "taxes_id"},
        "sale.order.line": {"product_uom_id": "product_uom", "tax_ids": "tax_id"},
        "stock.move": {"production_group_id": "group_id"},
        "uom.uom": {"factor": "factor_inv", "relative_factor": "factor_inv"},
    },
    models={"mrp.production.group": "procurement.group"},
    gone=frozenset({"procurement.group", "purchase.requisition.type", "uom.category"}),
    texts=Texts(
        unknown_field="Invalid field {name!r} on {model!r}",
        condition="condition",
        unknown_operator="Invalid operator in condition {condition}",
        not_a_domain=(TypeError, "Domain() invalid argument type for domain: {domain!r}"),
        unknown_model="Object {model} doesn't exist",
        unknown_method=_MISSING,
        private_method=_QUALIFIED,
    ),
    error_code=0,
    wrong_type=415,
    json2=True,
    private=frozenset({"exists"}),
    missing=frozenset(),
    big_ids=True,
    webhooks="after",
)

VERSIONS: Final = {version.series: version for version in (ODOO_16, ODOO_17, ODOO_18, ODOO_19)}
