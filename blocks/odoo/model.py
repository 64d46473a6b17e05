"""The declaration of what is read from Odoo: our name on the left, Odoo's field on the right. No I/O.

    PARTNER = Model("res.partner", {"nome": "name", "cnpj": either(ciel_it="l10n_br_cnpj", vanilla="vat")})
    ORDER = Model("sale.order", {"cliente": one("partner_id", PARTNER), "linhas": many("order_line", LINE)})

Profiles: `ciel_it` is the Brazilian localisation with its l10n_br_* fields, `vanilla` is plain Odoo, `auto` takes
whichever of the two fields the server has (docs/odoo.md, "Field pairs").
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from blocks.odoo.records import check_fields

Profile = Literal["auto", "vanilla", "ciel_it"]


@dataclass(frozen=True)
class Choice:
    """The fields that can hold one value, by profile, in order of preference.

    Attributes:
        ciel_it: names in the profile `ciel_it`; empty if it has no such field.
        vanilla: names in the profile `vanilla`; empty if it has no such field.
        optional: the value is None if the server has none of the fields; otherwise that is an error.
        absent: the value in a profile that has no such field.
    """

    ciel_it: tuple[str, ...]
    vanilla: tuple[str, ...]
    optional: bool = False
    absent: Any = None


Field = str | Choice
"""A plain string is a field that every server must have."""


@dataclass(frozen=True)
class Label:
    """The label of a many2one (its `display_name`, never a key), or the text of a text field."""

    field: Field


@dataclass(frozen=True)
class One:
    """The record that a many2one points to, as a nested record; None if it points to none."""

    field: Field
    model: "Model"


@dataclass(frozen=True)
class Many:
    """The records of a one2many or many2many, as a list in the order of its ids.

    `reference` marks data that hardly changes: it may come from the run's cache.
    """

    field: Field
    model: "Model"
    reference: bool = False


Spec = Field | Label | One | Many


@dataclass(frozen=True, eq=False)
class Model:
    """An Odoo model and the fields that are read of it, by our name. `id` is always read, too."""

    name: str
    fields: Mapping[str, Spec]

    def along(self, paths: Sequence[Sequence[str]], ours: str) -> "Model":
        """What of this declaration leads along paths of our names, with the field `ours` at the end of each."""
        kept: dict[str, Spec] = {ours: self.fields[ours]} if [] in map(list, paths) else {}
        for first in dict.fromkeys(path[0] for path in paths if path):
            spec = self.fields[first]
            assert isinstance(spec, One | Many), f"{self.name}: {first} leads nowhere"
            rest = [path[1:] for path in paths if path and path[0] == first]
            kept[first] = replace(spec, model=spec.model.along(rest, ours))
        return Model(self.name, kept)


def optional(*names: str) -> Choice:
    """A field whose value is None if the server lacks it; of several names the first that it has."""
    return Choice(names, names, optional=True)


def either(
    *,
    ciel_it: str | tuple[str, ...] | None,
    vanilla: str | tuple[str, ...] | None,
    absent: Any = None,
    required: bool = True,
) -> Choice:
    """A field that depends on the profile.

    Args:
        ciel_it: its name there; of several the first that the server has is read; None: no such field there.
        vanilla: likewise.
        absent: the value in a profile that has no such field.
        required: whether it is an error if the server has none of the profile's fields; else the value is None.
    """
    return Choice(_names(ciel_it), _names(vanilla), optional=not required, absent=absent)


def renamed(*names: str) -> Choice:
    """A field that goes by several names, depending on Odoo's version, whatever the profile: the first that exists."""
    return Choice(names, names)


def constant(value: Any) -> Choice:
    """A value that no field gives: it is true of every record of the model."""
    return Choice((), (), absent=value)


def label(field: Field) -> Label:
    """The text of a many2one."""
    return Label(field)


def one(field: Field, model: Model) -> One:
    """A many2one followed into a nested record."""
    return One(field, model)


def many(field: Field, model: Model, *, reference: bool = False) -> Many:
    """A one2many or many2many followed into a list of nested records."""
    return Many(field, model, reference)


@dataclass(frozen=True)
class Resolved:
    """A declaration as one server can answer it: by our name, the server's field name, or None if it has none."""

    model: Model
    names: Mapping[str, str | None]

    @property
    def wanted(self) -> frozenset[str]:
        """The server's field names to read."""
        return frozenset(name for name in self.names.values() if name)

    @property
    def labels(self) -> bool:
        """Whether any label is used; only then are labels read, which is costly."""
        return any(isinstance(spec, Label) and self.names[ours] for ours, spec in self.model.fields.items())

    @property
    def links(self) -> Mapping[str, One | Many]:
        """The relations that are followed, by Odoo's field name."""
        return {
            name: spec
            for ours, spec in self.model.fields.items()
            if isinstance(spec, One | Many) and (name := self.names[ours])
        }


def resolve(model: Model, available: Mapping[str, str], profile: Profile) -> Resolved:
    """The declaration on a server whose model has the `available` fields (by name; the values are not used).

    Raises:
        MissingField: required fields are missing; the error names all of them.
    """
    names = {ours: resolve_field(field_of(spec), available, profile) for ours, spec in model.fields.items()}
    check_fields(model.name, [name for name in names.values() if name], available)
    return Resolved(model, names)


def resolve_field(field: Field, available: Collection[str], profile: Profile) -> str | None:
    """The first of the profile's names that the server has.

    If it has none: None where that is allowed, else the first name, which `resolve` then reports as missing.
    """
    if isinstance(field, str):
        return field
    candidates = {"auto": field.ciel_it + field.vanilla, "ciel_it": field.ciel_it, "vanilla": field.vanilla}[profile]
    for name in candidates:
        if name in available:
            return name
    required = field.vanilla if profile == "auto" else candidates
    return None if field.optional or not required else required[0]


def field_of(spec: Spec) -> Field:
    """The field that a declaration reads, without how its value is used."""
    return spec if isinstance(spec, str | Choice) else spec.field


def _names(given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else given
