"""The flows that run several entities: those of a domain in the catalogue's order, or all again; then the panel."""

from flows.catalogo import COMPRAS, ENTITIES, VENDAS
from flows.operacao.painel.artifact import publish_panel
from flows.sync.flows import domain_flow
from flows.sync.releitura import reread_flow

vendas = domain_flow(VENDAS, publish_panel)
compras = domain_flow(COMPRAS, publish_panel)
releitura = reread_flow(ENTITIES, publish_panel)
