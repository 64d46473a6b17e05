"""What each command takes and says of itself; apart from the commands, since importing what they do takes a second.

A command is called as `python -m flows.operacao.saude` or as `sincronia saude`: `prog` is which of them.
"""

from argparse import RawDescriptionHelpFormatter
from collections.abc import Mapping
from types import MappingProxyType

from blocks.help import Parser, add_verbose

CHECKS = ("prefect", "worker", "banco", "odoo", "tiny", "vigia", "atualidade")
"""The checks of `saude`, in their order."""
WORKER_LIMIT = 4
"""How many runs a worker executes at once, unless told otherwise; each takes 120 to 150 MB beside its own 120 MB."""
WORKER_PATIENCE = 60.0
"""Seconds; shorter than systemd's TimeoutStopSec (90 s). Docker's default is 10 s: set a longer `stop_grace_period`."""

SAUDE = """\
Confere o sistema inteiro, uma linha por verificação; termina com 0 se nenhuma falhou, senão com 1.

    prefect     a API responde, nos dá acesso, e na rede só a quem tem senha
    worker      há no ar algum worker do pool da instalação (sincronia)
    banco       o PostgreSQL responde, tem as migrações deste código e dá ao seu usuário os direitos que ele usa
    odoo        o Odoo responde e nos dá acesso (aviso: senhas e dados sem criptografia na rede)
    tiny        o token foi renovado e não foi recusado (sem conta: não configurado, o que não é falha)
    vigia       dá sinal de vida e consegue olhar as origens (aviso: sem ela as mudanças esperam as agendas)
    atualidade  de cada job: o último sucesso não é mais velho que dois intervalos, a não ser que esteja pausado

Tudo termina em dez segundos. Nada é gravado, nenhum segredo é mostrado.
"""
VIGIA = """\
Vigia o Odoo e o Tiny: pergunta a cada poucos segundos se algo mudou e, se mudou, faz o domínio sincronizar na hora.

Roda até SIGTERM ou Ctrl-C. Parada, nada se perde: as agendas trazem o mesmo, só que mais tarde. Não pede execução do
que está pausado; o que muda nesse meio tempo é pedido quando se retoma.

Com VIGIA_PORTA recebe também os webhooks deles (docs/webhooks.md).

Ajustes: VIGIA, VIGIA_INTERVALO, VIGIA_INTERVALO_TINY, VIGIA_PORTA, VIGIA_ENDERECO, VIGIA_SEGREDO.
"""
STATUS = """\
Mostra como está cada job e como foram as últimas 24 horas.

O banco diz os sucessos, checkpoints, contagens, falhas e travas, e de cada entidade quantos documentos são da regra
atual e qual a conferência mais antiga; o Prefect, as pausas e as próximas execuções. Sem o Prefect, mostra a parte do
banco; sem o banco, não há o que mostrar, e o comando termina com 1. Embaixo, o tamanho do que cresce: os bancos, as
maiores tabelas, a pasta dos resultados desta máquina e as execuções que o Prefect guarda.
"""
CONTROLE = """\
Pausa, retoma e executa pelo nome; cada comando mostra o que faria o mesmo pelo Prefect.

    pausar vendas         vendas deixa de rodar por si; o que já roda continua, e executar ainda funciona
    retomar vendas        volta a rodar por si, na próxima hora da agenda
    executar vendas       roda agora; com parâmetros: -p janela_minutos=120 -p 'documentos=["VSC0123"]'

NOME é um deployment (vendas/vendas-agendada), um domínio ou um job (vendas, carteira). Pausar um job que roda com o seu
domínio pausa o domínio inteiro. O make deploy mantém pausado o que está pausado.
"""
EXECUTAR = """\
Roda agora, num worker, com os parâmetros dados; mostra o endereço da execução na UI e não espera o seu fim.

    executar vendas
    executar carteira -p janela_minutos=120
    executar carteira -p desde=2026-11-01 -p ate=2026-11-08
    executar carteira -p 'documentos=["VSC0123", "VSC0124"]'

NOME é um deployment (vendas/vendas-agendada), um domínio ou um job (vendas, carteira).
"""
QUARENTENA = """\
Mostra os registros em quarentena (import_failures) e o que uma pessoa decide sobre eles.

    listar              os que não estão resolvidos, os que esperam uma pessoa primeiro
    mostrar ID          um deles inteiro: motivo, tentativas, o que foi lido da origem
    tentar ID …         a próxima execução da entidade os tenta de novo
    desistir ID …       deixam de ser tentados e contados; voltam se o documento mudar e ainda não couber

ID é o da primeira coluna de listar. Só o banco é usado.
"""
PAPEIS = """\
Cria os três papéis do PostgreSQL (o dono dos dados, o dos workers, o do Prefect), os seus bancos e os direitos de
cada um; pode ser repetido. Lê DATABASE_ADMIN_URL, DATABASE_OWNER_URL, DATABASE_URL e
PREFECT_SERVER_DATABASE_CONNECTION_URL; o que está em outro servidor que o do administrador fica como está.
"""
TELLS_OF_CONTROLE: Mapping[str, str] = MappingProxyType(
    {"pausar": "deixa de rodar por si", "retomar": "volta a rodar por si", "executar": "roda agora"}
)


