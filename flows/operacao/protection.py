"""Whether Prefect's API asks for a password: whoever reaches one that does not runs code on the workers."""

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_KEY,
    PREFECT_API_URL,
    PREFECT_CLIENT_CUSTOM_HEADERS,
    PREFECT_CLIENT_MAX_RETRIES,
    temporary_settings,
)

from blocks.errors import ConfigurationError
from blocks.prefect_server import host
from blocks.sending import is_loopback
from flows.operacao.verdicts import EXPOSED


def open_to_anyone() -> bool:
    """Whether the API is reached over a network and answers without a password, key or header of ours."""
    if is_loopback(httpx.URL(PREFECT_API_URL.value()).host):
        return False
    ours = {PREFECT_API_AUTH_STRING, PREFECT_API_KEY, PREFECT_CLIENT_CUSTOM_HEADERS}
    with (
        temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}, restore_defaults=ours),
        get_client(sync_client=True) as stranger,
    ):
        try:
            stranger.api_version()
        except (PrefectException, httpx.HTTPError):
            return False
    return True


def require_protected() -> None:
    """Make sure that not everybody in the network can use the API.

    Raises:
        ConfigurationError: everybody can.
    """
    if open_to_anyone():
        raise ConfigurationError(f"O Prefect em {host(PREFECT_API_URL.value())} {EXPOSED}. Nada foi implantado")
