"""The way of the job that this project replaced, by its documents: a call per related record, a save per row.

A program of its own. It takes an errand (`bench.errand`) with `orders`, how many of them, and `database`, where to, as
JSON on standard input, and prints what it did as JSON. XML-RPC and SQLAlchemy's ORM; for each order its lines are read,
for each line its product and customer, the row is looked for and added or changed, and all is committed at the end.
"""

import json
import sys
import time
import xmlrpc.client
from typing import Any

from sqlalchemy import Numeric, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

TABLE = "carteira_documentos"


class Base(DeclarativeBase):
    """The tables of this way."""


class Row(Base):
    """An order's product, as the documents' job keeps it."""

    __tablename__ = TABLE

    id: Mapped[int] = mapped_column(primary_key=True)
    odoo_id: Mapped[int] = mapped_column(index=True)
    num_pedido: Mapped[str]
    cod_produto: Mapped[str | None]
    nome_produto: Mapped[str]
    cnpj_cliente: Mapped[str | None]
    raz_social: Mapped[str]
    quantidade: Mapped[float] = mapped_column(Numeric(15, 3))
    preco: Mapped[float] = mapped_column(Numeric(15, 4))
    situacao: Mapped[str]


class Odoo:
    """One user's calls, counted."""

    def __init__(self, errand: dict[str, Any]) -> None:
        self._login = (errand["db"], errand["username"], errand["password"])
        common = xmlrpc.client.ServerProxy(f"{errand['url']}/xmlrpc/2/common")
        self._user = common.authenticate(*self._login, {})
        self._models = xmlrpc.client.ServerProxy(f"{errand['url']}/xmlrpc/2/object")
        self.calls = 1

    def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        """What a method of a model gives."""
        self.calls += 1
        db, _, password = self._login
        return self._models.execute_kw(db, self._user, password, model, method, list(arguments), named)


def sync(odoo: Odoo, session: Session, orders: int) -> int:
    """Read the first orders and store a row per product of each; how many lines these have."""
    lines = 0
    fields = ["name", "partner_id", "state", "order_line"]
    for order in odoo.call("sale.order", "search_read", [], fields=fields, limit=orders, order="id"):
        wanted = ["product_id", "product_uom_qty", "price_unit"]
        for line in odoo.call("sale.order.line", "read", order["order_line"], fields=wanted):
            lines += 1
            if line["product_id"]:
                store(odoo, session, order, line)
    session.commit()
    return lines


def store(odoo: Odoo, session: Session, order: dict[str, Any], line: dict[str, Any]) -> None:
    """Read what a line refers to, look for its row, and add or change it."""
    [product] = odoo.call("product.product", "read", [line["product_id"][0]], fields=["default_code", "name"])
    [customer] = odoo.call("res.partner", "read", [order["partner_id"][0]], fields=["vat", "name"])
    code = product["default_code"] or None
    row = session.query(Row).filter_by(odoo_id=order["id"], cod_produto=code).first()
    if row is None:
        row = Row(odoo_id=order["id"], num_pedido=order["name"], cod_produto=code)
        session.add(row)
    row.nome_produto, row.situacao = product["name"], order["state"]
    row.cnpj_cliente, row.raz_social = customer["vat"] or None, customer["name"]
    row.quantidade, row.preco = line["product_uom_qty"], line["price_unit"]


def main() -> None:
    """Run the errand of standard input."""
    errand = json.load(sys.stdin)
    engine = create_engine(errand["database"])
    Base.metadata.create_all(engine)
    began = time.perf_counter()
    odoo = Odoo(errand)
    with Session(engine) as session:
        lines = sync(odoo, session, errand["orders"])
    print(json.dumps({"seconds": time.perf_counter() - began, "calls": odoo.calls, "records": {"lines": lines}}))


if __name__ == "__main__":
    main()
