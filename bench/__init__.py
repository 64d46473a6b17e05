"""How fast the project writes and syncs, beside what others do with the same rows and reads."""

import blocks  # noqa: F401  before Prefect is imported: no telemetry
