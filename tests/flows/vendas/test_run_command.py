"""The command and the SQL that operators have used for years, as they are written down for them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.dominios import vendas
from flows.run.command import run_from_command_line
from flows.vendas.carteira import CARTEIRA, carteira
from tests.flows.conftest import House

pytestmark = pytest.mark.prefect

ROOT = Path(__file__).parents[3]


Asked = Callable[..., tuple[int, str, str]]
WINDOW = ("--janela-minutos", "6360", "--dry-run")


def command(house: House, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as people start it; to import Prefect takes it seconds, so what needs no process is `asked`."""
    return subprocess.run(
        [sys.executable, "-m", "flows.vendas.carteira", *(arguments or WINDOW)],
        cwd=ROOT,
        env={**house.server.environment, **house.environment, **environment},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture
def asked(house: House, capsys: pytest.CaptureFixture[str]) -> Asked:
    """The command in this process: its exit code, and what it prints and says."""

    def ask(*arguments: str, **environment: str) -> tuple[int, str, str]:
        house.setting(**environment)
        capsys.readouterr()
        code = run_from_command_line(carteira, CARTEIRA, arguments or WINDOW)
        return code, *capsys.readouterr()

    return ask


def test_the_command_prints_success_records_and_error(house: House) -> None:
    house.rpc("sale.order", "write", house.rpc("sale.order", "search", []), {"client_order_ref": "NA JANELA"})
    done = command(house)
    assert done.returncode == 0, done.stderr
    lines = house.rpc("sale.order.line", "search_count", [])
    printed = done.stdout.splitlines()
    assert [line for line in printed if not line.startswith("   - ")] == [
        "Sucesso: True",
        f"Registros: {lines}",
        "Erro: Nenhum",
    ]
    assert f"   - lidos: {lines}" in printed
    assert house.value("SELECT count(*) FROM carteira_principal") == 0


def test_the_command_fails_with_the_error_and_without_the_password(house: House) -> None:
    done = command(house, ODOO_PASSWORD="5enha-errada")
    assert done.returncode == 1
    assert done.stdout.startswith("Sucesso: False\nErro: ")
    assert "confira usuário e senha" in done.stdout
    assert "5enha-errada" not in done.stdout + done.stderr


def test_a_command_that_does_not_begin_ends_with_2_and_one_line_and_no_run_is_made(house: House) -> None:
    runs = house.server_runs()
    done = command(house, "--janela-minutos", "-5")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == ["janela_minutos=-5: aceito: de 1 a 5270400 minutos"]
    assert house.server_runs() == runs


def test_a_wrong_setting_is_refused_before_anything_is_started(house: House, asked: Asked) -> None:
    runs = house.server_runs()
    code, printed, said = asked(JANELA_CARTEIRA="quarenta")
    assert (code, printed) == (2, "")
    assert said.splitlines()[-1] == (
        "Configuração inválida: JANELA_CARTEIRA='quarenta': aceito: um número inteiro de 1 a 5270400"
    )
    assert house.server_runs() == runs


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--janela-minutos", "-5"], "janela_minutos=-5: aceito: de 1 a 5270400 minutos"),
        (["--janela-minutos", "muitos"], "janela_minutos=muitos: aceito: de 1 a 5270400 minutos"),
        (["--desde", "ontem"], "desde=ontem: aceito: um dia como 2026-11-01, ou com a hora, 2026-11-01T08:00"),
        (["--ate", "2026-11-01"], "ate sem desde: informe também desde, o início do período"),
        (["--limite-exclusao", "2"], "limite_exclusao=2: aceito: um número de 0 a 1, como 0.5"),
    ],
)
def test_a_wrong_value_is_told_in_one_line_and_no_run_is_made(
    house: House, asked: Asked, arguments: list[str], told: str
) -> None:
    runs = house.server_runs()
    code, printed, said = asked(*arguments)
    assert (code, printed) == (2, "")
    [line] = said.splitlines()
    assert told in line
    assert house.server_runs() == runs


def test_a_day_is_taken_as_one_of_sao_paulo(asked: Asked) -> None:
    code, printed, said = asked("--desde", "2026-11-01", "--ate", "2026-11-02T12:00", "--dry-run")
    assert code == 0, printed + said
    assert "   - janela: de 01/11/2026 00:00:00 até 02/11/2026 12:00:00" in printed


NOBODY = "postgresql+psycopg2://eu:uma-senha@127.0.0.1:9/x"


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DATABASE_URL": NOBODY}, "PostgreSQL sem resposta"),
        ({"PREFECT_API_URL": "http://127.0.0.1:9/api"}, "O Prefect em 127.0.0.1:9 não responde"),
        ({"PREFECT_API_URL": ""}, "PREFECT_API_URL não está definida"),
    ],
)
def test_without_the_database_or_prefect_it_is_told_in_one_line_and_no_run_is_made(
    house: House, asked: Asked, environment: dict[str, str], told: str
) -> None:
    runs = house.server_runs()
    address = {PREFECT_API_URL: environment.get("PREFECT_API_URL", house.server.api_url) or None}
    with temporary_settings(address):
        code, printed, said = asked(**environment)
    assert (code, printed) == (2, "")
    [line] = said.splitlines()
    assert line.startswith(told)
    assert "uma-senha" not in line
    assert house.server_runs() == runs


def test_verbose_shows_where_an_error_arose(asked: Asked) -> None:
    code, _, said = asked("-v", DATABASE_URL=NOBODY)
    assert code == 2
    assert said.startswith("Traceback")


LAST_INVOICE = """
-- Verificar última atualização de NFs vindas do Odoo
SELECT MAX(updated_at) as ultima_sync_nf
FROM faturamento_produtos
WHERE created_by = 'odoo_sync';
"""

LAST_ORDER = """
-- Verificar última atualização de pedidos da carteira
SELECT MAX(criado_em) as ultima_sync_carteira
FROM separacao
WHERE status != 'PREVISAO';
"""

INVOICES_OF_A_DAY = """
-- NFs sincronizadas nas últimas 24h
SELECT COUNT(*), DATE(updated_at) as dia
FROM faturamento_produtos
WHERE created_by = 'odoo_sync'
  AND updated_at > NOW() - INTERVAL '24 hours'
GROUP BY dia;
"""

ORDERS_OF_A_DAY = """
-- Pedidos da carteira sincronizados nas últimas 24h
SELECT COUNT(*), DATE(criado_em) as dia
FROM separacao
WHERE status != 'PREVISAO'
  AND criado_em > NOW() - INTERVAL '24 hours'
GROUP BY dia;
"""


def test_the_operators_queries_run_as_written_and_show_the_run(house: House) -> None:
    before = house.value("SELECT now()")
    house.completed(vendas)
    house.do("INSERT INTO separacao (num_pedido, cod_uf) VALUES ('S00005', 'SP')")  # a person plans a lot
    assert before <= house.value(LAST_INVOICE) <= house.value("SELECT now()")
    assert before <= house.value(LAST_ORDER) <= house.value("SELECT now()")
    stored = house.value("SELECT count(*) FROM faturamento_produtos")
    assert sum(count for count, _ in house.rows(INVOICES_OF_A_DAY)) == stored > 0
    assert [count for count, _ in house.rows(ORDERS_OF_A_DAY)] == [1]
