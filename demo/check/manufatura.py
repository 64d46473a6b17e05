"""Production: orders against what Odoo reports of them, demand against sales, orders made to order."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from demo.check import mto
from demo.check.company import Company, Row
from demo.check.comparison import NEVER, Key, decimal, rows, sao_paulo_day, table
from demo.check.tax_ids import bare
from demo.check.vendas import order_items, ordered

BEGUN = {"progress", "to_close", "done"}


def disagreements(connection: Connection, company: Company) -> dict[str, list[str]]:
    """What differs, by job."""
    orders = table(connection, "SELECT * FROM ordem_producao", "id")
    groups = table(connection, "SELECT * FROM grupo_empresarial WHERE ativo", "prefixo_cnpj")
    history = _history(company, groups)
    stored = table(connection, "SELECT * FROM historico_pedidos", "num_pedido", "cod_produto")
    forecasts = table(connection, "SELECT * FROM previsao_demanda", "id")
    return {
        "apontamentos": [
            *rows("ordem", {number: _reported(company, order) for number, order in orders.items()}, orders, NEVER),
            *_movements(connection, orders),
        ],
        "demanda": [
            *rows("histórico", history, stored, NEVER),
            *rows("previsão", {number: _realised(history, row) for number, row in forecasts.items()}, forecasts, NEVER),
        ],
        "ordens-mto": [*mto.disagreements(connection, orders.values())],
    }


def _reported(company: Company, order: Row) -> Row:
    """What Odoo says of an order: the production of that number, or the parts that backorders made of it."""
    named = re.compile(re.escape(order["numero_ordem"]) + r"(-\d{3})?")
    parts = [each for each in company["mrp.production"].values() if named.fullmatch(each["name"])]
    if not parts:
        return {"odoo_production_id": None, "qtd_produzida": Decimal(0)}
    live = [each for each in parts if each["state"] != "cancel"]
    states = {each["state"] for each in live}
    made = (company.in_own_unit(each["qty_produced"], each["product_uom_id"], each["product_id"]) for each in live)
    finished = "Concluída" if states == {"done"} else None
    begun = "Em Produção" if states & BEGUN else "Liberada" if "confirmed" in states else "Planejada"
    ended = [sao_paulo_day(each["date_finished"]) for each in live if each["state"] == "done"]
    return {
        "odoo_production_id": min(each["id"] for each in parts),
        "qtd_produzida": decimal(sum(made, Decimal(0))),
        "status": finished or (begun if live else "Cancelada"),
        "data_inicio_real": _began(order, [each for each in live if each["state"] in BEGUN], ended),
        "data_fim_real": max(filter(None, ended)) if finished else None,
    }


def _began(order: Row, begun: Iterable[Row], ended: Iterable[date | None]) -> date | None:
    """The first day of all; one that was still ahead when it was first seen was cut to that day."""
    days = [sao_paulo_day(each["date_start"]) for each in begun]
    first = min(filter(None, [*days, *ended]), default=None)
    seen: date | None = order["data_inicio_real"]
    typed = sao_paulo_day(order["criado_em"].astimezone(UTC).isoformat())
    return seen if first and seen and typed and typed <= seen < first else first


def _movements(connection: Connection, orders: Mapping[int, Row]) -> Iterator[str]:
    """Reports that are not numbered one by one, are of something else, or do not sum up to the order's total."""
    booked: defaultdict[Any, list[Row]] = defaultdict(list)
    query = "SELECT * FROM movimentacao_estoque WHERE ativo AND tipo_movimentacao = 'PRODUCAO' ORDER BY apontamento"
    for row in table(connection, query, "id").values():
        booked[row["ordem_producao_id"]].append(row)
    for number in booked.keys() - orders.keys():
        yield f"ordem {number}: movimentos de uma ordem que não existe"
    for number, order in orders.items():
        reports = booked[number]
        total = sum((row["qtd_movimentacao"] for row in reports), Decimal(0))
        if total != order["qtd_produzida"]:
            yield f"ordem {number}: os movimentos somam {total}, a ordem tem {order['qtd_produzida']}"
        if [row["apontamento"] for row in reports] != [*range(1, len(reports) + 1)]:
            yield f"ordem {number}: apontamentos numerados {[row['apontamento'] for row in reports]}"
        if {row["cod_produto"] for row in reports} - {order["cod_produto"]}:
            yield f"ordem {number}: movimento de outro produto"


def _history(company: Company, groups: Mapping[str, Row]) -> dict[Key, Row]:
    """What customers ordered and have not cancelled."""
    found: dict[Key, Row] = {}
    for _, order, line in order_items(company):
        code = company.code(line["product_id"])
        if code and order["state"] in ("sale", "done"):
            cnpj = bare(company.tax_id(company["res.partner"][order["partner_id"]])) or ""
            group = groups.get(cnpj[:8]) if len(cnpj) == 14 else None
            first = {
                "odoo_order_id": order["id"],
                "data_pedido": sao_paulo_day(order["create_date"]),
                "nome_grupo": group["nome_grupo"] if group else "RESTANTE",
                "qtd_produto_pedido": Decimal(0),
            }
            found.setdefault((order["name"], code), first)["qtd_produto_pedido"] += ordered(company, line)
    return found


def _realised(history: Mapping[Key, Row], forecast: Row) -> Row:
    ordered = [
        row["qtd_produto_pedido"]
        for (_, code), row in history.items()
        if code == forecast["cod_produto"]
        and (row["data_pedido"].year, row["data_pedido"].month) == (forecast["data_ano"], forecast["data_mes"])
        and forecast["nome_grupo"] in ("GERAL", row["nome_grupo"])
    ]
    return {"qtd_demanda_realizada": sum(ordered, Decimal(0))}
