"""The statements of the service orders by name (`tiny.sql`), the domain whose jobs write in turn, the quarantine."""

from blocks.banco import load

DOMAIN = "tiny"
QUARANTINE = "tiny_os"
"""The entity of the orders in `import_failures`."""
TINY = load("flows.tiny_os", "tiny.sql")
