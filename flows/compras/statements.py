"""The statements of purchasing by name (`compras.sql`)."""

from blocks.banco import load

COMPRAS = load("flows.compras", "compras.sql")
