"""What a webhook says: which record changed. Nothing else of its body is used, and nothing of it is believed.

Odoo (17 and newer) sends `{"_model": "sale.order", "_id": 7, "_action": …, and the fields that were chosen}`: see
docs/webhooks.md, "O que o Odoo envia". Tiny sends `{"tipo": …, "dados": {…}}`: "O que o Tiny envia" there.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from flows.operacao.vigia.changes import Change, Domain

BIGGEST_ID = 2**63 - 1
_SERVICE = "servico"
"""What the `tipo` of a notification about service orders has in it."""
_DIGITS = re.compile(r"[0-9]{1,18}")


class Refused(Exception):
    """A request that has no effect.

    Attributes:
        status: the HTTP status of the answer.
        reason: why, in the operators' words; nothing of the request is in it.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Notice:
    """What was told.

    Attributes:
        changes: one for each domain that the record is part of; none, if we keep nothing of the kind.
        digest: what two notices of one state of a record have in common; None if the body does not tell the state.
    """

    changes: tuple[Change, ...]
    digest: bytes | None = None


def odoo_notice(body: bytes, domains: Mapping[str, Collection[Domain]]) -> Notice:
    """The notice of Odoo's action "Send Webhook Notification".

    Args:
        body: as it came.
        domains: by Odoo's model, the domains that read it.

    Raises:
        Refused: it is none, or of a model that nobody reads.
    """
    told = _object(body)
    model, record = told.get("_model"), told.get("_id")
    if not isinstance(model, str) or model not in domains:
        raise Refused(422, "modelo desconhecido")
    if not isinstance(record, int) or isinstance(record, bool) or not 0 < record <= BIGGEST_ID:
        raise Refused(422, "sem _id")
    # Without its write date, a second change of a record looks like a repetition of the first one.
    digest = sha256(body).digest() if told.get("write_date") else None
    return Notice(tuple(Change(domain, "odoo", model, record) for domain in sorted(domains[model])), digest)


def tiny_notice(body: bytes) -> Notice:
    """A notification of Tiny; those that are not about service orders change nothing here.

    Raises:
        Refused: it is none.
    """
    told = _object(body)
    kind, data = told.get("tipo"), told.get("dados")
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise Refused(422, "sem tipo ou dados")
    if _SERVICE not in kind.lower():
        return Notice(())
    given = str(data.get("id", ""))
    return Notice((Change("tiny", "tiny", None, int(given) if _DIGITS.fullmatch(given) else None),))


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; it may not be nested deeper than a thousand times, whatever it is.

    Raises:
        Refused: it is something else.
    """
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "corpo que não é JSON") from None
    if not isinstance(told, dict):
        raise Refused(400, "corpo que não é um objeto JSON")
    return told
