"""Sales: invoices first, then the order backlog whose balances they reduce."""
