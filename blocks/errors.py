"""The one base of every error this project raises.

    SincroniaError
    ├── ConfigurationError      a setting is missing or wrong: mend the setting
    ├── NotOffered              the source has no such documents at all: the run is skipped, saying so
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
    """True where trying again later can help without anybody changing anything."""


class ConfigurationError(SincroniaError):
    """A setting is missing or holds a value that is not accepted."""


class NotOffered(SincroniaError):
    """A source does not have this kind of documents at all: a module that is not installed. There is nothing to do."""
