"""The Prefect block that holds how to reach a Tiny account."""

from typing import ClassVar

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr
from sqlalchemy import Engine

from blocks.tiny.client import TinyClient
from blocks.tiny.clock import Clock, SystemClock
from blocks.tiny.limiter import Limiter
from blocks.tiny.oauth import Application, OAuthServer
from blocks.tiny.token_store import Cipher, TokenStore
from blocks.tiny.tokens import Tokens
from blocks.tiny_addresses import ACCOUNTS_URL, API_URL


class TinyAccount(Block):
    """Conta do Tiny ERP (Olist): a aplicação com que os fluxos leem as ordens de serviço e a reserva do limite."""

    _block_type_name: ClassVar[str | None] = "Tiny"
    _block_type_slug: ClassVar[str | None] = "tiny-account"
    _documentation_url: ClassVar[HttpUrl | None] = HttpUrl(
        "https://api-docs.erp.olist.com/documentacao/comecando/autenticacao"
    )
    _description: ClassVar[str | None] = "Leitura de uma conta do Tiny ERP pela API v3, com OAuth2."

    client_id: str = Field(title="Client ID", description="Da aplicação cadastrada no Tiny")
    client_secret: SecretStr = Field(title="Client secret", description="Da mesma aplicação")
    token_key: SecretStr = Field(
        title="Chave dos tokens",
        description="Chave Fernet que cifra os tokens no banco; na troca, a nova, vírgula, a anterior",
    )
    account: str = Field(
        default="tiny", max_length=50, title="Conta", description="Nome da conta em tiny.credenciais e tiny.limites"
    )
    url: str = Field(default=API_URL, title="URL da API", description="Endereço da API v3")
    accounts_url: str = Field(
        default=ACCOUNTS_URL, title="URL de autorização", description="Endereço que termina em openid-connect"
    )
    reserve: int = Field(
        default=10,
        ge=0,
        le=90,
        title="Reserva (%)",
        description="Parte do limite por minuto deixada às outras integrações da conta; ao menos uma leitura",
    )
    timeout: float = Field(
        default=60.0, gt=0, title="Tempo limite (s)", description="Segundos de espera pela resposta de uma leitura"
    )
    connect_timeout: float = Field(
        default=15.0, gt=0, title="Tempo limite de conexão (s)", description="Segundos de espera para conectar"
    )

    def oauth(self) -> OAuthServer:
        """The OAuth2 server, where a person consents and tokens are exchanged."""
        return OAuthServer(Application(self.client_id, self.client_secret, self.accounts_url))

    def tokens(self, engine: Engine, clock: Clock | None = None) -> Tokens:
        """The account's tokens, which are kept in the database of `engine`.

        Raises:
            ConfigurationError: the token key is no Fernet key.
        """
        store = TokenStore(engine, self.account, self.client_id, Cipher(self.token_key))
        return Tokens(store, self.oauth(), clock or SystemClock())

    def limiter(self, engine: Engine, clock: Clock | None = None) -> Limiter:
        """The account's budget of reads, which is kept in the database of `engine`."""
        return Limiter(engine, self.account, clock or SystemClock(), reserve=self.reserve)

    def get_client(self, engine: Engine, clock: Clock | None = None) -> TinyClient:
        """A client for one flow run; close it, or use it as a context manager.

        Raises:
            ConfigurationError: the token key is no Fernet key, or the URL no address.
        """
        clock = clock or SystemClock()
        return TinyClient(
            account=self.account,
            tokens=self.tokens(engine, clock),
            limiter=self.limiter(engine, clock),
            clock=clock,
            url=self.url,
            timeout=self.timeout,
            connect_timeout=self.connect_timeout,
        )
