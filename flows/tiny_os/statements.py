"""What all jobs of the service orders share: their statements by name (`tiny.sql`), their domain, their quarantine."""

from blocks.banco import load

DOMAIN = "tiny"
"""The domain, whose jobs write in turn."""
QUARANTINE = "tiny_os"
"""The `entidade` of the orders in `import_failures`."""
TINY = load("flows.tiny_os", "tiny.sql")
