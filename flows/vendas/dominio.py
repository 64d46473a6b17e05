"""The sales domain: invoices before orders, since balances are computed from stored invoices."""

from flows.sync.flows import domain_flow
from flows.vendas.carteira import carteira
from flows.vendas.faturamento import faturamento

vendas = domain_flow(
    "vendas",
    (faturamento, carteira),
    "Sincroniza as vendas: faturamento e depois carteira; a falha de um não impede o outro.",
    documents="lê só estes pedidos e as suas notas, ou estas notas.",
)
