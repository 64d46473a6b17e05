"""The statements of production by name (`manufatura.sql`), and the domain whose jobs write in turn."""

from blocks.banco import load

DOMAIN = "manufatura"
MANUFATURA = load("flows.manufatura", "manufatura.sql")
