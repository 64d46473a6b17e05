"""The embedded default: everything the flows need, on one machine, for as long as a command runs."""

import blocks  # noqa: F401  before Prefect is imported: no telemetry
