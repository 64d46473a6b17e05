"""Turns an answer of Tiny into its body or into one of our errors, by HTTP status and never by text."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from blocks.sending import clean
from blocks.tiny.clock import retry_after
from blocks.tiny.errors import (
    AccessDenied,
    InvalidRequest,
    NotFound,
    RateLimited,
    Unavailable,
    UnexpectedAnswer,
)

_LONGEST = 300


class TooManyReads(RateLimited):
    """429. The limiter already knows of it, so that a further attempt waits until reads are allowed again."""


def check(response: httpx.Response, place: str) -> None:
    """Raise the error for a status other than success; docs/tiny.md, "Errors"."""
    status, where = response.status_code, f"O Tiny {place} em {_address(response)}"
    if response.is_success:
        return
    if status == HTTPStatus.BAD_REQUEST:
        raise InvalidRequest(f"{where} não aceita o pedido: {_reasons(response)}.")
    if status == HTTPStatus.UNAUTHORIZED:
        raise AccessDenied(
            f"{where} recusou (401) um token recém-renovado: confira se TINY_URL e a conta são as certas."
        )
    if status == HTTPStatus.FORBIDDEN:
        raise AccessDenied(f"{where} recusou o acesso (403): dê à aplicação permissão de leitura de ordens de serviço.")
    if status == HTTPStatus.NOT_FOUND:
        raise NotFound(f"{where} respondeu que não existe (404).")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TooManyReads(
            f"{where} recusou por excesso de leituras no minuto (429).", retry_after=retry_after(response)
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(f"{where} falhou (HTTP {status}): aguarde.", retry_after=retry_after(response))
    raise UnexpectedAnswer(f"{where} respondeu HTTP {status}: confira TINY_URL.")


def decoded(response: httpx.Response, place: str) -> dict[str, Any] | None:
    """The JSON object of a success; None for an empty body.

    Raises:
        Unavailable: the JSON is cut short.
        UnexpectedAnswer: the body is no JSON object.
    """
    body = response.content.strip()
    if not body:
        return None
    where = f"O Tiny {place} em {_address(response)}"
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        if body.startswith(b"{"):
            raise Unavailable(
                f"{where} deu uma resposta cortada depois de {len(body)} bytes: tente de novo.", answered=True
            ) from None
        raise UnexpectedAnswer(f"{where} não respondeu JSON ({_shown(body)}): confira TINY_URL.") from None
    if not isinstance(answer, dict):
        raise UnexpectedAnswer(f"{where} respondeu JSON que não é um objeto ({_shown(body)}).")
    return answer


def _address(response: httpx.Response) -> str:
    return response.request.url.raw_path.decode("ascii", "replace")


def _reasons(response: httpx.Response) -> str:
    """The reasons in the body of a 400 (`{mensagem, detalhes: [{campo, mensagem}]}`), in one line."""
    try:
        told = response.json()
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, Mapping):
        return "sem explicação"
    details = told.get("detalhes")
    named = [each for each in details if isinstance(each, Mapping)] if isinstance(details, list) else []
    parts = [str(told.get("mensagem") or ""), *(f"{each.get('campo')}: {each.get('mensagem')}" for each in named)]
    return clean("; ".join(filter(None, parts)))[:_LONGEST] or "sem explicação"


def _shown(body: bytes) -> str:
    return clean(body[:80].decode("utf-8", "replace"))
