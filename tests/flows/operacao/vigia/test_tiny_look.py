"""What is seen of a simulated Tiny account: its newest orders, while the quota allows."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from blocks.errors import SincroniaError
from demo.tiny import TinyProcess, tiny_process
from flows.operacao.vigia.changes import Change
from flows.operacao.vigia.tiny import TinyLook
from flows.settings import Settings
from tests.blocks.tiny.scaled import KEY, account_of
from tests.flows.tiny_os.conftest import granted

QUOTA = 60


@dataclass
class Account:
    """An account, and what was announced of it."""

    tiny: TinyProcess
    look: TinyLook
    announced: list[Change] = field(default_factory=list)

    def reads(self) -> int:
        return sum(self.tiny.control("calls")["paths"].get("/ordem-servico", {}).values())

    def newest(self) -> int:
        return max(order["id"] for order in self.tiny.control("orders")["orders"])


@pytest.fixture
def account(banco: Engine) -> Iterator[Account]:
    with tiny_process(orders=30, quota=QUOTA) as tiny:
        account_of(tiny).tokens(banco).consented(granted(tiny.authorize()))
        settings = Settings(
            database_url=SecretStr(str(banco.url.render_as_string(hide_password=False))),
            tiny_client_id=tiny.client_id,
            tiny_client_secret=SecretStr(tiny.client_secret),
            tiny_token_key=SecretStr(KEY),
            tiny_url=tiny.api,
            tiny_accounts_url=tiny.token_url.removesuffix("/token"),
        )
        announced = list[Change]()
        with closing(TinyLook(settings, announced.append)) as look:
            look.look()
            assert announced == []
            yield Account(tiny, look, announced)


def test_an_idle_account_is_never_announced_and_costs_one_read_a_look(account: Account) -> None:
    account.tiny.control("reset")
    for _ in range(5):
        account.look.look()
    assert account.announced == []
    assert account.reads() == 5


def test_an_order_that_changed_and_one_that_was_made_are_announced_once(account: Account) -> None:
    changed = account.newest()
    account.tiny.control("change", id=changed, situacao="3")
    made = account.tiny.control("create")["id"]
    account.look.look()
    assert {change.record for change in account.announced} == {changed, made}
    assert {change.domain for change in account.announced} == {"tiny"}
    account.announced.clear()
    account.look.look()
    assert account.announced == []


def test_an_order_that_is_deleted_is_left_to_the_schedule(account: Account) -> None:
    account.tiny.control("delete", id=account.newest())
    account.look.look()
    assert account.announced == []


def test_nothing_is_read_while_the_syncs_need_the_quota(account: Account) -> None:
    account.tiny.control("quota", spend=2 * QUOTA // 3)
    account.look.look()  # whose answer tells what is left
    before = account.reads()
    account.look.look()
    assert account.reads() == before


def test_an_account_that_does_not_answer_is_seen_again(account: Account) -> None:
    account.tiny.control("faults", kind="403", times=1)
    account.tiny.control("create")
    with pytest.raises(SincroniaError):
        account.look.look()
    account.look.look()
    assert len(account.announced) == 1
