"""Reconciliation: the source's totals against ours, then ids, then contents, each only where the one above differs."""
