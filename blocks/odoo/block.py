"""The Prefect block that holds how to reach an Odoo server."""

from typing import ClassVar

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from blocks.odoo.client import OdooClient
from blocks.odoo.model import Profile
from blocks.odoo.protocols import Protocol


class OdooServer(Block):
    """Servidor Odoo: endereço, banco, usuário e a senha ou chave de API com que os fluxos leem os dados."""

    _block_type_name: ClassVar[str | None] = "Odoo"
    _block_type_slug: ClassVar[str | None] = "odoo-server"
    _documentation_url: ClassVar[HttpUrl | None] = HttpUrl(
        "https://www.odoo.com/documentation/17.0/developer/reference/external_api.html"
    )
    _logo_url: ClassVar[HttpUrl | None] = HttpUrl(
        "https://raw.githubusercontent.com/odoo/odoo/17.0/addons/web/static/img/odoo-icon-192x192.png"
    )
    _description: ClassVar[str | None] = "Conexão de leitura com um servidor Odoo, por JSON-RPC, XML-RPC ou JSON-2."

    url: str = Field(title="URL", description="Endereço do servidor, por exemplo https://empresa.odoo.com")
    db: str = Field(title="Banco de dados", description="Nome do banco no servidor Odoo")
    username: str = Field(title="Usuário", description="Login do usuário de integração")
    secret: SecretStr = Field(
        title="Senha ou chave de API", description="JSON-2 só aceita chave de API; os outros protocolos, ambas"
    )
    protocol: Protocol = Field(
        default="auto", title="Protocolo", description="auto: JSON-RPC onde o servidor o tem, senão XML-RPC"
    )
    profile: Profile = Field(
        default="auto", title="Perfil", description="auto: usa os campos l10n_br da CIEL IT onde o servidor os tem"
    )
    timeout: float = Field(
        default=90.0, gt=0, title="Tempo limite (s)", description="Segundos de espera pela resposta de uma chamada"
    )
    connect_timeout: float = Field(
        default=30.0, gt=0, title="Tempo limite de conexão (s)", description="Segundos de espera para conectar"
    )

    def get_client(self, *, attempts: int = 3) -> OdooClient:
        """A client for one flow run, which sends each call up to `attempts` times. Close it, or use it in a `with`."""
        return OdooClient(
            url=self.url,
            db=self.db,
            username=self.username,
            secret=self.secret,
            protocol=self.protocol,
            timeout=self.timeout,
            connect_timeout=self.connect_timeout,
            attempts=attempts,
        )

    def check(self, seconds: float) -> str:
        """Log in and return the server's version. Each call is sent once and given up after `seconds`.

        Raises:
            OdooError: the server cannot be reached or refuses; the error says why.
        """
        hasty = self.model_copy(update={"timeout": seconds, "connect_timeout": seconds})
        with hasty.get_client(attempts=1) as client:
            client.authenticate()
            return client.version()
