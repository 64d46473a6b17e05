"""The errand of the bare read: the models, fields and links that an entity's declaration asks of a server."""

from typing import Any

from pydantic import SecretStr

from blocks.odoo import Documents, OdooClient
from blocks.odoo.model import Many, Model, Profile, resolve
from demo.odoo import OdooProcess


def errand(odoo: OdooProcess, documents: Documents, profile: Profile) -> dict[str, Any]:
    """Where to read, and what: by Odoo model the fields, whether with labels, and which fields lead to which model.

    The lines are read page by page and not by the ids in their documents, so that link is left out.
    """
    models: dict[str, dict[str, Any]] = {}
    declared, waiting = set[Model](), [documents.model]
    with OdooClient(url=odoo.url, db=odoo.db, username=odoo.username, secret=SecretStr(odoo.password)) as client:
        while waiting:
            model = waiting.pop()
            if model in declared:
                continue
            declared.add(model)
            resolved = resolve(model, client.fields(model.name), profile)
            waiting += [link.model for link in resolved.links.values()]
            merged = models.setdefault(model.name, {"fields": [], "labels": False, "links": {}})
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
        "models": models,
    }
