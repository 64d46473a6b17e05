"""The systems that flows talk to, one package each: `odoo`, `tiny` and `banco` (PostgreSQL)."""

import os

# Read when Prefect is imported, which every entry point does after this: without them it tells its makers of us, under
# an id that it keeps in the home folder.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
