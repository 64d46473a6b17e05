"""What runs: one folder per domain and the rooms they stand on (docs/arquitetura.md); `catalogo` lists all of it."""

import blocks  # noqa: F401  before Prefect is imported: no telemetry
