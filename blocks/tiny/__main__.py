"""`python -m blocks.tiny`: the first consent of an account, and how its tokens and its budget stand.

    authorize   prints the address that a person opens in a browser, waits for the answer, keeps the tokens
    status      when the tokens expire, their last renewal, this minute's budget; never a token
    chave       a new key for TINY_TOKEN_KEY

The account is that of TINY_CLIENT_ID, TINY_CLIENT_SECRET, TINY_TOKEN_KEY (and TINY_CONTA, TINY_URL,
TINY_ACCOUNTS_URL, TINY_RESERVA), or of the Prefect block `tiny-account/tiny`; the database that of DATABASE_URL, or of
the block `sqlalchemy-connector/banco`: those of the installation that SINCRONIA_INSTALACAO names.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from cryptography.fernet import Fernet
from prefect_sqlalchemy import SqlAlchemyConnector
from pydantic import ValidationError
from sqlalchemy import Engine

from blocks import prefect_server
from blocks.banco import connector_engine, open_engine, require_answer
from blocks.errors import ConfigurationError, SincroniaError
from blocks.help import refuse
from blocks.instalacao import own
from blocks.prefect_server import translated
from blocks.tiny.block import TinyAccount
from blocks.tiny.consent import consent_by_browser, consent_by_pasting
from blocks.tiny_parser import parser
from blocks.zone import shown

TINY_BLOCK = "tiny"
BANCO_BLOCK = "banco"

_REQUIRED = {"client_id": "TINY_CLIENT_ID", "client_secret": "TINY_CLIENT_SECRET", "token_key": "TINY_TOKEN_KEY"}
_OPTIONAL = {
    "account": "TINY_CONTA",
    "url": "TINY_URL",
    "accounts_url": "TINY_ACCOUNTS_URL",
    "reserve": "TINY_RESERVA",
}


def main(arguments: Sequence[str] | None = None, prog: str = "python -m blocks.tiny") -> int:
    """Carry out one command; 0 if it succeeded, 1 if not, 2 if it could not begin, each with the reason on stderr."""
    options = parser(prog).parse_args(arguments)
    if options.command == "chave":
        _say(Fernet.generate_key().decode("ascii"))
        return 0
    try:
        engine = _engine()
        require_answer(engine)
        account = _account()
    except SincroniaError as error:
        return refuse(error, verbose=options.verboso)
    try:
        if options.command == "authorize":
            _authorize(account, engine, options)
        else:
            _status(account, engine)
    except (SincroniaError, OSError) as error:
        refuse(error, verbose=options.verboso)
        return 1
    return 0


def _authorize(account: TinyAccount, engine: Engine, options: argparse.Namespace) -> None:
    tokens, server, pkce = account.tokens(engine), account.oauth(), not options.sem_pkce
    _say(f"A aplicação do Tiny precisa ter http://localhost:{options.porta}/callback como URL de redirecionamento.")
    if options.colar:
        grant = consent_by_pasting(server, _tell_pasting, sys.stdin.readline, port=options.porta, pkce=pkce)
    else:
        grant = consent_by_browser(server, _tell, port=options.porta, patience=options.espera, pkce=pkce)
    tokens.consented(grant)
    _status(account, engine)


def _status(account: TinyAccount, engine: Engine) -> None:
    kept, last = account.tokens(engine).status()
    _say(f"Conta {account.account}, aplicação {kept.client_id}")
    _say(f"Token de acesso: vale até {_local(kept.expires_at)}")
    _say(f"Token de renovação: vale até {_local(kept.refresh_expires_at)}")
    _say(f"Consentimento: {_local(kept.consented_at)}; última renovação: {_local(kept.renewed_at)}")
    if kept.session_ends_at:
        _say(f"A sessão do consentimento termina em {_local(kept.session_ends_at)}, renove-se ou não: autorize antes")
    if kept.wait_until:
        _say(f"O servidor de autorização pediu que se espere até {_local(kept.wait_until)}")
    if kept.refused_at:
        _say(f"RECUSADO pelo Tiny em {_local(kept.refused_at)}: rode sincronia tiny authorize")
    if last and last.outcome != "renovado":
        _say(f"Última tentativa: {_local(last.started_at)} por {last.by}: {last.error or 'ficou sem resposta'}")
    budget = account.limiter(engine).budget()
    _say(f"Leituras neste minuto: {budget.taken} de {budget.ours} (limite {budget.limit}, o resto é reserva)")


def _account() -> TinyAccount:
    names = {**_REQUIRED, **_OPTIONAL}
    given = {field: os.environ[name] for field, name in names.items() if os.environ.get(name)}
    if "client_id" not in given:
        _require_server("TINY_CLIENT_ID")
        try:
            with translated():
                return cast(TinyAccount, TinyAccount.load(own(TINY_BLOCK)))
        except ValueError as error:
            raise ConfigurationError(
                f"Não há TINY_CLIENT_ID no ambiente nem o bloco tiny-account/{own(TINY_BLOCK)} no Prefect: "
                f"defina {', '.join(_REQUIRED.values())}"
            ) from error
    if missing := [name for field, name in _REQUIRED.items() if field not in given]:
        raise ConfigurationError(f"TINY_CLIENT_ID está definida, mas falta {', '.join(missing)}")
    try:
        return TinyAccount(**given)
    except ValidationError as error:
        wrong = {names[str(fault["loc"][0])]: fault["msg"] for fault in error.errors()}
        raise ConfigurationError(f"Configuração inválida: {wrong}") from None


def _engine() -> Engine:
    if url := os.environ.get("DATABASE_URL"):
        return open_engine(url)
    _require_server("DATABASE_URL")
    try:
        with translated():
            return connector_engine(cast(SqlAlchemyConnector, SqlAlchemyConnector.load(own(BANCO_BLOCK))))
    except ValueError as error:
        raise ConfigurationError(
            f"Não há DATABASE_URL no ambiente nem o bloco sqlalchemy-connector/{own(BANCO_BLOCK)} no Prefect: defina-a"
        ) from error


def _require_server(variable: str) -> None:
    """Make sure that Prefect's server can be asked for the block that stands in for a variable.

    Raises:
        ConfigurationError: nobody says where it is; else Prefect would start one of its own.
        PrefectUnreachable: it does not answer.
    """
    if not prefect_server.address():
        raise ConfigurationError(f"Não há {variable} no ambiente, nem PREFECT_API_URL, em cujo Prefect ficam os blocos")
    prefect_server.require_server()


def _tell(address: str) -> None:
    _say(f"Abra no navegador, com um usuário da conta do Tiny:\n\n{address}\n")


def _tell_pasting(address: str) -> None:
    _tell(address)
    _say("Depois cole aqui o endereço a que o navegador chegou (a página em si não abre):")


def _local(moment: datetime | None) -> str:
    return shown(moment) if moment else "sem prazo conhecido"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
