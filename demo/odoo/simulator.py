"""The server behind the transports: databases, log-in, and one transaction per call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from demo.odoo import (  # noqa: F401 - they declare the models with behaviour of their own
    blankets,
    calling,
    invoices,
    models,
    moments,
    productions,
    receipts,
    requests,
)
from demo.odoo.environment import Environment, User
from demo.odoo.faults import AccessDenied, DatabaseError, HttpError, MissingError, UnknownModel
from demo.odoo.store import Store

Result = TypeVar("Result")

API_KEY: Final = "0123456789abcdef0123456789abcdef01234567"

# The users of the recorded company; every login is its own password.
USERS: Final = (
    User(2, "admin", "admin", API_KEY),
    User(6, "restrito", "restrito", "6" * 40, restricted=True),
    User(7, "integracao_pcp", "integracao_pcp", "7" * 40),
    User(8, "comprador", "comprador", "8" * 40),
)


@dataclass(frozen=True)
class Request:
    """A call as a transport carried it: `common` or `object` with positional parameters, or a JSON-2 call."""

    service: str
    method: str
    params: list[Any] = field(default_factory=list)
    id: Any = None

    @property
    def called(self) -> tuple[str, str]:
        """The model and the method of it, or the service and its where it is not about a model."""
        about_model = self.service == "object" and len(self.params) > 4
        return (str(self.params[3]), str(self.params[4])) if about_model else (self.service, self.method)


@dataclass(frozen=True)
class Json2Call:
    """A JSON-2 call: everything by name."""

    db: str | None
    api_key: str
    model: str
    operation: str
    arguments: Mapping[str, Any]

    @property
    def called(self) -> tuple[str, str]:
        """The model and the method of it."""
        return self.model, self.operation


@dataclass(frozen=True)
class Simulator:
    """One Odoo database and its users."""

    store: Store
    db: str

    @property
    def version(self) -> dict[str, Any]:
        """What the server says of itself."""
        version = self.store.version
        told = {"server_version": version.build, "server_version_info": version.info}
        return {**told, "server_serie": version.series, "protocol_version": 1}

    def execute(self, request: Request) -> Any:
        """The result of an XML-RPC or JSON-RPC call."""
        if request.service == "common":
            return self._common(request.method, request.params)
        if request.service != "object" or request.method not in ("execute_kw", "execute"):
            raise KeyError(request.service if request.service != "object" else request.method)
        db, uid, password, model, method, *args = request.params
        self._open(db)
        kwargs: dict[str, Any] = {}
        if request.method == "execute_kw":
            kwargs = dict(args[1] or {}) if len(args) > 1 else {}
            args = args[0] if args else []
        user = next(
            (user for user in USERS if uid and user.id == uid and password in (user.password, user.api_key)), None
        )
        if user is None:
            if uid and all(known.id != uid for known in USERS):
                gone = f"Record does not exist or has been deleted.\n(Record: res.users({uid},), User: {uid})"
                raise MissingError(gone)
            raise AccessDenied
        env = self._environment(user, kwargs.pop("context", None))
        with self.store.transaction():
            return calling.call(env, model, method, args, kwargs)

    def execute_json2(self, call: Json2Call) -> Any:
        """The result of a JSON-2 call, with the HTTP errors that Odoo 19 documents."""
        user = next((user for user in USERS if user.api_key == call.api_key), None)
        if user is None:
            raise HttpError(401, "Unauthorized", "Invalid apikey")
        arguments = dict(call.arguments)
        context, ids = arguments.pop("context", None), arguments.pop("ids", [])
        try:
            env = self._environment(user, context)
            models.browse(env, call.model)
            function = calling.public_method(self.store.version, call.model, call.operation)
        except UnknownModel:
            raise HttpError(404, "NotFound", f"the model {call.model!r} does not exist") from None
        except AttributeError as error:
            raise HttpError(404, "NotFound", str(error)) from None
        on_model = hasattr(function, "_api_model")
        if on_model and ids:
            message = f"cannot call {call.model}.{call.operation} with ids"
            raise HttpError(422, "UnprocessableEntity", message)
        try:
            calling.bind(function, arguments)
        except TypeError as error:
            raise HttpError(422, "UnprocessableEntity", str(error)) from None
        with self.store.transaction():
            result = calling.call(env, call.model, call.operation, [] if on_model else [ids], arguments)
        return [result] if call.operation == "create" and isinstance(result, int) else result

    def late(self, seconds: float, model: str, ids: list[int], values: Mapping[str, Any]) -> None:
        """A write whose transaction started some seconds ago and becomes visible now."""
        env = self._environment(USERS[0], None)
        with self.store.transaction():
            calling.call(replace(env, now=moments.shifted(env.now, -seconds)), model, "write", [ids, values], {})

    def act(self, action: Callable[..., Result], **arguments: Any) -> Result:
        """What an administrator does with a wizard or a server action, in one transaction."""
        env = self._environment(USERS[0], None)
        with self.store.transaction():
            result = action(env, **arguments)
            env.settle()
        return result

    def _environment(self, user: User, context: Any) -> Environment:
        return Environment(self.store, user, moments.timestamp(self.store.clock.now()), context or {})

    def _common(self, method: str, params: list[Any]) -> Any:
        if method == "version":
            return self.version
        if method not in ("authenticate", "login"):
            raise KeyError(method)
        db, login, password, *_ = params
        self._open(db)
        found = (u.id for u in USERS if u.login == login and password in (u.password, u.api_key))
        return next(found, False)

    def _open(self, db: str) -> None:
        if db != self.db:
            if self.store.version.names_database:
                text = f'connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "{db}" does not exist'
                raise DatabaseError("psycopg2.OperationalError", text)
            raise KeyError(db)
