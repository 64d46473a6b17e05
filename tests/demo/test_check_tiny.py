"""That the demo's check of Tiny sees what is wrong: the story told to its end, and one thing broken in each test."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Engine

from demo import check, story
from demo.stack import REVISITED, TINY
from demo.tiny import tiny_process
from flows.catalogo import TINY as DOMAIN
from flows.run.counts import Counts
from flows.run.report import Report
from flows.tiny_os.carga_historica import CARGA, load_history, months
from flows.tiny_os.falhas import FALHAS, retry
from flows.tiny_os.integridade import INTEGRIDADE, examine
from flows.tiny_os.sincronizacao import TINY_OS, synchronise
from flows.tiny_os.store import STATUS_CHANGES
from tests.demo.test_check import broken
from tests.flows.tiny_os.conftest import SimulatedAccount, connected

MINUTE = 5
"""Real seconds of a simulated minute: the account's limits make the story wait half a minute of its own."""


def said(_: str) -> None:
    """Nobody listens."""


def agreeing(simulated: SimulatedAccount, account: check.tiny.Account, report: Report) -> Counts:
    """The counts of a run after which nothing differs."""
    with simulated.engine.connect() as connection:
        assert check.tiny.disagreements(connection, account)["tiny-os"] == []
    return report.counts


@pytest.fixture(scope="module")
def told(_module_engine: Engine) -> Iterator[tuple[Engine, check.tiny.Account]]:
    """The database and the account as `make demo` leaves them, round by round but without Prefect."""
    with tiny_process(**TINY, minute=MINUTE) as tiny, connected(tiny, _module_engine, MINUTE) as client:
        simulated = SimulatedAccount(tiny, _module_engine, client, values={"tiny_revisitas": REVISITED})
        mistyped = story.tiny.people_mistype(tiny, said)
        account = check.tiny.read_account(tiny)
        wanted = months(*account.months)
        report = simulated.run(partial(load_history, wanted=wanted, tell=said), CARGA)
        first = agreeing(simulated, account, report)
        assert (first.novos, first.rejeitados) == (len(account.orders) - 1, 1)
        unseen = story.tiny.people_change(tiny, said)
        story.tiny.people_mend(tiny, _module_engine, said, mistyped)
        simulated.run(synchronise, TINY_OS)
        report = simulated.run(retry, FALHAS)
        account = check.tiny.read_account(tiny)
        assert agreeing(simulated, account.but_for(unseen), report).novos == 1
        with _module_engine.connect() as connection:
            differing = check.tiny.disagreements(connection, account)["tiny-os"]
        assert {number for number in unseen if any(str(number) in line for line in differing)} == {*unseen}
        report = simulated.run(partial(examine, tell=said), INTEGRIDADE)
        found = agreeing(simulated, account, report)
        assert (found.novos, found.atualizados, found.removidos) == (0, 1, 1)
        assert found.efeitos[STATUS_CHANGES] == 1
        yield _module_engine, account


def test_check_after_the_story_finds_nothing(told: tuple[Engine, check.tiny.Account]) -> None:
    engine, account = told
    with engine.connect() as connection:
        assert check.tiny.disagreements(connection, account) == {job.name: [] for job in DOMAIN.jobs}


SEEN = "excluido_em IS NULL"
FIRST = f"id = (SELECT min(id) FROM tiny.ordens_servico WHERE {SEEN})"
GONE = "id = (SELECT id FROM tiny.ordens_servico WHERE excluido_em IS NOT NULL)"
MOVED = "id = (SELECT max(id) FROM tiny.ordem_status_history WHERE status_antigo IS NOT NULL)"
TEXTS = ("numero_ordem_servico", "equipamento", "equipamento_serie", "descricao_problema", "observacoes", "desconto")
MORE_TEXTS = ("observacoes_servico", "observacoes_internas", "tecnico", "id_local_prestacao")
NUMBERS = ("total_servicos", "total_pecas", "total_ordem_servico", "desconto_valor", "desconto_percentual")
IDS = ("id_contato", "id_conta_contabil", "id_lista_preco", "id_deposito", "id_vendedor", "id_categoria_os")
MORE_IDS = ("id_forma_pagamento", "alq_comissao", "vlr_comissao")
DATES = ("data_emissao", "data_prevista", "data_conclusao")


