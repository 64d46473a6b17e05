"""Production: orders that Odoo carries out, demand that somebody forecast, lots of products made to order."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.check.tax_ids import bare
from demo.processes import DemoError
from demo.story.scene import Scene

PRODUCTION = "mrp.production"
CONFIRMED = ["sale", "done"]
"""States of a confirmed order; the second is a locked one up to Odoo 16."""
DATES = (("start", "date_start"), ("finished", "date_finished"))
"""The planned dates have names of their own up to Odoo 16; later they become the real ones."""
SAUCE, BRINE, LABEL = "MOLHO-1", "SALMOURA-1", "ROTULO-1"
GROUP = "REDE SOL"
LOT, UNDATED, PRESELECTED = "LOTE-MTO", "LOTE-SEM-DATA", "LOTE-PRE"


@dataclass(frozen=True)
class Sold:
    """A confirmed order of which nothing is invoiced: its first two products are forecast and made to order."""

    order: str
    partner: int
    codes: tuple[str, ...]
    root: str
    """Of the customer's CNPJ."""


def people_prepare(scene: Scene) -> Sold:
    """A person types what production starts from: orders, bills of materials, a group of customers, forecasts."""
    sold = _latest(scene)
    numbers = _type_orders(scene)
    _type_lists(scene, sold.codes[0])
    months = _type_forecasts(scene, sold)
    scene.say(f"uma pessoa digita {len(numbers)} ordens de produção pelo número que têm no Odoo: {', '.join(numbers)}")
    scene.say(f"… a lista de materiais de {sold.codes[0]}, com um ciclo, e previsões de {' e '.join(months)}")
    return sold


def people_ship(scene: Scene, sold: Sold) -> None:
    """A person has two products made to order, and plans lots of them: one without a date, one preselected only."""
    first, second = sold.codes
    scene.type(
        "UPDATE cadastro_palletizacao SET disparo_producao = 'MTO', produto_produzido = true, lead_time_mto = 15"
        " WHERE cod_produto = ANY(:codes)",
        codes=[first, second],
    )
    for lot, codes, shipment in ((LOT, [first, second], _today() + timedelta(days=40)), (UNDATED, [first], None)):
        scene.type(
            "INSERT INTO separacao (separacao_lote_id, num_pedido, cod_produto, nome_produto, raz_social_red, cod_uf,"
            " qtd_saldo, expedicao) SELECT :lot, num_pedido, cod_produto, nome_produto, raz_social_red, cod_uf,"
            " qtd_saldo_produto_pedido, :shipment FROM carteira_principal"
            " WHERE num_pedido = :order AND cod_produto = ANY(:codes)",
            lot=lot,
            shipment=shipment,
            order=sold.order,
            codes=codes,
        )
    own: dict[str, Any] = {"separacao_lote_id": PRESELECTED, "num_pedido": sold.order, "cod_produto": second}
    own |= {"qtd_original_carteira": 9, "qtd_selecionada_usuario": 3, "qtd_restante_calculada": 6}
    _insert(scene, "pre_separacao_item", **own, data_expedicao_editada=_today() + timedelta(days=20))
    scene.say(f"uma pessoa planeja lotes do pedido {sold.order}, de produtos sob encomenda; um ainda sem expedição")


def odoo_changes(scene: Scene, sold: Sold) -> None:
    """Productions go on, one of them backwards; the sale and the lot change; the customer orders again."""
    ours = [("id", "in", scene.values("SELECT odoo_production_id FROM ordem_producao"))]
    partial = scene.first(PRODUCTION, [*ours, ("state", "=", "progress")], "name", "qty_producing")
    scene.do(PRODUCTION, "button_mark_done", partial["id"])
    scene.say(
        f"no Odoo, produção {partial['name']}: encerrada com {partial['qty_producing']:g}, o resto fica para depois"
    )
    finished = scene.first(PRODUCTION, [*ours, ("state", "=", "to_close")], "name")
    scene.do(PRODUCTION, "button_mark_done", finished["id"])
    scene.say(f"no Odoo, produção {finished['name']}: concluída")
    started = scene.first(PRODUCTION, [*ours, ("state", "=", "confirmed")], "name")
    scene.odoo.control("start", production=started["id"])
    scene.say(f"no Odoo, produção {started['name']}: começou")
    parts = scene.values(
        "SELECT odoo_production_id FROM ordem_producao WHERE status = 'Em Produção' AND qtd_produzida > 1"
    )
    less = scene.first(PRODUCTION, [("id", "in", parts)], "name", "qty_produced")
    scene.odoo.control("produced", production=less["id"], quantity=less["qty_produced"] - 1)
    scene.say(f"no Odoo, produção {less['name']}: na verdade foi 1 a menos, e nenhuma data muda")
    _sell_more(scene, sold)
    scene.type("UPDATE separacao SET qtd_saldo = qtd_saldo + 5 WHERE separacao_lote_id = :lot", lot=LOT)
    scene.say(f"uma pessoa põe 5 a mais de cada produto no lote {LOT}")


