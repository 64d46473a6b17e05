"""Orders made to order: one per lot and product, its dates and materials worked out the slow way."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

import holidays
from sqlalchemy import Connection

from demo.check.company import Row
from demo.check.comparison import NEVER, Key, decimal, rows, table

Lists = Mapping[str, list[tuple[str, Decimal]]]
Products = Mapping[str, Row]


def disagreements(connection: Connection, orders: Iterable[Row]) -> Iterator[str]:
    """What differs between the lots and the planned orders."""
    products = table(connection, "SELECT * FROM cadastro_palletizacao", "cod_produto")
    lists: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for line in table(connection, "SELECT * FROM lista_materiais WHERE status = 'ativo'", "id").values():
        lists[line["cod_produto_produzido"]].append((line["cod_produto_componente"], line["qtd_utilizada"]))
    made = [order for order in orders if order["origem_ordem"] == "MTO" and order["status"] != "Cancelada"]
    for name, times in Counter(order["numero_ordem"] for order in made).items():
        if times > 1 or not re.fullmatch(r"OP-\d{6,}", name):
            yield f"número {name}: de {times} ordens"
    for key, times in Counter((order["separacao_lote_id"], order["cod_produto"]) for order in made).items():
        if times > 1:
            yield f"lote e produto {key}: {times} ordens"
    lots = _lots(connection, products)
    expected = {key: row for key, lines in lots.items() if (row := _order(products, lists, key[1], lines))}
    found = {(order["separacao_lote_id"], order["cod_produto"]): _comparable(order) for order in made}
    yield from rows("lote e produto", expected, found, NEVER)
    for key in expected.keys() & found.keys():
        for line in lots[key]:
            if "ordem_producao_id" in line and line["ordem_producao_id"] != found[key]["id"]:
                yield f"lote e produto {key}: linha {line['id']} ligada à ordem {line['ordem_producao_id']}"


def _lots(connection: Connection, products: Products) -> dict[Key, list[Row]]:
    """The lines of what is to be made to order, by lot and product; a lot that is being shipped is not preselected."""
    shipped = [*table(connection, "SELECT * FROM separacao WHERE separacao_lote_id IS NOT NULL", "id").values()]
    known = {line["separacao_lote_id"] for line in shipped}
    over = ("PREVISAO", "FATURADO", "CANCELADO")
    preselected = (
        "SELECT *, qtd_selecionada_usuario AS qtd_saldo, data_expedicao_editada AS expedicao FROM pre_separacao_item"
        " WHERE separacao_lote_id IS NOT NULL"
    )
    wanted = [line for line in shipped if not line["sincronizado_nf"] and line["status"] not in over]
    wanted += [line for line in table(connection, preselected, "id").values() if line["separacao_lote_id"] not in known]
    found: defaultdict[Key, list[Row]] = defaultdict(list)
    for line in wanted:
        product = products.get(line["cod_produto"])
        if product and product["disparo_producao"] == "MTO" and product["produto_produzido"]:
            found[line["separacao_lote_id"], line["cod_produto"]].append(line)
    return found


def _order(products: Products, lists: Lists, code: str, lines: Iterable[Row]) -> Row | None:
    """What a lot's lines of a product ask for, unless it cannot be planned yet."""
    quantity = sum((line["qtd_saldo"] or Decimal(0) for line in lines), Decimal(0))
    shipment = min((line["expedicao"] for line in lines if line["expedicao"]), default=None)
    lead_time = products[code]["lead_time_mto"]
    if shipment is None or lead_time is None or quantity <= 0:
        return None
    needed: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for component, level, amount in _exploded(lists, quantity, (code,)):
        needed[component, level] += amount
    end = shipment - timedelta(days=1)
    return {
        "qtd_planejada": quantity,
        "qtd_pedido_atual": quantity,
        "data_inicio_prevista": min(_worked_days_before(shipment, lead_time), end),
        "data_fim_prevista": end,
        "data_necessidade": shipment,
        "num_pedido_origem": min(line["num_pedido"] for line in lines),
        "materiais_necessarios": {
            (*key, "comprado" if products.get(key[0], {}).get("produto_comprado") else "produzido"): decimal(amount)
            for key, amount in needed.items()
        },
        "problemas": {*_faults(lists, products, (code,))},
    }


def _comparable(order: Row) -> Row:
    """An order whose materials and problems have no sequence."""
    materials = {
        (each["cod_produto"], each["nivel"], each["tipo"]): decimal(each["quantidade"])
        for each in order["materiais_necessarios"] or ()
    }
    return {**order, "materiais_necessarios": materials, "problemas": {*(order["problemas"] or ())}}


def _worked_days_before(day: date, days: int) -> date:
    """Back day by day, weekends and national holidays aside; 0 of them still leads to a day that is worked."""
    off = holidays.country_holidays("BR")
    while days > 0 or day.weekday() > 4 or day in off:
        day -= timedelta(days=1)
        days -= day.weekday() < 5 and day not in off
    return day


def _exploded(lists: Lists, quantity: Decimal, path: tuple[str, ...]) -> Iterator[tuple[str, int, Decimal]]:
    """Components with level and quantity, except what contains itself."""
    for part, each in lists.get(path[-1], ()):
        if part not in path:
            yield part, len(path), quantity * each
            yield from _exploded(lists, quantity * each, (*path, part))


def _faults(lists: Lists, products: Products, path: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the bills of materials, in the operators' words."""
    code = path[-1]
    if code not in products:
        yield f"Produto sem cadastro: {code}"
    elif code not in lists and not products[code]["produto_comprado"]:
        yield f"Sem lista de materiais válida: {code}"
    for part, _ in lists.get(code, ()):
        if part in path:
            loop = path[path.index(part) :]
            first = loop.index(min(loop))
            yield f"Ciclo na lista de materiais: {' → '.join((*loop[first:], *loop[: first + 1]))}"
        else:
            yield from _faults(lists, products, (*path, part))