def _described(prog: str, description: str) -> Parser:
    return Parser(prog=prog, description=description, formatter_class=RawDescriptionHelpFormatter)


def saude(prog: str) -> Parser:
    """Of `flows.operacao.saude`."""
    parser = _described(prog, SAUDE)
    parser.add_argument("--so", nargs="+", choices=CHECKS, action="extend", help="só estas verificações")
    parser.add_argument("--json", action="store_true", help="uma lista de objetos em vez de linhas")
    return parser


def status(prog: str) -> Parser:
    """Of `flows.operacao.status`."""
    parser = _described(prog, STATUS)
    parser.add_argument("--json", action="store_true", help="um objeto em vez de tabelas")
    return parser


def controle(prog: str) -> Parser:
    """Of `flows.operacao.controle`."""
    parser = _described(prog, CONTROLE)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, told in TELLS_OF_CONTROLE.items():
        command = commands.add_parser(name, help=told)
        _name_to_control(command)
        add_verbose(command)
    _parameters(command)
    return parser


def executar(prog: str) -> Parser:
    """Of `sincronia executar`, which is `controle executar`."""
    parser = _described(prog, EXECUTAR)
    _name_to_control(parser)
    _parameters(parser)
    add_verbose(parser)
    return parser


def _name_to_control(parser: Parser) -> None:
    parser.add_argument("nome", metavar="NOME", help="um deployment (vendas/vendas-agendada), domínio ou job")


def _parameters(parser: Parser) -> None:
    parser.add_argument(
        "-p", dest="parametro", action="append", default=[], metavar="NOME=VALOR", help="um parâmetro da execução"
    )


def destravar(prog: str) -> Parser:
    """Of `flows.operacao.destravar`."""
    told = "Mostra quem ocupa a trava de uma entidade e a libera, se ninguém vivo a ocupa."
    parser = Parser(prog=prog, description=told)
    parser.add_argument("entidade", help="como carteira ou tiny-os; a trava é o limite sync-ENTIDADE na UI")
    add_verbose(parser)
    return parser


def painel(prog: str) -> Parser:
    """Of `flows.operacao.painel`."""
    parser = Parser(prog=prog, description="Mostra o endereço do painel na UI, e de quando ele é.")
    add_verbose(parser)
    return parser


