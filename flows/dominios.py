"""The flows that run a whole domain: its entities in the catalogue's order, then the panel."""

from flows.catalogo import COMPRAS, VENDAS
from flows.operacao.painel.artifact import publish_panel
from flows.sync.flows import domain_flow

vendas = domain_flow(VENDAS, publish_panel)
compras = domain_flow(COMPRAS, publish_panel)
