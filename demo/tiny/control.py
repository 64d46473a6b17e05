"""What tests do to the simulator, apart from everything a client does: `POST /_sim/<verb>` with a JSON object.

| verb | body | does |
|---|---|---|
| `calls` | `{"ids": false}` | answers what was called since the last reset, see below |
| `reset` | `{}` | forgets calls and plans, and gives this minute its full quota; orders, tokens and clock stay |
| `clock` | `{"seconds": 0}` | skips ahead; answers `{"now"}`, ISO with zone |
| `orders` | `{"ids"?}` | answers `{"orders": [...]}` as they are stored, without drift and without spending quota |
| `contacts` | `{}` | answers `{"contacts": [...]}` likewise |
| `change` | `{"id", fields…}` | a person changes an order; fields by their names in the API, and `idContato` |
| `create` | `{fields…}` | a person makes an order, issued today unless `data` says otherwise; answers `{"id"}` |
| `delete` | `{"id"}` | a person deletes an order: gone from the list, its detail answers 404 |
| `contact` | `{"id", fields…}` | a person changes a contact, in all its orders |
| `quota` | `{"limit"?, "spend"?}` | sets the plan's limit; lets another integration spend reads of this minute |
| `faults` | `{"kind", "times": 1, "after": 0, "path"?, "seconds": 1}` | plans faults, see below |
| `after` | `{"path", "verb", "body", "times": 1}` | carries out a verb after the next calls, before they are answered |
| `token` | `{"kind", "times": 1}` | tokens expire or are refused, see below |

A `change` may set any value, right or wrong: `situacao` of "3 - Finalizada", `contato` null (detail), `cliente` (list),
`valor`, `vendedor`, `dataPrevista` … A name that no answer shows is an error.

`calls`: `{"total", "concurrent", "paths": {"/ordem-servico": {"200": n}, "/ordem-servico/{id}": …, "/token": …},
"minutes": {"2026-11-22T05:17": {"read", "refused"}}, "refused", "renewals", "consents"}` and, with `ids`, how often
each order's detail was asked for. `read` is what the quota was spent on, `refused` the answers 429, `dropped` stands
for a status where the connection was dropped.

Kinds of faults, for the next `times` calls (to `path`, a pattern below the base such as `/ordem-servico/*`, or `/token`
or `/auth`; without it, any call of the API): `500`, `503`, `403`, `204`, `blank` (200 without a body), `html` (a page
with 200), `429_bare` (429 without headers, spends no quota), which answer instead of carrying the call out; `drop` (the
connection closes without an answer), `truncated` (it closes in the middle of the body), `garbled` (a whole answer whose
JSON stops in the middle), `delay` (the answer comes `seconds` of real time later), which carry it out: a `drop` on
`/token` loses tokens that were granted. A call is charged to the quota before it is struck. With
`after`, so many calls that the fault would strike pass first.

Kinds of `token`: `expire_access`, `expire_refresh` (all that were granted, now); `invalid_grant`, `500` (the next
`times` calls to the token endpoint, no token is spent); `access_denied` (the person refuses the next consents).
"""

from collections.abc import Callable
from typing import Any, Final

from demo.tiny.plans import Deed, Fault
from demo.tiny.simulator import Simulator

_EXPIRES: Final = ("expire_access", "expire_refresh")


class Control:
    """Carries out the verbs, each under the simulator's lock."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._verbs: dict[str, Callable[..., dict[str, Any]]] = {
            "calls": self._calls,
            "reset": self._reset,
            "clock": self._advance,
            "orders": self._orders,
            "contacts": self._contacts,
            "change": self._change,
            "create": self._create,
            "delete": self._delete,
            "contact": self._contact,
            "quota": self._quota,
            "faults": self._plan,
            "after": self._after,
            "token": self._token,
        }

    def command(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """Carry out a verb.

        Raises:
            LookupError: there is no such verb, order, contact or field.
            TypeError: it does not take these arguments.
            ValueError: a value makes no sense.
        """
        with self._simulator.lock:
            return self._verbs[verb](**body)

    def do(self, deed: Deed) -> None:
        """Carry out what was planned for after a call."""
        self.command(deed.verb, deed.body)

    def _calls(self, ids: bool = False) -> dict[str, Any]:
        granted = self._simulator.oauth.granted
        tokens = {"renewals": granted["refresh_token"], "consents": granted["authorization_code"]}
        return {**self._simulator.book.summary(ids=ids), **tokens}

    def _reset(self) -> dict[str, Any]:
        self._simulator.book.clear()
        self._simulator.plans.clear()
        self._simulator.oauth.forget_plans()
        self._simulator.quota.renew()
        return {}

    def _advance(self, seconds: float = 0) -> dict[str, Any]:
        self._simulator.clock.advance(seconds)
        return {"now": self._simulator.clock.now().isoformat()}

    def _orders(self, ids: list[int] | None = None) -> dict[str, Any]:
        orders = self._simulator.orders
        wanted = orders.issued_between("", "") if ids is None else ids
        return {"orders": [order.stored for order in map(orders.get, wanted) if order is not None]}

    def _contacts(self) -> dict[str, Any]:
        return {"contacts": list(self._simulator.orders.contacts.values())}

    def _change(self, id: int, **values: Any) -> dict[str, Any]:  # noqa: A002 - the wire's name
        self._simulator.orders.change(id, values)
        return {}

    def _create(self, **values: Any) -> dict[str, Any]:
        return {"id": self._simulator.orders.create(self._simulator.clock.today(), values)}

    def _delete(self, id: int) -> dict[str, Any]:  # noqa: A002 - the wire's name
        self._simulator.orders.delete(id)
        return {}

    def _contact(self, id: int, **values: Any) -> dict[str, Any]:  # noqa: A002 - the wire's name
        contact = self._simulator.orders.contacts[id]
        if unknown := values.keys() - contact.keys():
            raise LookupError(f"a contact has no {', '.join(sorted(unknown))}")
        self._simulator.orders.contacts[id] = {**contact, **values}
        return {}

    def _quota(self, limit: int | None = None, spend: int = 0) -> dict[str, Any]:
        quota = self._simulator.quota
        quota.limit = quota.limit if limit is None else limit
        if not quota.take(spend):
            raise ValueError(f"fewer than {spend} reads are left in this minute")
        return {}

    def _plan(self, **plan: Any) -> dict[str, Any]:
        self._simulator.plans.faults.append(Fault(**plan))
        return {}

    def _after(self, **plan: Any) -> dict[str, Any]:
        deed = Deed(**plan)
        if deed.verb not in self._verbs:
            raise LookupError(f"no such verb: {deed.verb!r}")
        self._simulator.plans.deeds.append(deed)
        return {}

    def _token(self, kind: str, times: int = 1) -> dict[str, Any]:
        if kind in _EXPIRES:
            self._simulator.oauth.expire(kind)
        else:
            self._simulator.oauth.plan(kind, times)
        return {}
