"""How every job runs: locks, record, counts, batches, quarantine, events. Nothing here knows a table or source."""
