"""What happens between the rounds: people type into the database, and things change in Odoo and Tiny."""

from demo.story import cadastro, compras, manufatura, tiny, vendas
from demo.story.scene import Scene, scene

__all__ = ["Scene", "cadastro", "compras", "manufatura", "scene", "tiny", "vendas"]
