"""Whether nothing was lost, nothing doubled and nothing of people's touched, once everything has run in peace."""

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from demo.check import compras, manufatura, vendas
from demo.check.company import read_company
from tests.chaos.people import touched
from tests.chaos.schedule import JOBS, PRODUCTION, PURCHASES, SALES
from tests.chaos.world import World

if TYPE_CHECKING:
    from tests.chaos.odoo_world import OdooWorld

MODELS: Final = {
    SALES: "sale.order sale.order.line account.move account.move.line",
    PURCHASES: "purchase.request purchase.request.line purchase.requisition purchase.order purchase.order.line "
    "purchase.request.allocation stock.picking stock.move stock.location res.users",
    PRODUCTION: "sale.order sale.order.line account.move account.move.line mrp.production",
}
COMMON: Final = "product.product res.partner uom.uom res.company res.currency"
CHECKS: Final = {SALES: (vendas,), PURCHASES: (compras,), PRODUCTION: (vendas, manufatura)}


def wrongs(world: "OdooWorld", domain: str) -> list[str]:
    """What is wrong, in words; empty: nothing."""
    company = read_company(world.odoo, f"{MODELS[domain]} {COMMON}".split())
    found: list[str] = []
    with world.engine.connect() as connection:
        for check in CHECKS[domain]:
            for name, lines in check.disagreements(connection, company).items():
                if name in JOBS[domain]:
                    found += [f"{name}: {line}" for line in lines if not _kept_as_it_was(world, name, line)]
    return [*found, *doubled(world), *causeless(world, JOBS[domain]), *touched(world)]


_SURPLUS: Final = re.compile(r" (\d+): está no banco e não na origem$")


def _kept_as_it_was(world: World, entity: str, line: str) -> bool:
    """Whether a surplus row is that of a line kept aside, which stays until the line can be stored.

    docs/decisoes/010-quarantine-per-record.md says so.
    """
    surplus = _SURPLUS.search(line)
    aside = "SELECT FROM import_failures WHERE entidade = :entity AND registro_id = :id AND status <> 'resolvido'"
    return bool(surplus and world.fetch(aside, entity=entity, id=int(surplus[1])))


TWICE: Final = {
    "movimento de uma nota": "SELECT faturamento_produto_id FROM movimentacao_estoque WHERE ativo"
    " AND faturamento_produto_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "movimento de um recebimento": "SELECT odoo_move_id FROM movimentacao_estoque WHERE odoo_move_id IS NOT NULL"
    " GROUP BY 1 HAVING count(*) > 1",
    "apontamento": "SELECT ordem_producao_id, apontamento FROM movimentacao_estoque"
    " WHERE ordem_producao_id IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1",
    "linha da carteira sem pedido": "SELECT odoo_line_id FROM carteira_linha l WHERE l.ativo AND linha_de IS NULL",
    "linha em quarentena que não é do documento como foi lido": "SELECT f.entidade, f.documento_id, f.registro_id"
    " FROM import_failures f LEFT JOIN sync_documento d ON d.entidade = f.entidade AND d.documento_id = f.documento_id"
    " AND d.excluido_em IS NULL WHERE f.status <> 'resolvido' AND f.registro_id <> f.documento_id"
    " AND (d.oculto_em IS NULL OR d.linhas_ocultas <> '{}')"
    " AND (f.registro_id = ANY(d.registros) AND f.registro_id <> ALL(d.linhas_ocultas)) IS NOT TRUE",
    "execução sem fim": "SELECT id FROM log_integracao l WHERE status = 'executando' AND id < (SELECT max(id)"
    " FROM log_integracao o WHERE o.tipo_integracao = l.tipo_integracao)",
}
"""Queries that find what may not be."""
HISTORIES: Final = ("requisicao_compra", "pedido_compra")


def doubled(world: "OdooWorld") -> Iterator[str]:
    """Movements and history entries that are there twice."""
    for what, query in TWICE.items():
        for row in world.fetch(query):
            yield f"{what}: {row}"
    for parent in HISTORIES:
        own = "'{id,operacao,alterado_em,alterado_por,write_date_odoo,alteracoes}'"
        for row in world.fetch(
            f"SELECT id FROM (SELECT id, to_jsonb(h) - {own}::text[] AS told, lag(to_jsonb(h) - {own}::text[])"
            f" OVER (PARTITION BY {parent}_id ORDER BY id) AS before FROM historico_{parent}s h) x WHERE told = before"
        ):
            yield f"historico_{parent}s {row}: igual ao anterior"


def causeless(world: World, jobs: Collection[str]) -> Iterator[str]:
    """What is kept aside without a reason."""
    for row in world.fetch(
        "SELECT entidade, registro_id FROM import_failures WHERE status <> 'resolvido' AND coalesce(erro, '') = ''"
    ):
        if row[0] in jobs:
            yield f"em quarentena sem causa: {row}"
