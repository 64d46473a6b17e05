"""That the demo's check sees what is wrong: one synced company, and one thing broken in each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from blocks.zone import BUSINESS_ZONE
from demo import check, story
from demo.check import entradas, tax_ids
from demo.check.company import Row
from demo.odoo import OdooProcess, odoo_process
from flows.catalogo import CONFERENCIA, ENTITIES, JOBS, MANUTENCAO, TINY
from flows.manufatura.demanda import months
from tests.flows.manufatura.manufatura_samples import Factory, client_of
from tests.flows.simulated import company_of


@pytest.fixture(scope="module")
def synced(_module_engine: Engine) -> Iterator[tuple[Engine, check.Company]]:
    """A database as one run of everything leaves it, with a product that nobody registered, and its source."""
    with odoo_process() as odoo, company_of(odoo, _module_engine) as company:
        with story.scene(odoo, _module_engine, lambda _: None) as scene:
            story.cadastro.people_register(scene)
            sold = story.manufatura.people_prepare(scene)
            for entity in ENTITIES:
                company.run(entity)
            story.manufatura.people_ship(scene, sold)
        produce(odoo, _module_engine)
        yield _module_engine, check.read_company(odoo)


def produce(odoo: OdooProcess, engine: Engine) -> None:
    """One run of each job of production."""
    factory = Factory(engine)
    today = datetime.now(BUSINESS_ZONE).date()
    with client_of(odoo) as client:
        factory.report(client, today=today)
    for year, month in months(None, None, today):
        factory.measure(year, month)
    factory.plan()


@contextmanager
def broken(engine: Engine, *statements: str) -> Iterator[Connection]:
    """A connection that sees what these statements do; nobody else ever does."""
    with engine.connect() as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount, "there is nothing to break"
        yield connection
        connection.rollback()


def test_check_after_a_sync_finds_nothing(synced: tuple[Engine, check.Company]) -> None:
    engine, company = synced
    elsewhere = (*TINY.jobs, *CONFERENCIA.jobs, *MANUTENCAO.jobs)
    with engine.connect() as connection:
        assert check.disagreements(connection, company) == {job.name: [] for job in JOBS if job not in elsewhere}


FIRST_REQUEST = "odoo_id = (SELECT min(odoo_id) FROM requisicao_compras)"
FIRST_ORDER = "odoo_id = (SELECT min(odoo_id) FROM pedido_compras)"
DELIVERED = "odoo_id = (SELECT min(odoo_id) FROM pedido_compras WHERE confirmacao_pedido)"
FIRST_ALLOCATION = "odoo_allocation_id = (SELECT min(odoo_allocation_id) FROM requisicao_compra_alocacao)"
FIRST_MOVE = "odoo_move_id = (SELECT min(odoo_move_id) FROM movimentacao_estoque WHERE ativo)"
RETURNED = "odoo_move_id = (SELECT min(odoo_move_id) FROM movimentacao_estoque WHERE NOT ativo)"
FIRST_LEAD_TIME = "id = (SELECT min(id) FROM lead_time_fornecedor)"
PRODUCED = "id = (SELECT min(ordem_producao_id) FROM movimentacao_estoque WHERE tipo_movimentacao = 'PRODUCAO')"
FIRST_SALE = "id = (SELECT min(id) FROM historico_pedidos)"
MADE = "id = (SELECT min(id) FROM ordem_producao WHERE origem_ordem = 'MTO' AND materiais_necessarios @> '[{}]')"


@pytest.mark.parametrize(
    ("statement", "entity", "said"),  # what is broken, whose check says so, and a part of what it says
    [
        (f"UPDATE requisicao_compras SET data_necessidade = '2020-01-01' WHERE {FIRST_REQUEST}", "requisicoes", "dade"),
        (f"UPDATE requisicao_compras SET status = 'Pendente' WHERE {FIRST_REQUEST}", "requisicoes", "status"),
        (
            f"DELETE FROM historico_requisicao_compras WHERE requisicao_compra_id = "
            f"(SELECT id FROM requisicao_compras WHERE {FIRST_REQUEST})",
            "requisicoes",
            "histórico",
        ),
        (f"DELETE FROM pedido_compras WHERE {FIRST_ORDER}", "pedidos", "falta no banco"),
        (f"UPDATE pedido_compras SET odoo_id = 999999 WHERE {FIRST_ORDER}", "pedidos", "e não na origem"),
        (f"UPDATE pedido_compras SET qtd_produto_pedido_estoque = 1 WHERE {FIRST_ORDER}", "pedidos", "_estoque"),
        (f"UPDATE pedido_compras SET cnpj_valido = false WHERE {FIRST_ORDER}", "pedidos", "cnpj_valido"),
        (f"UPDATE pedido_compras SET data_pedido_entrega = '2020-01-01' WHERE {DELIVERED}", "pedidos", "entrega"),
        (f"UPDATE pedido_compras SET qtd_recebida_estoque = 0 WHERE {DELIVERED}", "pedidos", "qtd_recebida_estoque"),
        (f"UPDATE pedido_compras SET confirmacao_pedido = false WHERE {DELIVERED}", "pedidos", "confirmacao_pedido"),
        (
            "UPDATE historico_pedido_compras SET qtd_recebida = 77 WHERE id = 1",
            "pedidos",
            "mudou sem registro no histórico: qtd_recebida",
        ),
        ("UPDATE historico_pedido_compras SET operacao = 'EDITAR' WHERE id = 1", "pedidos", "histórico com ['EDITAR']"),
        (f"UPDATE requisicao_compra_alocacao SET qtd_aberta = 9 WHERE {FIRST_ALLOCATION}", "alocacoes", "qtd_aberta"),
        (f"DELETE FROM requisicao_compra_alocacao WHERE {FIRST_ALLOCATION}", "alocacoes", "falta no banco"),
        (
            f"UPDATE requisicao_compra_alocacao SET pedido_compra_id = NULL WHERE {FIRST_ALLOCATION}",
            "alocacoes",
            "linha_do_pedido",
        ),
        (
            f"UPDATE requisicao_compra_alocacao SET requisicao_compra_id = "
            f"(SELECT max(id) FROM requisicao_compras) WHERE {FIRST_ALLOCATION}",
            "alocacoes",
            "linha_da_requisicao",
        ),
        (f"UPDATE movimentacao_estoque SET qtd_movimentacao = 1 WHERE {FIRST_MOVE}", "entradas", "qtd_movimentacao"),
        (f"UPDATE movimentacao_estoque SET ativo = true WHERE {RETURNED}", "entradas", "ativo"),
        (
            f"UPDATE movimentacao_estoque SET pedido_compras_id = NULL WHERE {FIRST_MOVE}",
            "entradas",
            "linha_do_pedido é None no banco",
        ),
        (
            f"UPDATE lead_time_fornecedor SET lead_time_historico = 99.9 WHERE {FIRST_LEAD_TIME}",
            "entradas",
            "lead_time_historico",
        ),
        (f"DELETE FROM lead_time_fornecedor WHERE {FIRST_LEAD_TIME}", "entradas", "falta no banco"),
        (
            f"UPDATE lead_time_fornecedor SET cod_produto = 'NENHUM' WHERE {FIRST_LEAD_TIME}",
            "entradas",
            "e não na origem",
        ),
        (
            "UPDATE import_failures SET status = 'resolvido' WHERE entidade = 'entradas'",
            "entradas",
            "nem gravada nem em quarentena",
        ),
        ("UPDATE import_failures SET espera = 'OUTRO' WHERE entidade = 'entradas'", "entradas", "à espera de OUTRO"),
        (
            "INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload)"
            " VALUES ('alocacoes', 1, 1, 'erro', '{}')",
            "alocacoes",
            "em quarentena sem motivo",
        ),
        ("DELETE FROM faturamento_produtos WHERE id = 1", "faturamento", "falta no banco"),
        ("UPDATE relatorio_faturamento_importado SET ativo = false", "faturamento", "no relatório"),
        ("UPDATE movimentacao_estoque SET ativo = false WHERE numero_nf IS NOT NULL", "faturamento", "sem movimento"),
        ("UPDATE carteira_principal SET qtd_saldo_produto_pedido = -1", "carteira", "qtd_saldo_produto_pedido"),
        (f"UPDATE ordem_producao SET qtd_produzida = 1 WHERE {PRODUCED}", "apontamentos", "qtd_produzida"),
        (f"UPDATE ordem_producao SET status = 'Liberada' WHERE {PRODUCED}", "apontamentos", "status"),
        (f"UPDATE ordem_producao SET data_inicio_real = '2020-01-01' WHERE {PRODUCED}", "apontamentos", "inicio_real"),
        ("UPDATE ordem_producao SET data_fim_real = NULL WHERE status = 'Concluída'", "apontamentos", "fim_real"),
        (f"UPDATE ordem_producao SET odoo_production_id = NULL WHERE {PRODUCED}", "apontamentos", "production_id"),
        (
            "UPDATE movimentacao_estoque SET qtd_movimentacao = 1 WHERE tipo_movimentacao = 'PRODUCAO'",
            "apontamentos",
            "os movimentos somam",
        ),
        (
            "DELETE FROM movimentacao_estoque WHERE tipo_movimentacao = 'PRODUCAO'",
            "apontamentos",
            "os movimentos somam",
        ),
        ("UPDATE movimentacao_estoque SET apontamento = 2 WHERE apontamento = 1", "apontamentos", "numerados [2]"),
        (
            "UPDATE movimentacao_estoque SET cod_produto = 'OUTRO' WHERE apontamento = 1",
            "apontamentos",
            "de outro produto",
        ),
        (
            "UPDATE movimentacao_estoque SET ordem_producao_id = NULL WHERE apontamento = 1",
            "apontamentos",
            "de uma ordem que não existe",
        ),
        (f"DELETE FROM historico_pedidos WHERE {FIRST_SALE}", "demanda", "falta no banco"),
        (f"UPDATE historico_pedidos SET num_pedido = 'X' WHERE {FIRST_SALE}", "demanda", "e não na origem"),
        (f"UPDATE historico_pedidos SET qtd_produto_pedido = 0.5 WHERE {FIRST_SALE}", "demanda", "qtd_produto_pedido"),
        (f"UPDATE historico_pedidos SET data_pedido = '2020-01-01' WHERE {FIRST_SALE}", "demanda", "data_pedido"),
        ("UPDATE historico_pedidos SET nome_grupo = 'RESTANTE'", "demanda", "nome_grupo"),
        ("UPDATE previsao_demanda SET qtd_demanda_realizada = 9999 WHERE nome_grupo = 'RESTANTE'", "demanda", "9999"),
        ("UPDATE previsao_demanda SET qtd_demanda_realizada = 9999 WHERE nome_grupo = 'GERAL'", "demanda", "9999"),
        (f"DELETE FROM ordem_producao WHERE {MADE}", "ordens-mto", "falta no banco"),
        (f"UPDATE ordem_producao SET separacao_lote_id = 'OUTRO' WHERE {MADE}", "ordens-mto", "e não na origem"),
        (f"UPDATE ordem_producao SET numero_ordem = 'OP-1' WHERE {MADE}", "ordens-mto", "número OP-1"),
        (
            "DROP INDEX uq_ordem_producao_mto; INSERT INTO ordem_producao (numero_ordem, origem_ordem,"
            " separacao_lote_id, cod_produto, qtd_planejada, data_inicio_prevista, data_fim_prevista,"
            " materiais_necessarios) SELECT 'OP-900000', 'MTO', separacao_lote_id, cod_produto, 1, current_date,"
            f" current_date, '[]' FROM ordem_producao WHERE {MADE}",
            "ordens-mto",
            "2 ordens",
        ),
        (f"UPDATE ordem_producao SET qtd_planejada = 0.5 WHERE {MADE}", "ordens-mto", "qtd_planejada"),
        (
            f"UPDATE ordem_producao SET data_inicio_prevista = data_inicio_prevista + 1 WHERE {MADE}",
            "ordens-mto",
            "data_inicio_prevista",
        ),
        (f"UPDATE ordem_producao SET data_fim_prevista = '2020-01-01' WHERE {MADE}", "ordens-mto", "data_fim_prevista"),
        (f"UPDATE ordem_producao SET problemas = NULL WHERE {MADE}", "ordens-mto", "problemas"),
        (
            f"UPDATE ordem_producao SET materiais_necessarios = materiais_necessarios - 0 WHERE {MADE}",
            "ordens-mto",
            "materiais_necessarios",
        ),
        ("UPDATE lista_materiais SET qtd_utilizada = 77", "ordens-mto", "materiais_necessarios"),
        ("UPDATE separacao SET ordem_producao_id = NULL", "ordens-mto", "ligada à ordem None"),
    ],
)
def test_check_names_what_was_broken(
    synced: tuple[Engine, check.Company], statement: str, entity: str, said: str
) -> None:
    engine, company = synced
    with broken(engine, statement) as connection:
        assert any(said in line for line in check.disagreements(connection, company)[entity])


def test_check_goes_by_the_products_that_a_person_registered(synced: tuple[Engine, check.Company]) -> None:
    engine, company = synced
    with broken(engine, "UPDATE cadastro_palletizacao SET produto_comprado = NOT produto_comprado") as connection:
        found = check.disagreements(connection, company)
    assert any("e não na origem" in line for line in found["entradas"])
    assert any("nem gravada nem em quarentena" in line for line in found["entradas"])
    assert any("confirmacao_pedido" in line for line in found["pedidos"])


def test_check_uses_nothing_of_the_flows() -> None:
    for module in Path(check.__file__).parent.glob("*.py"):
        imports = [line for line in module.read_text().splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in imports if line.split()[1].split(".")[0] in ("flows", "schema", "stdnum")]


@pytest.mark.parametrize(
    ("tax_id", "valid"),
    [
        ("11.222.333/0001-81", True),
        ("11.222.333/0001-82", False),
        ("11.222.333/0001-18", False),
        ("12.ABC.345/01DE-35", True),  # the example that the Receita Federal gives for letters
        ("529.982.247-25", True),
        ("529.982.247-24", False),
        ("111.111.111-11", False),
        ("61.724.241", False),
    ],
)
def test_check_digits(tax_id: str, valid: bool) -> None:
    assert tax_ids.is_valid(tax_id) is valid


def test_lead_time_gives_a_later_delivery_the_weight_of_all_before_it() -> None:
    def line(number: int, days: int, cnpj_valid: bool = True) -> tuple[int, Row]:
        of_supplier = {"cnpj_fornecedor": "A", "cnpj_valido": cnpj_valid, "raz_social": f"A{number}"}
        ordered, came = date(2026, 1, 31), date(2026, 1, 31) + timedelta(days)
        product = {"cod_produto": "P", "nome_produto": "Palmito"}
        return number, {**of_supplier, **product, "data_pedido_criacao": ordered, "data_pedido_entrega": came}

    # By date, then by line: 4; (4 + 7) / 2 = 5.5; (5.5 + 7) / 2 = 6.25, half up.
    lines = dict([line(3, 7), line(1, 4), line(2, 7), line(4, -1), line(5, 30, cnpj_valid=False)])
    assert entradas.lead_times(lines) == {
        ("A", "P"): {
            "nome_fornecedor": "A3",
            "nome_produto": "Palmito",
            "lead_time_previsto": 4,
            "lead_time_calculado": 4,
            "lead_time_historico": Decimal("6.3"),
        }
    }
