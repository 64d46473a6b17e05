"""The systems that flows talk to, one package each: `odoo`, `tiny` and `banco` (PostgreSQL)."""
