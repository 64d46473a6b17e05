"""The database against the source, record by record, by rules written down a second time.

Nothing here uses the flows: what the tables should hold is computed from Odoo's raw answers, and from Tiny's orders as
a person sees them, in plain Python.
"""

from sqlalchemy import Connection

from demo.check import compras, manufatura, tiny, vendas
from demo.check.company import Company, read_company

__all__ = ["Company", "disagreements", "read_company", "tiny"]


def disagreements(connection: Connection, company: Company) -> dict[str, list[str]]:
    """What differs between the tables and Odoo, by entity; nothing differs where the list is empty."""
    domains = (vendas, compras, manufatura)
    return {name: lines for domain in domains for name, lines in domain.disagreements(connection, company).items()}
