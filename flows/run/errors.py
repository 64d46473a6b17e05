"""What can go wrong in a run besides the two systems it talks to.

SyncError
├── BadParameters       the run was asked for something that makes no sense: nothing was read
├── AlreadyRunning      another run holds the entity's lock: this one is skipped
├── SourceChanged       the table was filled from another kind of documents: nothing was read
├── UnknownDocuments    numbers that neither the source nor the database knows
├── BatchesFailed       some batches could not be stored: retry the run, only those are redone
├── DeletionRefused     too many documents would vanish at once: nothing was deactivated
└── EntitiesFailed      a domain run in which an entity failed; the others went on
"""

from blocks.errors import SincroniaError


class SyncError(SincroniaError):
    """An error of a run itself."""


class BadParameters(SyncError):
    """Parameters that contradict each other or cannot be met; raised before anything is read."""


class AlreadyRunning(SyncError):
    """Another run of the entity holds its lock."""


class SourceChanged(SyncError):
    """The source now gives another kind of documents than the ones that are stored; their ids would be confused."""


class UnknownDocuments(SyncError):
    """Numbers given by the operator that exist nowhere."""


class BatchesFailed(SyncError):
    """At least one batch failed after all its attempts; the checkpoint stays where it was."""


class DeletionRefused(SyncError):
    """The source answers that suspiciously many documents are gone; a person must look."""


class EntitiesFailed(SyncError):
    """One or more entities of a domain run failed."""