@pytest.mark.parametrize(
    ("statement", "named"),  # what is broken, and a part of what the check says
    [
        *((f"UPDATE tiny.ordens_servico SET {each} = 'X' WHERE {FIRST}", each) for each in (*TEXTS, *MORE_TEXTS)),
        *((f"UPDATE tiny.ordens_servico SET {each} = 77 WHERE {FIRST}", each) for each in (*NUMBERS, *IDS, *MORE_IDS)),
        *((f"UPDATE tiny.ordens_servico SET {each} = '2001-02-03' WHERE {FIRST}", each) for each in DATES),
        *((f"UPDATE tiny.ordens_servico SET {each} = NOT {each} WHERE {FIRST}", each) for each in ("orcar", "orcado")),
        (f"UPDATE tiny.ordens_servico SET situacao = (situacao + 1) % 8 WHERE {FIRST}", "situacao"),
        (f"UPDATE tiny.ordens_servico SET marcadores = '{{X}}' WHERE {FIRST}", "marcadores"),
        (f"UPDATE tiny.ordens_servico SET verificado_em = NULL WHERE {FIRST}", "verificada"),
        (f"UPDATE tiny.ordens_servico SET excluido_em = now() WHERE {FIRST}", "excluida"),
        (f"UPDATE tiny.ordens_servico SET excluido_em = NULL WHERE {GONE}", "e não na origem"),
        (f"DELETE FROM tiny.ordens_servico WHERE {FIRST}", "falta no banco"),
        (
            f'UPDATE tiny.ordens_servico SET dados_api = dados_api || \'{{"totalPecas": "1"}}\' WHERE {FIRST}',
            "dados_api difere da resposta em totalPecas",
        ),
        ("UPDATE tiny.marcadores SET descricao = 'outro' WHERE descricao = 'retorno'", "ligados"),
        ("DELETE FROM tiny.ordem_servico_marcadores", "ligados"),
        ("UPDATE tiny.contatos SET nome = 'X'", "nome é 'X'"),
        ("UPDATE tiny.contatos SET tipo_pessoa = 'E'", "tipo_pessoa"),
        ("UPDATE tiny.contatos SET cpf_cnpj = '1'", "cpf_cnpj"),
        ("DELETE FROM tiny.contatos", "contato"),
        ("INSERT INTO tiny.contatos (id, nome) VALUES (1, 'X')", "contato 1: está no banco e não na origem"),
        ("UPDATE tiny.enderecos SET cep = '1'", "cep"),
        ("DELETE FROM tiny.enderecos", "endereço"),
        ("UPDATE tiny.categorias_os SET descricao = 'X'", "categoria"),
        ("DELETE FROM tiny.formas_pagamento", "forma de pagamento"),
        (f"DELETE FROM tiny.ordem_status_history WHERE {MOVED}", "histórico [(None, "),
        (f"UPDATE tiny.ordem_status_history SET status_antigo = NULL WHERE {MOVED}", "histórico [(None, "),
        (f"UPDATE tiny.ordem_status_history SET status_novo = (status_novo + 1) % 8 WHERE {MOVED}", "histórico"),
        (f"UPDATE tiny.ordem_status_history SET changed_at = '2001-02-03' WHERE {MOVED}", "histórico fora de ordem"),
        (
            "UPDATE import_failures SET status = 'pendente' WHERE entidade = 'tiny_os'",
            "em quarentena sem motivo na origem",
        ),
        ("DELETE FROM sync_metadata WHERE entidade LIKE 'tiny_carga:%'", "não consta como carregado"),
        (
            "INSERT INTO sync_metadata (entidade, checkpoint) VALUES ('tiny_carga:2999-01', now())",
            "mês 2999-01: consta como carregado antes de terminar",
        ),
        ("UPDATE tiny.credenciais SET recusado_em = now()", "1 recusadas"),
        ("DELETE FROM tiny.credenciais", "tokens: 0 contas"),
        (
            "INSERT INTO tiny.renovacoes (conta, versao, por, iniciada_em) VALUES ('tiny', 1, 'x', now())",
            "sem resposta",
        ),
    ],
)
def test_check_names_what_was_broken(told: tuple[Engine, check.tiny.Account], statement: str, named: str) -> None:
    engine, account = told
    with broken(engine, statement) as connection:
        for lines in check.tiny.disagreements(connection, account).values():
            assert any(named in line for line in lines), lines


def test_check_names_a_completion_that_the_view_gets_wrong(told: tuple[Engine, check.tiny.Account]) -> None:
    engine, account = told
    wrong = (
        "CREATE OR REPLACE VIEW tiny.conclusoes AS SELECT id AS id_os, numero_ordem_servico, situacao,"
        " data_emissao AS concluida_em, 'tiny'::text AS fonte, excluido_em AS finalizada_vista_em,"
        " excluido_em AS finalizada_ultima_vez_em, data_conclusao FROM tiny.ordens_servico"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(wrong)
        lines = check.tiny.disagreements(connection, account)["tiny-os"]
        connection.rollback()
    assert any("conclusão" in line and "concluida_em" in line for line in lines)
    assert any("conclusão" in line and "e não na origem" in line for line in lines)


def test_check_names_an_unreadable_order_that_nobody_kept_aside(told: tuple[Engine, check.tiny.Account]) -> None:
    engine, account = told
    number, order = next(iter(account.orders.items()))
    unreadable = account.but_for({number: {**order, "totalPecas": "a combinar"}})
    with engine.connect() as connection:
        lines = check.tiny.disagreements(connection, unreadable)["tiny-falhas"]
    assert f"ordem {number}: ilegível no Tiny e não está em quarentena" in lines
