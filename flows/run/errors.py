"""The errors of runs; those of the source and of the database are in `blocks`.

SyncError
├── BadParameters       the run was asked for something that makes no sense: nothing was read
├── AlreadyRunning      another run holds the job's lock: this one is skipped, or waits if it was asked for something
├── RunCancelled        a person pressed Cancel on it: nothing more is read or written
├── TurnNeverCame       it waited for an hour, and another run still held the lock: nothing was read
├── SourceChanged       the table was filled from other documents, or by another number: nothing was read
├── UnknownDocuments    numbers that neither the source nor the database knows
├── BatchesFailed       some batches could not be stored: retry the run, only those are redone
├── DeletionRefused     the source lacks suspiciously many documents: nothing was deactivated
├── ResultRefused       a kept result is not of the kind that is read: a pickle could hold code
├── ResultGone          a Retry needs a result that is not kept any more: ask for a new run
└── EntitiesFailed      a domain run in which an entity failed; the others went on
"""

from blocks.errors import SincroniaError


class SyncError(SincroniaError):
    """An error of a run itself."""


class BadParameters(SyncError):
    """Parameters that contradict each other or cannot be met; raised before anything is read."""


class AlreadyRunning(SyncError):
    """Another run of the job holds its lock."""


class RunCancelled(SyncError):
    """A person cancelled the run; it stops before its next step or commit."""


class TurnNeverCame(SyncError):
    """Another run held the job's lock for as long as this one may wait."""


class SourceChanged(SyncError):
    """The source now gives another kind of documents than the ones stored, or identifies them by another field."""


class UnknownDocuments(SyncError):
    """Numbers given by the operator that exist nowhere."""


class BatchesFailed(SyncError):
    """At least one batch failed after all its attempts; the checkpoint stays where it was."""


class DeletionRefused(SyncError):
    """The source answers that suspiciously many documents are gone; a person must look."""


class EntitiesFailed(SyncError):
    """One or more entities of a domain run failed."""


class ResultRefused(SyncError):
    """A kept result is not of the kind that is read."""


class ResultGone(SyncError):
    """A Retry needs the result of an earlier attempt, which is not kept any more or cannot be read."""
