"""The installation's name, and from it the names of all that it has on Prefect's server.

Installations may share a server: docs/decisoes/023-names-of-an-installation.md.
"""

import os
import re

from blocks.errors import ConfigurationError

VARIABLE = "SINCRONIA_INSTALACAO"
"""The environment variable that holds the name."""
DEFAULT = "sincronia"
"""The installation that was not given a name; its things have the plain names."""
MARK = "sincronia"
"""The plain name of the work pool, and of the tag that every run of the installation has."""
LONGEST = 30
ACCEPTED = f"até {LONGEST} letras minúsculas sem acento, dígitos e hífens entre eles, a primeira uma letra"
"""What a name may be, in the operators' words."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def checked(name: str) -> str:
    """The name, if an installation may have it.

    Raises:
        ValueError: it may not; the message says what is accepted.
    """
    if len(name) > LONGEST or not _NAME.fullmatch(name):
        raise ValueError(ACCEPTED)
    return name


def installation() -> str:
    """The name of the installation that this process belongs to.

    Raises:
        ConfigurationError: SINCRONIA_INSTALACAO holds something else than a name.
    """
    name = os.environ.get(VARIABLE) or DEFAULT
    try:
        return checked(name)
    except ValueError as error:
        raise ConfigurationError(f"Configuração inválida: {VARIABLE}={name!r}: aceito: {error}") from None


def own(name: str) -> str:
    """What this installation calls the thing of that plain name on Prefect's server: `odoo`, or `odoo-filial`.

    Raises:
        ConfigurationError: as `installation`.
    """
    ours = installation()
    return name if ours == DEFAULT else f"{name}-{ours}"