def _latest(scene: Scene) -> Sold:
    """The latest open order that will do: others change and cancel the first ones."""
    kind = [("l10n_br_tipo_pedido", "=", "venda")] if scene.has("sale.order", "l10n_br_tipo_pedido") else []
    tax_id = "l10n_br_cnpj" if scene.has("res.partner", "l10n_br_cnpj") else "vat"
    unbilled = [("state", "in", CONFIRMED), ("invoice_ids", "=", False), *kind]
    for order in reversed([*scene.all("sale.order", unbilled, "name", "partner_id")]):
        cnpj = bare(scene.first("res.partner", [("id", "=", order["partner_id"])], tax_id)[tax_id]) or ""
        coded = [("order_id", "=", order["id"]), ("product_id.default_code", "!=", False)]
        products = [line["product_id"] for line in scene.all("sale.order.line", coded, "product_id")]
        found = scene.all("product.product", [("id", "in", products)], "default_code")
        codes = list(dict.fromkeys(product["default_code"] for product in found))
        if len(cnpj) == 14 and len(codes) > 1:
            return Sold(order["name"], order["partner_id"], tuple(codes[:2]), cnpj[:8])
    raise DemoError("The simulated company has no open order of two products by a customer with a CNPJ")


def _type_orders(scene: Scene) -> list[str]:
    """An order for the first production of each kind; one that a backorder has renamed is known by its old name."""
    products = {
        product["id"]: product for product in scene.all("product.product", [], "default_code", "name", "uom_id")
    }
    begin, end = (scene.called(PRODUCTION, f"date_planned_{name}", date) for name, date in DATES)
    fields = f"name state backorder_sequence product_id product_uom_id product_uom_qty {begin} {end}"
    kinds, numbers = set(), []
    for made in scene.all(PRODUCTION, [], *fields.split()):
        product = products[made["product_id"]]
        kind = made["state"], made["backorder_sequence"], made["product_uom_id"] == product["uom_id"]
        number = made["name"][:-4] if made["backorder_sequence"] else made["name"]
        if kind not in kinds and number not in numbers:
            numbers.append(number)
            own = {"numero_ordem": number, "cod_produto": product["default_code"], "nome_produto": product["name"]}
            planned = {"data_inicio_prevista": made[begin], "data_fim_prevista": made[end]}
            _insert(scene, "ordem_producao", **own, qtd_planejada=made["product_uom_qty"], **planned)
        kinds.add(kind)
    return numbers


def _type_lists(scene: Scene, product: str) -> None:
    """Three levels, a component met on two of them, a cycle, and a label that has no list."""
    for code in (SAUCE, BRINE, LABEL):
        own = {"cod_produto": code, "nome_produto": code, "produto_produzido": True}
        _insert(scene, "cadastro_palletizacao", **own, palletizacao=1, peso_bruto=1)
    bought = scene.values("SELECT cod_produto FROM cadastro_palletizacao WHERE produto_comprado ORDER BY cod_produto")
    salt, vinegar, *_ = bought
    parts = [(product, SAUCE, 0.25), (product, LABEL, 12), (product, salt, 1.5), (SAUCE, BRINE, 0.3)]
    parts += [(SAUCE, vinegar, 0.35), (BRINE, salt, 0.031), (BRINE, SAUCE, 0.01)]
    for made, part, quantity in parts:
        ends = {"cod_produto_produzido": made, "cod_produto_componente": part}
        _insert(scene, "lista_materiais", **ends, qtd_utilizada=quantity)


def _type_forecasts(scene: Scene, sold: Sold) -> list[str]:
    """Of all customers, of a group, of those without one, and of something that nobody orders; this month and last."""
    _insert(scene, "grupo_empresarial", nome_grupo=GROUP, prefixo_cnpj=sold.root)
    first, second = sold.codes
    forecasts = [("GERAL", first), (GROUP, first), ("RESTANTE", first), ("GERAL", second), ("GERAL", LABEL)]
    months = [_today(), _today().replace(day=1) - timedelta(days=1)]
    for day in months:
        for group, code in forecasts:
            of = {"data_mes": day.month, "data_ano": day.year, "nome_grupo": group, "cod_produto": code}
            _insert(scene, "previsao_demanda", **of, qtd_demanda_prevista=100)
    return [f"{day:%m/%Y}" for day in months]


def _sell_more(scene: Scene, sold: Sold) -> None:
    coded = [("order_id.name", "=", sold.order), ("product_id.default_code", "=", sold.codes[0])]
    line = scene.first("sale.order.line", coded, "product_id", "product_uom_qty")
    scene.do("sale.order.line", "write", line["id"], {"product_uom_qty": line["product_uom_qty"] + 5})
    again = {"product_id": line["product_id"], "product_uom_qty": 12.0}
    order = scene.create("sale.order", {"partner_id": sold.partner, "order_line": [(0, 0, again)]})
    scene.do("sale.order", "action_confirm", order)
    name = scene.first("sale.order", [("id", "=", order)], "name")["name"]
    scene.say(f"no Odoo, pedido {sold.order}: 5 a mais do {sold.codes[0]}; e 12 no pedido {name}, novo")


def _insert(scene: Scene, table: str, **values: Any) -> None:
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    scene.type(f"INSERT INTO {table} ({names}) VALUES ({marks})", **values)


def _today() -> date:
    return datetime.now(ZoneInfo("America/Sao_Paulo")).date()
