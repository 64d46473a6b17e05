"""The base class of every error that this project raises.

    SincroniaError
    ├── ConfigurationError      a setting is missing or wrong: mend the setting
    ├── NotOffered              the source has no such documents: the run is skipped and says so
    ├── OdooError               blocks/odoo/errors.py
    ├── BancoError              blocks/banco/errors.py
    └── SyncError               flows/run/errors.py

Messages are read by operators in the Prefect UI and in Slack, so they are in
Portuguese and say what is wrong, where, with which value and what to do.
"""

from typing import ClassVar


class SincroniaError(Exception):
    """Base of all errors raised on purpose."""

    transient: ClassVar[bool] = False
    """True if trying again later can succeed without anybody changing anything."""


class ConfigurationError(SincroniaError):
    """A setting is missing or holds a value that is not accepted."""


class NotOffered(SincroniaError):
    """The source does not have this kind of documents, because a module is not installed. There is nothing to read."""
