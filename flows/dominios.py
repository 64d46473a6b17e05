"""The flows that run several entities: those of a domain in the catalogue's order, or all again; then the panel."""

from flows.catalogo import COMPRAS, ENTITIES, VENDAS
from flows.connections import one_odoo_client
from flows.operacao.painel.artifact import publish_panel
from flows.sync.flows import domain_flow
from flows.sync.releitura import reread_flow

vendas = domain_flow(VENDAS, publish_panel, one_odoo_client)
compras = domain_flow(COMPRAS, publish_panel, one_odoo_client)
releitura = reread_flow(ENTITIES, publish_panel, one_odoo_client)