def quarentena(prog: str) -> Parser:
    """Of `flows.operacao.quarentena`."""
    parser = _described(prog, QUARENTENA)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("listar", help="os que não estão resolvidos")
    listing.add_argument("--entidade", help="só desta entidade")
    listing.add_argument("--esgotados", action="store_true", help="só os que esperam uma pessoa")
    listing.add_argument("--limite", type=int, default=50, metavar="N", help="no máximo tantos (padrão 50)")
    listing.add_argument("--json", action="store_true", help="uma lista de objetos em vez de uma tabela")
    one = commands.add_parser("mostrar", help="um deles inteiro")
    one.add_argument("id", type=int, metavar="ID", help="o da primeira coluna de listar")
    again = commands.add_parser("tentar", help="a próxima execução os tenta de novo")
    again.add_argument("ids", type=int, nargs="*", metavar="ID", help="os da primeira coluna de listar")
    again.add_argument("--entidade", help="todos os desta entidade")
    giving_up = commands.add_parser("desistir", help="deixam de ser tentados e contados")
    giving_up.add_argument("ids", type=int, nargs="+", metavar="ID", help="os da primeira coluna de listar")
    giving_up.add_argument("--motivo", required=True, help="por quê; fica guardado junto do erro")
    for each in (listing, one, again, giving_up):
        add_verbose(each)
    return parser


def conciliacao(prog: str) -> Parser:
    """Of `flows.conciliacao`: what its flow takes, which the flow's own text says too."""
    told = "Compara os totais da origem com os das tabelas, mês a mês; relê e corrige os documentos que diferem."
    parser = Parser(prog=prog, description=f"{told} Sem parâmetros, todas as entidades e todos os meses.")
    parser.add_argument("--entidades", nargs="+", metavar="NUMERO", help="só estas (por exemplo carteira faturamento).")
    parser.add_argument("--periodo", help="só este mês (2026-10), ou do primeiro ao último (2026-08/2026-10).")
    parser.add_argument(
        "--excel", help="grava o fechamento, os documentos e as colunas que diferiam nesta planilha (.xlsx)."
    )
    parser.add_argument("--dry-run", action="store_true", help="compara e conta, sem gravar nada nas tabelas.")
    add_verbose(parser)
    return parser


def faxina(prog: str) -> Parser:
    """Of `flows.operacao.faxina`, likewise."""
    parser = Parser(prog=prog, description="Remove o que é velho demais para servir, no banco e no Prefect.")
    add_verbose(parser)
    return parser


def papeis(prog: str) -> Parser:
    """Of `flows.operacao.papeis`."""
    return _described(prog, PAPEIS)


def metricas(prog: str) -> Parser:
    """Of `flows.operacao.metricas`."""
    parser = Parser(prog=prog, description="Serve as métricas ao Prometheus.")
    parser.add_argument("--porta", type=int, default=9464, help="porta em que responde (padrão 9464)")
    parser.add_argument("--endereco", default="127.0.0.1", help="endereço em que responde (padrão 127.0.0.1)")
    add_verbose(parser)
    return parser


def vigia(prog: str) -> Parser:
    """Of `flows.operacao.vigia`."""
    parser = _described(prog, VIGIA)
    add_verbose(parser)
    return parser


def worker(prog: str) -> Parser:
    """Of `flows.operacao.worker`."""
    told = "Executa o que está na fila; pedido para parar, termina ou entrega o que está em andamento."
    parser = Parser(prog=prog, description=told)
    parser.add_argument("--nome", help="como aparece na UI; um por worker (padrão: o nome da máquina)")
    parser.add_argument(
        "--limite",
        type=int,
        default=WORKER_LIMIT,
        metavar="N",
        help=f"quantas execuções ao mesmo tempo (padrão {WORKER_LIMIT})",
    )
    parser.add_argument(
        "--espera",
        type=float,
        default=WORKER_PATIENCE,
        metavar="SEGUNDOS",
        help=f"quanto esperar, ao parar, pelo que está em andamento (padrão {WORKER_PATIENCE:g})",
    )
    add_verbose(parser)
    return parser


def deploy(prog: str) -> Parser:
    """Of `flows.deploy`."""
    parser = Parser(prog=prog, description="Cria ou atualiza tudo o que os flows precisam para rodar.")
    parser.add_argument(
        "--executar-agora",
        action="store_true",
        help="depois pede uma execução de cada sincronização, a não ser que haja uma em andamento",
    )
    parser.add_argument(
        "--assumir",
        action="store_true",
        help="sobrescreve também blocos que apontam para outro banco, Odoo ou Tiny: a instalação mudou de lugar",
    )
    add_verbose(parser)
    return parser
