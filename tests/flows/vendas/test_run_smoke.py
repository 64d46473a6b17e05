import time
import pytest
from flows.vendas.carteira import carteira
from flows.vendas.dominio import vendas
from tests.flows.conftest import House
pytestmark = pytest.mark.prefect

def test_one(house: House) -> None:
    for i in range(3):
        t=time.monotonic(); house.forget_calls()
        r = house.completed(carteira); print(i, time.monotonic()-t, r, house.calls())
    t=time.monotonic()
    print(house.completed(vendas)); print(time.monotonic()-t)
    print(house.last_log(), house.checkpoint())
    print(house.rows("select * from carteira_principal limit 2"))
