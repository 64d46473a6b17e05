"""The product's declarations on the fields that real servers of Odoo 16.0 to 19.0 have.

Every `Model` of the three domains is resolved as the profile `auto` does. What a declaration finds must be what it
finds on 17.0: the same name, type, relation, selection, and stored or not. Everything else stands in `KNOWN` with the
reason why it does no harm, and a row that is no longer true fails, too.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

import flows.compras
import flows.manufatura
import flows.vendas
from blocks.odoo import Documents, Model
from blocks.odoo.model import Choice, Many, One, field_of, resolve
from demo.odoo.version import ODOO_17, VERSIONS
from demo.odoo.versions import recorded

Fields = Mapping[str, Mapping[str, Any]]
EVERY = tuple(VERSIONS)
UNRECORDED = "no recording of this model"

REAL_START = "the real start, empty where no work order was started"
OTHER_MEANING = {
    ("mrp.production", "date_start", "16.0"): REAL_START,
    ("uom.uom", "factor", "16.0"): "how many of it make the reference unit",
    ("uom.uom", "factor", "17.0"): "how many of it make the reference unit",
    ("uom.uom", "factor", "18.0"): "how many of it make the reference unit",
}
"""Fields that exist under a name that means something else on another version: no declaration may come upon them."""


class Row(NamedTuple):
    """Something that is otherwise on some versions, why, and what of it is."""

    model: str
    ours: str
    what: str
    versions: tuple[str, ...]
    why: str


CIEL = "a field of the Brazilian localisation by CIEL IT, which plain Odoo does not have"
MISSING, NAME, SELECTION, STORED = "missing", "name", "selection", "stored"

KNOWN = (
    Row("account.move", "cliente_cnpj", MISSING, EVERY, CIEL),
    Row("account.move", "serie", MISSING, EVERY, "of CIEL IT or OCA: numbers of plain Odoo hold their series"),
    Row("account.move", "tipo", MISSING, EVERY, CIEL),
    Row("product.product", "estocavel", MISSING, ("16.0", "17.0"), "there the type tells"),
    Row(
        "product.product", "tipo", NAME, ("18.0", "19.0"), "both names are declared, and what is kept in stock as well"
    ),
    Row("product.product", "tipo", SELECTION, ("18.0", "19.0"), "goods in stock are told by a field of their own"),
    Row("purchase.order", "situacao", SELECTION, ("19.0",), "a locked order stays a purchase"),
    Row("purchase.order", "tipo", MISSING, EVERY, CIEL),
    Row("purchase.order.line", "cofins", MISSING, EVERY, CIEL),
    Row("purchase.order.line", "icms", MISSING, EVERY, CIEL),
    Row("purchase.order.line", "pis", MISSING, EVERY, CIEL),
    Row("purchase.order.line", "unidade", NAME, ("19.0",), "both names are declared"),
    Row("purchase.request.line", "compra", SELECTION, ("19.0",), "a locked order stays a purchase"),
    Row("purchase.requisition", "situacao", SELECTION, ("18.0", "19.0"), "a running agreement is pending by any name"),
    Row("purchase.requisition", "solicitada", NAME, ("18.0", "19.0"), "both names are declared"),
    Row("res.partner", "agendamento", MISSING, EVERY, CIEL),
    Row("res.partner", "endereco_numero", MISSING, EVERY, CIEL),
    Row("res.partner", "municipio", MISSING, EVERY, CIEL),
    Row("sale.order", "forma", MISSING, EVERY, CIEL),
    Row("sale.order", "situacao", SELECTION, ("16.0",), "a locked order is a confirmed one"),
    Row("sale.order", "tipo", MISSING, EVERY, CIEL),
    Row(
        "sale.order", "transportadora", MISSING, EVERY, "of the module delivery, which the recorded servers do not have"
    ),
    Row("sale.order.line", "cancelada", MISSING, EVERY, CIEL),
    Row("sale.order.line", "unidade", NAME, ("19.0",), "both names are declared"),
    Row("stock.move", "quantidade", NAME, ("16.0",), "both names are declared; only what is done is read"),
    Row("uom.uom", "caminho", MISSING, ("16.0", "17.0", "18.0"), "there the category tells what is alike"),
    Row("uom.uom", "categoria", MISSING, ("19.0",), "there the path tells what is alike"),
    Row("uom.uom", "fator", NAME, ("19.0",), "both names are declared and mean how many reference units it holds"),
    Row("uom.uom", "fator", STORED, ("19.0",), "units are read by their ids, whatever date they have"),
    Row("res.partner", "cpf", MISSING, ("17.0", "18.0", "19.0"), CIEL),
    Row("mrp.production", "grupo", NAME, ("19.0",), "both names are declared"),
    Row("mrp.production", "grupo", "type", ("19.0",), "its name is that of the first production, as before"),
    Row("mrp.production", "inicio", REAL_START, ("16.0",), "the planned start is read beside it"),
    Row("mrp.production", "inicio_planejado", MISSING, ("17.0", "18.0", "19.0"), "there one field is both"),
    Row("purchase.order", "bloqueado", MISSING, ("16.0", "17.0", "18.0"), "there a state of its own tells"),
    Row("purchase.order.line", "desconto", MISSING, ("16.0",), "purchases have no discount there"),
    Row(
        "purchase.requisition", "necessidade", NAME, ("18.0", "19.0"), "the day it ends is all that is left of its days"
    ),
    Row("purchase.requisition.line", "necessidade", MISSING, ("18.0", "19.0"), "the request's own day stands for it"),
    Row(
        "purchase.requisition", "tipo", MISSING, ("16.0", "17.0"), "there a record of its own tells, and no template is"
    ),
)
"""Sorted by model, but for the last."""


def declarations() -> Iterator[tuple[str, Model]]:
    """Every declaration of the product, with the module and name that it is found by."""
    for package in (flows.compras, flows.manufatura, flows.vendas):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                model = value.model if isinstance(value, Documents) else value
                if isinstance(model, Model):
                    yield from reachable(f"{found.name}.{name}", model)


def reachable(path: str, model: Model) -> Iterator[tuple[str, Model]]:
    """A declaration and those that it leads to."""
    yield path, model
    for ours, spec in model.fields.items():
        if isinstance(spec, One | Many):
            yield from reachable(f"{path}.{ours}", spec.model)


def names(model: Model, version: str) -> Mapping[str, str | None]:
    """What each declared field is called on a version."""
    return resolve(model, recorded(VERSIONS[version])[model.name] or {}, "auto").names  # type: ignore[arg-type]


def differences(model: Model, version: str) -> Iterator[tuple[str, str]]:
    """Our name and what is otherwise than on 17.0."""
    here, there = recorded(VERSIONS[version])[model.name] or {}, recorded(ODOO_17)[model.name] or {}
    before = names(model, ODOO_17.series)
    for ours, name in names(model, version).items():
        if name is None:
            if isinstance(field := field_of(model.fields[ours]), Choice) and (field.ciel_it or field.vanilla):
                yield ours, MISSING
            continue
        if (meaning := OTHER_MEANING.get((model.name, name, version))) is not None:
            yield ours, meaning
        known = before[ours]
        if known is None:
            continue
        if name != known:
            yield ours, NAME
        shown, usual = here[name], there[known]
        if set(shown.get("selection", ())) != set(usual.get("selection", ())):
            yield ours, SELECTION
        if shown.get("store", True) != usual.get("store", True):
            yield ours, STORED
        if (shown["type"], shown.get("relation")) != (usual["type"], usual.get("relation")):
            yield ours, "type"


def found(version: str) -> set[tuple[str, str, str]]:
    """All that is otherwise on a version: model, our name and what."""
    otherwise = set()
    for _, model in declarations():
        if recorded(VERSIONS[version]).get(model.name) is not None:
            otherwise |= {(model.name, *difference) for difference in differences(model, version)}
    return otherwise


@pytest.mark.parametrize("version", EVERY)
def test_what_a_version_has_otherwise_is_known_to_do_no_harm(version: str) -> None:
    known = {(row.model, row.ours, row.what) for row in KNOWN if version in row.versions}
    assert found(version) - known == set(), "declared fields that would silently be None, or mean something else"
    assert known - found(version) == set(), "rows of KNOWN that are no longer true"


def test_every_declared_model_is_recorded_or_out_of_reach() -> None:
    """A model without a recording may only be led to by a field that no recorded server has."""
    for version in EVERY:
        fields = recorded(VERSIONS[version])
        for path, model in declarations():
            available = fields.get(model.name)
            for ours, spec in model.fields.items() if available else ():
                if isinstance(spec, One | Many) and fields.get(spec.model.name) is None:
                    assert names(model, version)[ours] is None, f"{path}.{ours}: {UNRECORDED} on {version}"
    assert {model.name for _, model in declarations() if model.name not in recorded(ODOO_17)} == set()
