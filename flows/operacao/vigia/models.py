"""Which domains read records of which model of Odoo."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import closing
from typing import cast, get_args

from blocks.odoo import OdooSource
from flows.catalogo import ENTITIES
from flows.connections import one_odoo_client
from flows.operacao.vigia.changes import Domain
from flows.settings import Settings

PRODUCTION = "mrp.production"
"""What `apontamentos` reads, which keeps no documents in step."""


def domains_by_model(settings: Settings) -> Mapping[str, Collection[Domain]]:
    """By Odoo's model, the domains whose documents change when a record of it does; nothing is asked of the server.

    Raises:
        ConfigurationError: no Odoo server is set.
    """
    found: defaultdict[str, set[Domain]] = defaultdict(set, {PRODUCTION: {"manufatura"}})
    with one_odoo_client():
        for entity in ENTITIES:
            if entity.domain not in get_args(Domain):
                continue
            with closing(entity.open_source(settings)) as source:
                for model in source.watched if isinstance(source, OdooSource) else ():
                    found[model].add(cast(Domain, entity.domain))
    return found
