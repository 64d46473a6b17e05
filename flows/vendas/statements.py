"""The statements of sales by name (`vendas.sql`)."""

from blocks.banco import load

VENDAS = load("flows.vendas", "vendas.sql")
