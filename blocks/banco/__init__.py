"""The PostgreSQL side: connections, the upsert, locks and the translation of errors."""

from blocks.banco.database import AdvisoryLock, connect_args, connector_engine, open_engine, transaction
from blocks.banco.errors import (
    BancoConflict,
    BancoError,
    BancoFault,
    BancoRejected,
    BancoUnavailable,
    LockLost,
    translate,
    translated,
)
from blocks.banco.queries import execute, fetch, load
from blocks.banco.stage import STAGE, stage, stage_query
from blocks.banco.target import Target, table_of
from blocks.banco.upsert import Written, merge, upsert, upsert_fitting

__all__ = [
    "STAGE",
    "AdvisoryLock",
    "BancoConflict",
    "BancoError",
    "BancoFault",
    "BancoRejected",
    "BancoUnavailable",
    "LockLost",
    "Target",
    "Written",
    "connect_args",
    "connector_engine",
    "execute",
    "fetch",
    "load",
    "merge",
    "open_engine",
    "stage",
    "stage_query",
    "table_of",
    "transaction",
    "translate",
    "translated",
    "upsert",
    "upsert_fitting",
]
