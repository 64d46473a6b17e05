"""The purchasing domain, in the order in which each entity needs the ones before it."""

from flows.compras.alocacoes import alocacoes
from flows.compras.entradas import entradas
from flows.compras.pedidos import pedidos
from flows.compras.requisicoes import requisicoes
from flows.sync.flows import domain_flow

compras = domain_flow(
    "compras",
    (requisicoes, pedidos, alocacoes, entradas),
    "Sincroniza as compras: requisições, pedidos, alocações e entradas; a falha de uma não impede as outras.",
    documents="lê só estas requisições e pedidos de compra, com as suas alocações e entradas.",
)
