"""What is asked of Odoo: of every document that a sync reads, and of its lines, what was written last."""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import cast

from blocks.errors import ConfigurationError, NotOffered, SincroniaError
from blocks.odoo import AccessDenied, OdooSource, Signs
from flows.catalogo import ENTITIES, MANUFATURA, REPORTED
from flows.connections import odoo_source, one_odoo_client
from flows.operacao.vigia.changes import Change, Domain
from flows.settings import Settings

logger = logging.getLogger("flows.operacao.vigia")


class OdooLook:
    """Looks at Odoo again and again and announces what is new; used by one thread, which closes it.

    What a document only shows, such as its customer or its products, is not looked at, nor is what was deleted: the
    schedules bring both.
    """

    def __init__(self, settings: Settings, announce: Callable[[Change], None]) -> None:
        """Nothing is opened yet. The server is that of the settings or of the block."""
        self._settings = settings
        self._announce = announce
        self._opened = ExitStack()
        self._signs: Sequence[tuple[Domain, Signs]] = ()

    def look(self) -> None:
        """Announce what was written since the last look; nothing at the first one.

        A model that cannot be asked does not keep the others from being looked at.

        Raises:
            SincroniaError: some of it could not be asked; the next look has what this one did not see.
        """
        refused: SincroniaError | None = None
        try:
            self._signs = self._signs or self._open()
            for domain, signs in self._signs:
                try:
                    found = signs.look()
                except SincroniaError as error:
                    if error.transient or isinstance(error, AccessDenied):
                        raise
                    refused = error
                    continue
                for sign in found:
                    self._announce(Change(domain, "odoo", sign.model, sign.record))
        except (AccessDenied, ConfigurationError):
            self.close()  # with the password that the block has by then
            raise
        if refused is not None:
            raise refused

    def close(self) -> None:
        """Close the connections; the next look opens others, and is a first one."""
        self._opened.close()
        self._signs = ()

    def _open(self) -> Sequence[tuple[Domain, Signs]]:
        with ExitStack() as opened:
            opened.enter_context(one_odoo_client())
            found = []
            for domain, source in self._sources():
                try:
                    found.append((domain, source.signs()))
                except NotOffered as error:
                    logger.info("%s Não é vigiado.", error)
            self._opened = opened.pop_all()
        return found

    def _sources(self) -> Sequence[tuple[Domain, OdooSource]]:
        """The domains' sources of documents, each of which has its own part of the one client."""
        opened = [(entity.domain, entity.open_source(self._settings)) for entity in ENTITIES]
        opened.append((MANUFATURA.name, odoo_source(self._settings, [REPORTED])))
        return [(cast(Domain, domain), source) for domain, source in opened if isinstance(source, OdooSource)]
