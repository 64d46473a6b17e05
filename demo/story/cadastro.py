"""The register of products: a person says which of them are purchased, and forgets one at first."""

from collections import Counter

from demo.check import read_company
from demo.check.entradas import kept_aside
from demo.processes import DemoError
from demo.story.scene import Scene


def people_register(scene: Scene) -> str:
    """A person registers what came from suppliers as purchased products, and forgets the one that came most often.

    Returns:
        The code of the product that was forgotten.
    """
    codes = kept_aside(read_company(scene.odoo), registered=set()).values()
    received = Counter(code for code in codes if code)
    if len(received) < 2:
        raise DemoError("The simulated company has not received two products from suppliers")
    forgotten, *others = (code for code, _ in received.most_common())
    _register(scene, others)
    scene.say(f"uma pessoa cadastra {len(others)} produtos comprados e esquece o {forgotten}")
    return forgotten


def people_remember(scene: Scene, code: str) -> None:
    """The person registers the forgotten product, for which movements wait."""
    waiting = scene.values("SELECT id FROM import_failures WHERE status = 'aguardando' AND espera = :code", code=code)
    if not waiting:
        raise DemoError(f"No receipt waits for product {code}, which is not registered")
    _register(scene, [code])
    scene.say(f"uma pessoa cadastra o produto {code}: {len(waiting)} entradas esperavam por ele")


def _register(scene: Scene, codes: list[str]) -> None:
    for product in scene.all("product.product", [("default_code", "in", codes)], "default_code", "name"):
        scene.type(
            "INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto, produto_comprado)"
            " VALUES (:code, :name, 1, 1, true) ON CONFLICT (cod_produto) DO UPDATE SET produto_comprado = true",
            code=product["default_code"],
            name=product["name"],
        )
