"""What `blocks.tiny` takes as a command and says of itself: apart from it, since importing it takes a second."""

from argparse import RawDescriptionHelpFormatter

from blocks.help import Parser, add_verbose

TOLD = """O primeiro consentimento de uma conta do Tiny, e como estão os seus tokens e o seu orçamento.

    authorize   mostra o endereço que uma pessoa abre no navegador, espera a resposta e guarda os tokens
    status      quando os tokens vencem, a última renovação, o orçamento deste minuto; nunca um token
    chave       uma chave nova para TINY_TOKEN_KEY

A conta é a de TINY_CLIENT_ID, TINY_CLIENT_SECRET e TINY_TOKEN_KEY (e TINY_CONTA, TINY_URL, TINY_ACCOUNTS_URL,
TINY_RESERVA), ou a do bloco tiny-account/tiny do Prefect; o banco, o de DATABASE_URL ou do bloco
sqlalchemy-connector/banco.
"""


def parser(prog: str) -> Parser:
    """Of `blocks.tiny`, called as `prog`."""
    made = Parser(prog=prog, description=TOLD, formatter_class=RawDescriptionHelpFormatter)
    commands = made.add_subparsers(dest="command", required=True)
    authorize = commands.add_parser("authorize", help="o primeiro consentimento, ou um novo")
    authorize.add_argument("--porta", type=int, default=8723, help="de http://localhost:PORTA/callback (padrão 8723)")
    authorize.add_argument("--espera", type=float, default=300, help="segundos de espera pela pessoa (padrão 300)")
    authorize.add_argument("--colar", action="store_true", help="sem navegador aqui: cola-se o endereço final")
    authorize.add_argument("--sem-pkce", action="store_true", help="para um servidor que recuse PKCE")
    status = commands.add_parser("status", help="como estão os tokens e o orçamento")
    key = commands.add_parser("chave", help="uma chave nova para TINY_TOKEN_KEY")
    for each in (authorize, status, key):
        add_verbose(each)
    return made
