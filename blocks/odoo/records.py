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


def normalised(record: Record, types: Mapping[str, str], *, labels: bool) -> Record:
    """The record with Odoo's `False` and `''` as None, except in boolean fields (docs/odoo.md, "Values").

    A many2one becomes its id, or `(id, label or None)` with `labels`; a one2many or many2many a list of ids; dates stay
    Odoo's strings. `types` are the fields' types by name.
    """
    return {name: _value(value, types.get(name, ""), labels) for name, value in record.items()}


def _value(value: Any, kind: str, labels: bool) -> Any:
    if kind == "boolean":
        return bool(value)
    if kind in _LISTS:
        return list(value or ())
    if value is False or value is None or value == "":
        return None
    if kind == "many2one":
        key, label = value if isinstance(value, list | tuple) else (value, None)
        return (key, label or None) if labels else key
    return value


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
