"""Odoo: the Prefect block, its client, and the declarations of what is read."""

from blocks.breaker import CircuitBreaker
from blocks.odoo.block import OdooServer
from blocks.odoo.client import OdooClient
from blocks.odoo.documents import Documents
from blocks.odoo.errors import (
    AccessDenied,
    AccessError,
    CircuitOpen,
    Fault,
    MissingField,
    OdooError,
    Overloaded,
    UnexpectedAnswer,
    UnknownDatabase,
    UnknownField,
    UnknownModel,
    Unreachable,
)
from blocks.odoo.glance import Glance
from blocks.odoo.model import (
    Model,
    Profile,
    Spec,
    constant,
    either,
    label,
    many,
    one,
    optional,
    renamed,
    resolve,
    resolve_field,
)
from blocks.odoo.protocols import Protocol
from blocks.odoo.reading import find, read_tree
from blocks.odoo.records import Domain, Record
from blocks.odoo.related import RelatedCache
from blocks.odoo.signs import Sign, Signs
from blocks.odoo.source import OdooSource, not_offered
from blocks.odoo.sums import Group, Sums
from blocks.odoo.values import day, latest, local_day, moment, number, odoo_datetime

__all__ = [
    "AccessDenied",
    "AccessError",
    "CircuitBreaker",
    "CircuitOpen",
    "Documents",
    "Domain",
    "Fault",
    "Glance",
    "Group",
    "MissingField",
    "Model",
    "OdooClient",
    "OdooError",
    "OdooServer",
    "OdooSource",
    "Overloaded",
    "Profile",
    "Protocol",
    "Record",
    "RelatedCache",
    "Sign",
    "Signs",
    "Spec",
    "Sums",
    "UnexpectedAnswer",
    "UnknownDatabase",
    "UnknownField",
    "UnknownModel",
    "Unreachable",
    "constant",
    "day",
    "either",
    "find",
    "label",
    "latest",
    "local_day",
    "many",
    "moment",
    "not_offered",
    "number",
    "odoo_datetime",
    "one",
    "optional",
    "read_tree",
    "renamed",
    "resolve",
    "resolve_field",
]
