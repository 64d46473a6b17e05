"""Production: what Odoo reports of our orders, what was sold of what was forecast, and orders made to order."""
