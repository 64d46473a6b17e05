"""What operators read agrees in number."""

import pytest

from flows.run.agreement import agreed, singular


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("lidos", "lido"),
        ("linhas da carteira", "linha da carteira"),
        ("ordens não listadas", "ordem não listada"),
        ("lotes liberados", "lote liberado"),
        ("renovações do Tiny somadas", "renovação do Tiny somada"),
        ("linhas retiradas do histórico de pedidos", "linha retirada do histórico de pedidos"),
        ("entregas de pedidos", "entrega de pedidos"),
        ("lead times que ficaram sem entrega", "lead time que ficou sem entrega"),
        ("notas ativadas ou inativadas no relatório", "nota ativada ou inativada no relatório"),
        ("separações que acompanham o pedido", "separação que acompanha o pedido"),
        ("vínculos com o lote de outro pedido desfeitos", "vínculo com o lote de outro pedido desfeito"),
        ("meses que diferiam: veja os artefatos", "mês que diferia: veja os artefatos"),
        ("rejeitados à parte", "rejeitado à parte"),
        ("por tratar", "por tratar"),
        ("", ""),
    ],
)
def test_one_of_many_is_called_in_the_singular_throughout(many: str, one: str) -> None:
    assert singular(many) == one
    assert (agreed(1, many), agreed(2, many), agreed(0, many)) == (f"1 {one}", f"2 {many}", f"0 {many}")


def test_a_quantity_may_be_written_as_people_read_it() -> None:
    assert agreed(1000, "novos", "1.000") == "1.000 novos"
