"""The errand of the bare read: the models, fields and links that an entity's declaration asks of a server."""

from typing import Any

from pydantic import SecretStr

from blocks.odoo import Documents, OdooClient
from blocks.odoo.model import Many, Model, Profile, resolve
from demo.odoo import OdooProcess


def errand(odoo: OdooProcess, documents: Documents, profile: Profile) -> dict[str, Any]:
    """Where to read, and what: by Odoo model the fields with their types, whether with labels, and where they lead.

    The lines are read page by page and not by the ids in their documents, so that link is left out.
    """
    models: dict[str, dict[str, Any]] = {}
    lines: str | None = None
    declared, waiting = set[Model](), [documents.model]
    with OdooClient(url=odoo.url, db=odoo.db, username=odoo.username, secret=SecretStr(odoo.password)) as client:
        while waiting:
            model = waiting.pop()
            if model in declared:
                continue
            declared.add(model)
            kinds = client.fields(model.name)
            resolved = resolve(model, kinds, profile)
            if model is documents.model and documents.lines:
                lines = resolved.names[documents.lines]
            waiting += [link.model for link in resolved.links.values()]
            merged = models.setdefault(model.name, {"fields": [], "labels": False, "links": {}, "kinds": dict(kinds)})
            merged["fields"] = sorted(resolved.wanted.union(merged["fields"]))
            merged["labels"] |= resolved.labels
            merged["links"] |= {
                name: link.model.name
                for name, link in resolved.links.items()
                if not (isinstance(link, Many) and link.model.name == documents.line_model)
            }
    return {
        "url": odoo.url,
        "db": odoo.db,
        "username": odoo.username,
        "password": odoo.password,
        "document": documents.model.name,
        "line": documents.line_model,
        "lines": lines,
        "parent": documents.line_parent,
        "models": models,
    }
