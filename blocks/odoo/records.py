"""Records and domains as the rest of the project uses them, and the conversion of Odoo's values."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from blocks.odoo.errors import MissingField

Record = dict[str, Any]
"""One record by field name, `id` always included; see `normalised` for the values."""

Leaf = tuple[str, str, Any]
Domain = Sequence[Leaf | str]
"""An Odoo domain in prefix notation: leaves and the operators `&`, `|`, `!`."""

CONTEXT: Mapping[str, Any] = MappingProxyType({"lang": "pt_BR", "active_test": False})
"""Sent with every read: texts in Portuguese, archived records included (docs/odoo.md, "Context")."""

_LISTS = frozenset({"one2many", "many2many"})


def through(path: str, domain: Domain) -> list[Leaf | str]:
    """A domain on the records that a field or dotted path leads to, as one on the records that have the field."""
    return [leaf if isinstance(leaf, str) else (f"{path}.{leaf[0]}", *leaf[1:]) for leaf in domain]


def one_of(alternatives: Collection[Sequence[Leaf]]) -> list[Leaf | str]:
    """The domain of what matches all conditions of at least one of the alternatives; nothing where there are none."""
    found: list[Leaf | str] = ["|"] * (len(alternatives) - 1)
    for conditions in alternatives:
        found += ["&"] * (len(conditions) - 1)
        found += conditions
    return found


class BadField(Exception):
    """A field's value is not what its type says; `told` says so, `known` are the record's other values."""

    def __init__(self, field: str, told: str, known: Record) -> None:
        super().__init__(field, told)
        self.field = field
        self.told = told
        self.known = known


def normalised(record: Record, types: Mapping[str, str], *, labels: bool) -> Record:
    """The record with Odoo's `False` and `''` as None, except in boolean fields (docs/odoo.md, "Values").

    A many2one becomes its id, or `(id, label or None)` with `labels`; a one2many or many2many a list of ids; dates stay
    Odoo's strings; floats may be `NaN` or infinite. `types` are the fields' types by name.

    Raises:
        BadField: a value does not have its field's type.
    """
    try:
        return {name: _value(value, types.get(name, ""), labels) for name, value in record.items()}
    except (TypeError, ValueError):
        raise _bad_field(record, types, labels) from None


def _bad_field(record: Record, types: Mapping[str, str], labels: bool) -> BadField:
    known, bad = {}, {}
    for name, value in record.items():
        try:
            known[name] = _value(value, types.get(name, ""), labels)
        except (TypeError, ValueError):
            bad[name] = f"{value!r:.80} não é um valor do tipo {types.get(name)}"
    return BadField(", ".join(bad), "; ".join(bad.values()), known)


def _value(value: Any, kind: str, labels: bool) -> Any:
    """The value as the project uses it; TypeError or ValueError if it does not fit the type."""
    if kind == "boolean":
        return bool(value)
    if value is False or value is None or value == "":
        return [] if kind in _LISTS else None
    accepted = _ACCEPTED.get(kind)
    if accepted is not None:
        if type(value) not in accepted:  # True is no number
            raise TypeError
        return value
    if kind in _LISTS:
        return [_checked(each, int) for each in _checked(value, list | tuple)]
    if kind == "many2one":
        key, label = value if isinstance(value, list | tuple) else (value, None)
        return (_checked(key, int), _checked(label or None, str | None)) if labels else _checked(key, int)
    return value


def _checked(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or value is True:
        raise TypeError
    return value


_ACCEPTED: Mapping[str, frozenset[type]] = {
    **dict.fromkeys(("char", "text", "html", "selection", "date", "datetime"), frozenset({str})),
    **dict.fromkeys(("float", "monetary"), frozenset({float, int})),
    "integer": frozenset({int}),
}


def check_fields(model: str, wanted: Collection[str], available: Collection[str]) -> None:
    """Check that the server has the wanted fields; asked for one that it lacks, it would refuse the whole call.

    Raises:
        MissingField: some are missing; it names them, and the server's fields with similar names.
    """
    missing = tuple(sorted(set(wanted) - set(available)))
    if not missing:
        return
    near = tuple(
        dict.fromkeys(found for name in missing for found in get_close_matches(name, list(available), n=3, cutoff=0.5))
    )
    raise MissingField(
        f"O modelo {model} deste Odoo não tem (ou o usuário não pode ver): {', '.join(missing)}. "
        f"Pedidos: {', '.join(sorted(wanted))}. Parecidos no servidor: {', '.join(near) or 'nenhum'}. "
        "Confira o perfil do bloco Odoo (vanilla ou ciel_it) e os módulos instalados.",
        model=model,
        fields=missing,
        near=near,
    )
