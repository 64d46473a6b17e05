"""Which companies of the Odoo server this installation reads: those of `ODOO_EMPRESAS`."""

from blocks.errors import ConfigurationError
from blocks.odoo import Domain, Model, OdooClient, find
from blocks.unreadable import Unreadable
from flows.settings import Settings

COMPANY = Model("res.company", {"nome": "name"})


def of_companies(client: OdooClient, settings: Settings) -> Domain:
    """The condition on documents of the companies that are read, and of none; empty where all companies are.

    Raises:
        ConfigurationError: Odoo has no company of that id or name, or the user may not see it.
        OdooError: the server cannot be asked.
    """
    if not settings.companies:
        return []
    companies = [each for each in find(client, COMPANY, []) if not isinstance(each, Unreadable)]
    names = {company["id"]: str(company["nome"]).strip() for company in companies}
    ids = set[int]()
    for wanted in settings.companies:
        found = {number for number, name in names.items() if wanted in (str(number), name)}
        found = found or {number for number, name in names.items() if wanted.casefold() == name.casefold()}
        if not found:
            known = "; ".join(f"{number} {name}" for number, name in sorted(names.items()))
            raise ConfigurationError(
                f"ODOO_EMPRESAS={settings.odoo_empresas}: o Odoo não tem a empresa {wanted!r}, ou o usuário não a vê. "
                f"Aceito: ids ou nomes separados por vírgula, ou todas. Empresas: {known or 'nenhuma'}"
            )
        ids |= found
    return [("company_id", "in", [*sorted(ids), False])]
