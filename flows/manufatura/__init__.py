"""Production: reports of production orders from Odoo, realised demand, and orders made to order."""
