"""The subcommands of `sincronia`: what each is for, what it takes, and where it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from blocks import tiny_parser
from blocks.help import Parser
from flows.operacao import parsers

PREFECT, BANCO = frozenset({"prefect"}), frozenset({"banco"})


@dataclass(frozen=True)
class Command:
    """A subcommand.

    Attributes:
        told: what it is for, in a line.
        parser: makes its parser, given how it is called.
        module: whose `main` carries it out, given the arguments and how it is called.
        needs: without what it is refused at once.
        within: the subcommand of `module` that it is; None: all of it.
    """

    told: str
    parser: Callable[[str], Parser]
    module: str
    needs: frozenset[str] = frozenset()
    within: str | None = None


_CONTROLE = "flows.operacao.controle"

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "saude": Command("confere o sistema inteiro, uma linha por verificação", parsers.saude, "flows.operacao.saude"),
        "status": Command("como está cada job, e as últimas 24 horas", parsers.status, "flows.operacao.status"),
        "painel": Command("o endereço do painel na UI", parsers.painel, "flows.operacao.painel.__main__", PREFECT),
        "executar": Command("roda agora um job ou domínio", parsers.executar, _CONTROLE, PREFECT, within="executar"),
        "controle": Command("pausa, retoma e executa pelo nome", parsers.controle, _CONTROLE, PREFECT),
        "destravar": Command(
            "quem ocupa a trava de uma entidade; libera a de quem morreu",
            parsers.destravar,
            "flows.operacao.destravar",
            PREFECT | BANCO,
        ),
        "quarentena": Command(
            "o que está em quarentena: listar, mostrar, tentar, desistir",
            parsers.quarentena,
            "flows.operacao.quarentena",
            BANCO,
        ),
        "conciliacao": Command(
            "compara os totais da origem com os das tabelas, e corrige",
            parsers.conciliacao,
            "flows.conciliacao.__main__",
            PREFECT | BANCO,
        ),
        "faxina": Command(
            "remove o que passou do prazo", parsers.faxina, "flows.operacao.faxina.__main__", PREFECT | BANCO
        ),
        "tiny": Command("a conta do Tiny: autorização, tokens, limite", tiny_parser.parser, "blocks.tiny.__main__"),
        "vigia": Command("vê o que muda e sincroniza na hora", parsers.vigia, "flows.operacao.vigia.__main__"),
        "metricas": Command("serve as métricas ao Prometheus", parsers.metricas, "flows.operacao.metricas"),
        "papeis": Command("cria os papéis do PostgreSQL", parsers.papeis, "flows.operacao.papeis"),
        "deploy": Command("cria ou atualiza tudo o que os flows precisam", parsers.deploy, "flows.deploy", PREFECT),
        "worker": Command("executa o que está na fila", parsers.worker, "flows.operacao.worker", PREFECT),
    }
)
