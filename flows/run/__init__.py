"""How any job runs: locks, record, counts, batches, quarantine, events; no table and no source is named here."""
