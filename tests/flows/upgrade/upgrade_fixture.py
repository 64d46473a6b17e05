"""The database of the version before (commit ef0f472, revision 0007) as a file, and how it was made.

That code cannot be run here any more. To make the file again, check that commit out elsewhere, copy this folder to its
`tests/flows`, and run `python -m tests.flows.upgrade.upgrade_fixture` there: it syncs the recorded company of the
simulator, does what people do, changes the company and syncs it again. `antes.json.gz` has the rows of each table as
JSON, by its name.
"""

import gzip
import json
from pathlib import Path

from sqlalchemy import Engine, text

from blocks.banco import open_engine
from demo.odoo import odoo_process
from demo.postgres import embedded_postgres
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from schema import metadata, migrate
from tests.flows.compras.compras_company import Compras
from tests.flows.simulated import company_of
from tests.flows.upgrade import upgrade_story as story

FILE = Path(__file__).parent / "antes.json.gz"
REVISION = "0007"

LOTS = """
    INSERT INTO separacao (separacao_lote_id, num_pedido, cod_produto, nome_produto, cod_uf, qtd_saldo, tipo_envio)
    VALUES ('L-51', 'S00051', '4320154', 'x', 'SP', 8, 'parcial'), ('L-60', 'S00060', '4310162', 'x', 'SP', 3, 'total'),
           ('L-56', 'S00056', '4320147', 'x', 'SP', 10, 'total'), ('L-56', 'S00056', 'REV002', 'x', 'SP', 5, 'total'),
           ('L-58', 'S00058', '4729098', 'x', 'SP', 2, 'parcial'), ('L-47', 'S00047', '4360156', 'x', 'SP', 1, 'total'),
           ('L-49', 'S00049', '4310164', 'x', 'SP', 5, 'parcial'), ('L-55', 'S00055', '4320147', 'x', 'SP', 3, 'total')
"""
"""What people planned before the invoices were read."""

TYPED = """
    UPDATE carteira_principal
    SET expedicao = '2026-12-01', agendamento = '2026-12-02', agendamento_confirmado = true, protocolo = 'P-' || id,
        separacao_lote_id = 'L-' || odoo_order_id, importante = true, data_entrega = '2026-12-03'
    WHERE odoo_order_id % 2 = 1;
    UPDATE relatorio_faturamento_importado
    SET cnpj_transportadora = '11222333000181', nome_transportadora = 'Transportes ' || id, codigo_ibge = '3550308';
    UPDATE relatorio_faturamento_importado
    SET ativo = false, inativado_em = '2026-11-25', inativado_por = 'maria' WHERE numero_nf = 'NFe 00000004';
    INSERT INTO relatorio_faturamento_importado (company_id, numero_nf, valor_total) VALUES (1, '99999', 12.5);
    UPDATE faturamento_produtos SET status_processamento = 'CONFERIDO' WHERE numero_nf = 'NFe 00000010';
    UPDATE historico_pedidos SET icms_produto_pedido = 1.5, pis_produto_pedido = 0.5, cofins_produto_pedido = 0.7;
    INSERT INTO historico_pedidos (num_pedido, cod_produto, odoo_order_id, data_pedido, qtd_produto_pedido)
    VALUES ('ANTIGO-1', 'EMB005', 9001, '2025-11-03', 4);
    INSERT INTO previsao_demanda (data_mes, data_ano, cod_produto, qtd_demanda_prevista, qtd_demanda_realizada)
    VALUES (11, 2025, 'EMB005', 10, 0);
    UPDATE pedido_compras SET numero_nf = 'NF-' || odoo_id WHERE odoo_id % 2 = 0;
    UPDATE pedido_compras SET confirmacao_pedido = true, confirmado_por = 'maria', confirmado_em = '2026-11-25'
    WHERE NOT confirmacao_pedido AND odoo_id % 3 = 0;
    UPDATE requisicao_compras SET necessidade = true, lead_time_previsto = 7 WHERE odoo_id % 2 = 0;
    INSERT INTO requisicao_compras (num_requisicao, data_requisicao_criacao, cod_produto, qtd_produto_requisicao)
    VALUES ('MANUAL-1', '2026-11-01', 'EMB005', 3)
"""
"""What people enter afterwards."""


def sync(company: Compras) -> None:
    """All entities in their order."""
    for entity in (FATURAMENTO, CARTEIRA):
        company.run(entity)
    company.sync()


def make() -> None:
    """Write the file.

    Raises:
        AssertionError: this is not the version before.
    """
    with embedded_postgres(durable=False) as server, odoo_process() as process:
        server.create_database("antes")
        engine = open_engine(server.url("antes"))
        migrate.upgrade(engine)
        with engine.connect() as connection:
            assert migrate.standing(connection).stored == REVISION, "not the version before"
        with company_of(process, engine) as opened:
            company = Compras(opened.odoo, opened.rpc, engine)
            company.mark_purchased()
            company.do(LOTS)
            sync(company)
            company.do(TYPED)
            story.before(company)
            company.skip(hours=1)
            sync(company)
        FILE.write_bytes(gzip.compress(dumped(engine).encode(), mtime=0))
        engine.dispose()


def dumped(engine: Engine) -> str:
    """The rows of all tables that have some, a table a line."""
    rows = {}
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            found = connection.execute(text(f"SELECT json_agg(t ORDER BY t)::text FROM {table.fullname} t")).scalar()
            if found:
                rows[table.fullname] = found
    return json.dumps(rows)


def load(engine: Engine) -> None:
    """Fill a database of revision 0007 with the file."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # the order of tables does not matter
        for table, rows in json.loads(gzip.decompress(FILE.read_bytes())).items():
            connection.execute(
                text(f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, CAST(:rows AS json))"),
                {"rows": rows},
            )
            if metadata.tables[table].columns.get("id") is not None:
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
                )


if __name__ == "__main__":
    make()
