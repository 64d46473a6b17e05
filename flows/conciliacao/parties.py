"""Documents whose partner is another one in the source: merged there by SQL, which moves no write date."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from blocks.odoo import OdooClient, Record, Sums, find
from blocks.odoo.sums import PAGE
from blocks.unreadable import Unreadable
from flows.conciliacao.ours import Ours
from flows.run.batches import chunks
from flows.settings import Settings
from flows.sync.totals import Party, Refused

OTHER_PARTY = "parceiro trocado na origem sem mudar a data (fusão de cadastros?)"


def other_parties(ours: Ours, sums: Sums, party: Party | None) -> dict[int, str]:
    """The documents of partners of whom the source has fewer documents than we do, if they really have another one.

    The source may have more: those of documents that are no rows here.
    """
    if party is None or (party.unless and sums.has(party.unless)) or not sums.has(party.path):
        return {}
    counted = sums.parties([], party.path)
    keys = _keys(sums.client, party, [each for each in counted if each is not None])
    theirs: dict[tuple[Any, ...], int] = {}
    for partner, documents in counted.items():
        key = keys.get(partner) if partner is not None else None
        if key is not None:
            theirs[key] = theirs.get(key, 0) + documents
    doubted = {
        document: key
        for key, documents in ours.parties(party.columns).items()
        if len(documents) > theirs.get(key, 0)
        for document in documents
    }
    parts = chunks(sorted(doubted), PAGE)
    return {
        each["id"]: OTHER_PARTY
        for part in parts
        for page in sums.headers([("id", "in", list(part))], [party.path])
        for each in page
        if each[party.path] is not None and keys.get(each[party.path], doubted[each["id"]]) != doubted[each["id"]]
    }


def refused_ids(sums: Sums, rule: Refused, settings: Settings) -> list[int]:
    """The records that a rule refuses."""
    patterns = rule.like(settings)
    field = sums.name(f"{rule.path}.{rule.field}")
    if not patterns or field is None:
        return []
    name = field.rpartition(".")[2]
    domain: list[Any] = ["|"] * (len(patterns) - 1) + [(name, "=like", pattern) for pattern in patterns]
    found = _readable(find(sums.client, rule.model, domain))
    return sorted(each["id"] for each in found if rule.test(each, settings))


def _keys(client: OdooClient, party: Party, ids: list[int]) -> dict[int, tuple[Any, ...]]:
    """What our columns say of partners; of those that our columns cannot hold, nothing."""
    found: dict[int, tuple[Any, ...]] = {}
    for partner in _readable(find(client, party.model, [("id", "in", ids)])):
        with suppress(ValueError):
            found[partner["id"]] = party.key(partner)
    return found


def _readable(found: Iterable[Record | Unreadable]) -> list[Record]:
    return [each for each in found if not isinstance(each, Unreadable)]
