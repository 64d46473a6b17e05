"""What happens between the rounds: people type into the database, and things change in Odoo."""

from demo.story import cadastro, compras, manufatura, vendas
from demo.story.scene import Scene, scene

__all__ = ["Scene", "cadastro", "compras", "manufatura", "scene", "vendas"]
