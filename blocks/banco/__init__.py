"""The PostgreSQL side: connections, the upsert, locks and the translation of errors."""

from blocks.banco.database import (
    AdvisoryLock,
    be_impatient,
    connect_args,
    connector_engine,
    open_engine,
    require_answer,
    transaction,
)
from blocks.banco.errors import (
    BancoConflict,
    BancoError,
    BancoFault,
    BancoRefused,
    BancoRejected,
    BancoUnavailable,
    LockLost,
    about,
    translate,
    translated,
)
from blocks.banco.halves import by_halves
from blocks.banco.names import assignments, equal, listed
from blocks.banco.queries import execute, fetch, load
from blocks.banco.stage import STAGE, stage, stage_query, values_named
from blocks.banco.target import Target, table_of
from blocks.banco.upsert import Written, merge, stage_fitting, update, upsert, upsert_fitting

__all__ = [
    "STAGE",
    "AdvisoryLock",
    "BancoConflict",
    "BancoError",
    "BancoFault",
    "BancoRefused",
    "BancoRejected",
    "BancoUnavailable",
    "LockLost",
    "Target",
    "Written",
    "about",
    "assignments",
    "be_impatient",
    "by_halves",
    "connect_args",
    "connector_engine",
    "equal",
    "execute",
    "fetch",
    "listed",
    "load",
    "merge",
    "open_engine",
    "require_answer",
    "stage",
    "stage_fitting",
    "stage_query",
    "table_of",
    "transaction",
    "translate",
    "translated",
    "update",
    "upsert",
    "upsert_fitting",
    "values_named",
]
