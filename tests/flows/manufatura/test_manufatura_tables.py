"""The tables of production refuse what went wrong before: orders made twice, groups without a name, lists that loop."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

ORDER = """
INSERT INTO ordem_producao (numero_ordem, origem_ordem, status, cod_produto, qtd_planejada, data_inicio_prevista,
    data_fim_prevista, separacao_lote_id, odoo_production_id)
VALUES (:numero, :origem, :status, 'PA-1', 10, '2026-04-20', '2026-04-22', :lote, :odoo)
"""
FIRST = {"numero": "OP-000001", "origem": "MTO", "status": "Planejada", "lote": "LOTE-1", "odoo": 7}
SECOND = FIRST | {"numero": "OP-000002", "odoo": None}
PART = """
INSERT INTO lista_materiais (cod_produto_produzido, cod_produto_componente, qtd_utilizada, versao, status)
VALUES ('PA-1', :componente, :quantidade, :versao, :status)
"""
LINE = {"componente": "MP-1", "quantidade": 1, "versao": "v1", "status": "ativo"}


@pytest.fixture
def connection(banco: Engine) -> Iterator[Connection]:
    with banco.connect() as connection:
        yield connection


def refused(connection: Connection, statement: str, values: dict[str, object]) -> str:
    with pytest.raises(IntegrityError) as caught, connection.begin_nested():
        connection.execute(text(statement), values)
    return str(caught.value.orig.diag.constraint_name)  # type: ignore[union-attr]


def test_a_lot_and_product_have_one_mto_order_unless_it_was_cancelled(connection: Connection) -> None:
    connection.execute(text(ORDER), FIRST)
    assert refused(connection, ORDER, SECOND) == "uq_ordem_producao_mto"
    connection.execute(text(ORDER), SECOND | {"origem": "Manual"})
    connection.execute(text("UPDATE ordem_producao SET status = 'Cancelada' WHERE numero_ordem = 'OP-000001'"))
    connection.execute(text(ORDER), SECOND | {"numero": "OP-000003"})


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"numero": "OP-000001", "lote": "LOTE-2"}, "uq_ordem_producao_numero_ordem"),
        ({"odoo": 7, "lote": "LOTE-2"}, "uq_ordem_producao_odoo_production_id"),
        ({"status": "planejada"}, "ck_ordem_producao_status"),
        ({"origem": "mto"}, "ck_ordem_producao_origem_ordem"),
        ({"lote": None}, "ck_ordem_producao_lote_mto"),
    ],
)
def test_an_order_that_cannot_be_is_refused(connection: Connection, values: dict[str, object], constraint: str) -> None:
    connection.execute(text(ORDER), FIRST)
    assert refused(connection, ORDER, SECOND | values) == constraint


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"quantidade": 0}, "ck_lista_materiais_qtd_utilizada"),
        ({"componente": "PA-1"}, "ck_lista_materiais_componente"),
        ({"status": "Ativo"}, "ck_lista_materiais_status"),
        ({"versao": "v2"}, "uq_lista_materiais_ativo"),
        ({"status": "inativo"}, "uq_lista_materiais_versao"),
    ],
)
def test_a_list_that_cannot_be_is_refused(connection: Connection, values: dict[str, object], constraint: str) -> None:
    connection.execute(text(PART), LINE)
    assert refused(connection, PART, LINE | values) == constraint
    connection.execute(text(PART), LINE | {"versao": "v2", "status": "inativo"})


def test_a_forecast_without_a_group_is_one_row(connection: Connection) -> None:
    forecast = """
        INSERT INTO previsao_demanda (data_mes, data_ano, cod_produto, qtd_demanda_prevista) VALUES (4, 2026, 'PA-1', 5)
    """
    connection.execute(text(forecast))
    assert refused(connection, forecast, {}).startswith("uq_previsao_demanda_")
    assert connection.execute(text("SELECT nome_grupo FROM previsao_demanda")).scalars().all() == ["GERAL"]


@pytest.mark.parametrize("prefix", ["1234567", "12.345.6", "12abc345", ""])
def test_a_group_s_prefix_is_eight_places_of_a_cnpj(connection: Connection, prefix: str) -> None:
    group = "INSERT INTO grupo_empresarial (nome_grupo, prefixo_cnpj) VALUES ('ATACADÃO', :prefix)"
    connection.execute(text(group), {"prefix": "12ABC345"})
    assert refused(connection, group, {"prefix": prefix}) == "ck_grupo_empresarial_prefixo_cnpj"


def test_the_view_pedido_has_one_row_per_lot_and_no_forecasts(connection: Connection) -> None:
    line = """
        INSERT INTO separacao (separacao_lote_id, num_pedido, cod_uf, cod_produto, valor_saldo, peso, status, nf_cd)
        VALUES (:lote, 'VSC1', 'SP', :produto, 10, 2.5, :status, :nf_cd)
    """
    for lot, product, status, arrived in [
        ("L1", "PA-1", "FATURADO", True),
        ("L1", "PA-2", "COTADO", False),
        ("L2", "PA-1", "PREVISAO", False),
        (None, "PA-1", "ABERTO", False),
    ]:
        connection.execute(text(line), {"lote": lot, "produto": product, "status": status, "nf_cd": arrived})
    columns = "separacao_lote_id, num_pedido, valor_saldo_total, peso_total, status, nf_cd"
    assert connection.execute(text(f"SELECT {columns} FROM pedido")).all() == [("L1", "VSC1", 20, 5, "COTADO", True)]


def test_numbers_come_from_a_sequence(connection: Connection) -> None:
    number = "SELECT 'OP-' || lpad(nextval('ordem_producao_numero')::text, 6, '0')"
    assert connection.execute(text(number)).scalar() == "OP-000001"
    assert connection.execute(text(number)).scalar() == "OP-000002"
