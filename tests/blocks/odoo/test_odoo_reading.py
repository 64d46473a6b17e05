"""A tree of records costs one call a model and level, and has the declared shape."""

import pytest
from fake_odoo import FakeOdoo

from blocks.odoo import MissingField, Model, RelatedCache, either, label, many, one, optional, read_tree

CATEGORY = Model(
    "product.category", {"nome": "name", "mae": one("parent_id", Model("product.category", {"nome": "name"}))}
)
PRODUCT = Model("product.product", {"codigo": "default_code", "categoria": one("categ_id", CATEGORY)})
PARTNER = Model("res.partner", {"nome": "name", "bairro": either(ciel_it="l10n_br_bairro", vanilla="street2")})
TAG = Model("crm.tag", {"nome": "name"})
LINE = Model("sale.order.line", {"qtd": "qty", "produto": one("product_id", PRODUCT)})
ORDER = Model(
    "sale.order",
    {
        "num_pedido": "name",
        "cliente": one("partner_id", PARTNER),
        "entrega": one("partner_shipping_id", PARTNER),
        "cliente_id": "partner_id",
        "vendedor": label("user_id"),
        "cidade": label("city"),
        "linhas": many("order_line", LINE),
        "etiquetas": many("tag_ids", TAG, reference=True),
        "transportadora": one(optional("carrier_id"), Model("delivery.carrier", {"nome": "name"})),
    },
)
MODELS = {
    "sale.order": {
        "name": "char",
        "partner_id": "many2one",
        "partner_shipping_id": "many2one",
        "user_id": "many2one",
        "city": "char",
        "order_line": "one2many",
        "tag_ids": "many2many",
    },
    "sale.order.line": {"qty": "float", "product_id": "many2one"},
    "res.partner": {"name": "char", "street2": "char"},
    "product.product": {"default_code": "char", "categ_id": "many2one"},
    "product.category": {"name": "char", "parent_id": "many2one"},
    "crm.tag": {"name": "char"},
}


@pytest.fixture
def fake() -> FakeOdoo:
    return FakeOdoo(
        MODELS,
        {
            "sale.order": {
                1: {"name": "S1", "partner_id": 7, "partner_shipping_id": 8, "user_id": 2, "order_line": [12, 11]}
                | {"tag_ids": [5], "city": "Cubatão"},
                2: {"name": "S2", "partner_id": 7, "order_line": [13, 99], "tag_ids": [6, 5]},
                3: {"name": "S3", "partner_id": 77, "order_line": [], "tag_ids": []},
            },
            "sale.order.line": {
                11: {"qty": 1.0, "product_id": 31},
                12: {"qty": 2.0, "product_id": 32},
                13: {"qty": 3.0, "product_id": False},
            },
            "res.partner": {7: {"name": "Ana", "street2": "Centro"}, 8: {"name": "CD", "street2": False}},
            "product.product": {31: {"default_code": "A", "categ_id": 42}, 32: {"default_code": "B", "categ_id": 41}},
            "product.category": {41: {"name": "Todos"}, 42: {"name": "Azeite", "parent_id": 41}},
            "crm.tag": {5: {"name": "VIP"}, 6: {"name": "Atraso"}},
        },
    )


def test_the_records_have_the_declared_shape(fake: FakeOdoo) -> None:
    first, second, third = read_tree(fake.client(), ORDER, [1, 2, 3], "auto", RelatedCache())
    assert first == {
        "id": 1,
        "num_pedido": "S1",
        "cliente": {"id": 7, "nome": "Ana", "bairro": "Centro"},
        "entrega": {"id": 8, "nome": "CD", "bairro": None},
        "cliente_id": 7,
        "vendedor": "label 2",
        "cidade": "Cubatão",
        "linhas": [
            {
                "id": 12,
                "qtd": 2.0,
                "produto": {"id": 32, "codigo": "B", "categoria": {"id": 41, "nome": "Todos", "mae": None}},
            },
            {
                "id": 11,
                "qtd": 1.0,
                "produto": {
                    "id": 31,
                    "codigo": "A",
                    "categoria": {"id": 42, "nome": "Azeite", "mae": {"id": 41, "nome": "Todos"}},
                },
            },
        ],
        "etiquetas": [{"id": 5, "nome": "VIP"}],
        "transportadora": None,
    }
    assert [tag["nome"] for tag in second["etiquetas"]] == ["Atraso", "VIP"]
    assert (second["vendedor"], second["entrega"]) == (None, None)
    assert [line["id"] for line in second["linhas"]] == [13]  # 99 vanished
    assert second["linhas"][0]["produto"] is None
    assert third["cliente"] is None  # 77 vanished
    assert third["cliente_id"] == 77


def test_one_call_is_made_for_each_model_and_level(fake: FakeOdoo) -> None:
    read_tree(fake.client(), ORDER, [1, 2, 3], "auto", RelatedCache())
    models = [model for model, method in fake.calls if method == "read"]
    levels = [models[:1], sorted(models[1:4]), models[4:]]
    assert levels == [
        ["sale.order"],
        ["crm.tag", "res.partner", "sale.order.line"],
        ["product.product", "product.category"],
    ]


def test_a_second_batch_reads_lines_afresh_and_reference_data_not_again(fake: FakeOdoo) -> None:
    client, cache = fake.client(), RelatedCache()
    read_tree(client, ORDER, [1, 2], "auto", cache)
    fake.calls.clear()
    fake.rows["sale.order.line"][11]["qty"] = 50.0
    fake.rows["res.partner"][7]["name"] = "Outra"
    (again,) = read_tree(client, ORDER, [1], "auto", cache)
    assert sorted(model for model, _ in fake.calls) == ["sale.order", "sale.order.line"]
    assert again["linhas"][1]["qtd"] == 50.0
    assert again["cliente"]["nome"] == "Ana"


def test_records_come_in_the_order_asked_without_those_that_vanished(fake: FakeOdoo) -> None:
    records = read_tree(fake.client(), TAG, [6, 404, 5, 6], "auto", RelatedCache())
    assert [record["id"] for record in records] == [6, 5]


def test_a_declaration_that_does_not_fit_fails_before_anything_is_read(fake: FakeOdoo) -> None:
    with pytest.raises(MissingField):
        read_tree(fake.client(), ORDER, [1], "ciel_it", RelatedCache())
    assert not fake.reads("sale.order")


def test_a_value_that_a_profile_has_no_field_for_is_the_one_declared(fake: FakeOdoo) -> None:
    typed = Model("sale.order", {"tipo": either(ciel_it="l10n_br_tipo", vanilla=None, absent="venda")})
    (order,) = read_tree(fake.client(), typed, [1], "auto", RelatedCache())
    assert order["tipo"] == "venda"


def test_the_cache_keeps_what_was_used_last() -> None:
    cache = RelatedCache(size=2)
    cache.keep("tag", {1: {"id": 1}, 2: {"id": 2}})
    cache.known("tag", [1])
    cache.keep("tag", {3: {"id": 3}})
    assert set(cache.known("tag", [1, 2, 3])) == {1, 3}
    assert not cache.known("outro", [1])
