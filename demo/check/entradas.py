"""Goods received: the stock movements that there ought to be, and what they say of orders and suppliers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from demo.check.company import Company, Row
from demo.check.comparison import Key, cut, decimal, sao_paulo_day


def movements(company: Company, registered: set[str]) -> dict[int, Row]:
    """The movements by stock move, of the products that a person has `registered` as purchased."""
    found: dict[int, Row] = {}
    for number, receipt, move in _received(company):
        code = company.code(move["product_id"])
        if code in registered:
            came, returned = _quantity(company, move), _returned(company, number)
            found[number] = {
                "odoo_picking_id": receipt["id"],
                "purchase_line_id": move["purchase_line_id"],
                "cod_produto": code,
                "nome_produto": cut(company.named("product.product", move["product_id"]), 200),
                "data_movimentacao": sao_paulo_day(receipt["date_done"]),
                "tipo_movimentacao": "ENTRADA_COMPRA",
                "local_movimentacao": "COMPRA",
                "qtd_movimentacao": decimal(came - returned if came > returned else came),
                "num_pedido": cut(receipt["origin"] or receipt["name"], 50),
                "tipo_origem": "ODOO",
                "observacao": f"Recebimento {receipt['name']}",
                "ativo": came > returned,
            }
    return found


def kept_aside(company: Company, registered: set[str]) -> dict[int, str | None]:
    """The moves that are no movement: of products without a code, or that nobody has registered yet."""
    codes = {number: company.code(move["product_id"]) for number, _, move in _received(company)}
    return {number: code for number, code in codes.items() if code not in registered}


def deliveries(arrived: Mapping[int, Row]) -> dict[int, Row]:
    """The order lines of which something came, and when last."""
    found: dict[int, Row] = {}
    for movement in arrived.values():
        if movement["ativo"] and movement["purchase_line_id"]:
            sofar = found.get(movement["purchase_line_id"], {})
            day = movement["data_movimentacao"]
            found[movement["purchase_line_id"]] = {
                "data_pedido_entrega": max(day, sofar.get("data_pedido_entrega", day)),
                "confirmacao_pedido": True,
            }
    return found


def lead_times(orders: Mapping[int, Row]) -> dict[Key, Row]:
    """Days from order to delivery, from the order lines by id; a later delivery weighs as much as all before it."""
    delivered: defaultdict[Key, list[tuple[date, int, Row]]] = defaultdict(list)
    for number, row in orders.items():
        arrival = row["data_pedido_entrega"]
        if row["cnpj_valido"] and arrival and arrival >= row["data_pedido_criacao"]:
            delivered[row["cnpj_fornecedor"], row["cod_produto"]].append((arrival, number, row))
    return {key: _lead_time([row for _, _, row in sorted(found)]) for key, found in delivered.items()}


def _lead_time(delivered: list[Row]) -> dict[str, Any]:
    days = [(row["data_pedido_entrega"] - row["data_pedido_criacao"]).days for row in delivered]
    mean = Fraction(days[0])
    for later in days[1:]:
        mean = (mean + later) / 2
    return {
        "nome_fornecedor": delivered[-1]["raz_social"],
        "nome_produto": delivered[-1]["nome_produto"],
        "lead_time_previsto": days[0],
        "lead_time_calculado": days[0],
        "lead_time_historico": Decimal(int(mean * 10 + Fraction(1, 2))) / 10,
    }


def _received(company: Company) -> Iterator[tuple[int, Row, Row]]:
    """Move id, receipt and move of everything that came from suppliers outside the group."""
    for number, move in sorted(company["stock.move"].items()):
        receipt = company["stock.picking"].get(move["picking_id"])
        if (
            receipt is not None
            and receipt["picking_type_code"] == "incoming"
            and receipt["state"] == move["state"] == "done"
            and move["quantity"]
            and company["stock.location"][receipt["location_id"]]["usage"] == "supplier"
            and "/DEV/" not in receipt["name"]
            and not company.of_the_group(receipt["partner_id"])
        ):
            yield number, receipt, move


def _returned(company: Company, move: int) -> Decimal:
    """How much of a move went back."""
    back = [
        _quantity(company, other)
        for other in company["stock.move"].values()
        if other["origin_returned_move_id"] == move and other["state"] == "done"
    ]
    return sum(back, Decimal(0))


def _quantity(company: Company, move: Row) -> Decimal:
    return company.in_own_unit(move["quantity"], move["product_uom"], move["product_id"])
