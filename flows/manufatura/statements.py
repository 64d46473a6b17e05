"""What all jobs of production share: their statements by name (`manufatura.sql`), and their domain."""

from blocks.banco import load

DOMAIN = "manufatura"
"""The domain, whose jobs write in turn."""
MANUFATURA = load("flows.manufatura", "manufatura.sql")
