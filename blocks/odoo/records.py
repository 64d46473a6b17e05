"""Records and domains as the rest of the project sees them, and Odoo's values put into that shape."""

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
"""Without it names are English and archived records hidden, whatever the user's settings (behaviour.md §3)."""

_LISTS = frozenset({"one2many", "many2many"})


def normalised(record: Record, types: Mapping[str, str], *, labels: bool) -> Record:
    """The record with Odoo's `False` and `''` as None, except in boolean fields (behaviour.md §4).

    A many2one is its id, or `(id, label or None)` with `labels`; a x2many is a list of ids; dates stay Odoo's strings.
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
    """Refuse names that the server does not have, before it refuses the whole call.

    Raises:
        MissingField: with the missing names and the server's names that look like them.
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
