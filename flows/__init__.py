"""What runs: one folder per domain, one file per entity, on the engine that all of them share."""
