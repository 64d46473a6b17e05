"""A run in which nothing changed: two calls show it, and nothing is listed. docs/decisoes/025-quiet-runs.md says why.

That is only tried after a run that had seen everything: all that was written up to the checkpoint was committed and is
stored, so that whatever changes afterwards is written later than the checkpoint.
"""

import logging
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Engine

from blocks.banco import execute, fetch, transaction
from blocks.errors import SincroniaError
from flows.run import quarantine
from flows.settings import Settings
from flows.sync.entity import Entity, Source
from flows.sync.known import Known
from flows.sync.plan import Plan, no_longer_waiting, to_check
from flows.sync.request import Request
from flows.sync.rule import rule_of
from flows.sync.standing import read_standing
from flows.sync.statements import SYNC
from flows.sync.window import LONG, OVERLAP

HOLDS = timedelta(hours=4)
"""How long after a list nothing is listed, if nothing seems to change: what only a list sees is not left for longer."""

SECOND = timedelta(seconds=1)
"""The source shows write dates cut to this."""

LONGEST_TRANSACTION = timedelta(hours=2)
"""A change that is committed so long after it is written need not be expected, however wide an entity's window is."""

logger = logging.getLogger(__name__)


def unchanged_since(
    engine: Engine, entity: Entity, source: Source, settings: Settings, request: Request
) -> datetime | None:
    """The checkpoint, if nothing changed in the source since it was there and nothing else is left to do; else None.

    None, too, if something was asked for, if no run has settled everything for `HOLDS`, or if the source cannot be
    asked: listing will tell.
    """
    if request != Request():
        return None
    with transaction(engine) as connection:
        standing = read_standing(connection, entity.name)
        if standing.checkpoint is None or standing.settled_at is None or standing.kind is None:
            return None
        if (
            to_check(connection, entity.name, rule_of(entity, settings), timedelta(days=settings.releitura_dias), 1)
            or quarantine.due(connection, entity.name)
            or no_longer_waiting(connection, entity)
            or fetch(connection, SYNC["hidden_documents"], entidade=entity.name)
        ):
            return None
    totals = cache(Known(engine, entity.name).totals)  # not counted if something was written
    try:
        seen = source.glance(
            standing.kind,
            standing.fields,
            standing.access,
            standing.checkpoint + SECOND,
            bare=lambda: bool(entity.lines and totals()[2]),
        )
    except SincroniaError as error:
        logger.info("%s: %s A lista dirá o que mudou.", entity.title, error)
        return None
    if seen is None or seen.counts is None or seen.counts != totals()[:2]:
        return None
    return standing.checkpoint if timedelta() <= seen.now - standing.settled_at <= HOLDS else None


def record_settled(engine: Engine, entity: Entity, source: Source, settings: Settings, made: Plan) -> None:
    """Remember that a run has seen everything, if that is so; what it listed is stored and nothing differs any more.

    A document that is changed after this run's list is written later than the checkpoint, if the list came so long
    after the checkpoint that no transaction from before it was still open.
    """
    checkpoint, window = made.seen.written, made.window
    if checkpoint is None or window is None or window.bounded or not made.complete or made.unread:
        return
    if window.since is not None and window.since > checkpoint - OVERLAP:
        return
    patience = max(OVERLAP, min(entity.width(settings), LONGEST_TRANSACTION))
    if made.listed_at.for_version(checkpoint) <= checkpoint + patience:
        return
    try:
        access = dict(source.access())
    except SincroniaError as error:
        logger.info("%s: %s A próxima execução listará.", entity.title, error)
        return
    with transaction(engine) as connection:
        execute(
            connection,
            SYNC["record_settled"],
            entidade=entity.name,
            checkpoint=checkpoint,
            paciencia=patience,
            long=LONG,
            assentado_em=made.seen.server,
            acesso=access,
        )
