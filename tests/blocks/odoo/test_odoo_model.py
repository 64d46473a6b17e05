"""Declarations are resolved by what the server has and by the profile."""

import pytest

from blocks.odoo import MissingField, Model, constant, either, label, many, one, optional, renamed, resolve

TAG = Model("crm.tag", {"nome": "name"})
PARTNER = Model("res.partner", {"cnpj": either(ciel_it="l10n_br_cnpj", vanilla="vat"), "nome": "name"})
BOTH = dict.fromkeys(["id", "name", "vat", "l10n_br_cnpj"], "char")
PLAIN = dict.fromkeys(["id", "name", "vat"], "char")


@pytest.mark.parametrize(
    ("profile", "available", "field"),
    [
        ("auto", BOTH, "l10n_br_cnpj"),
        ("auto", PLAIN, "vat"),
        ("vanilla", BOTH, "vat"),
        ("ciel_it", BOTH, "l10n_br_cnpj"),
    ],
)
def test_the_profile_picks_the_field(profile: str, available: dict[str, str], field: str) -> None:
    assert resolve(PARTNER, available, profile).names["cnpj"] == field


def test_a_forced_profile_misses_what_the_server_lacks() -> None:
    with pytest.raises(MissingField) as caught:
        resolve(PARTNER, PLAIN, "ciel_it")
    assert caught.value.fields == ("l10n_br_cnpj",)


def test_a_profile_without_such_a_thing_gives_none() -> None:
    model = Model("res.partner", {"agendamento": either(ciel_it="agendamento", vanilla=None)})
    assert resolve(model, PLAIN, "auto").names == {"agendamento": None}
    assert resolve(model, PLAIN | {"agendamento": "char"}, "auto").names == {"agendamento": "agendamento"}
    assert resolve(model, PLAIN | {"agendamento": "char"}, "vanilla").names == {"agendamento": None}
    with pytest.raises(MissingField):
        resolve(model, PLAIN, "ciel_it")


def test_of_several_names_the_first_that_exists_is_taken() -> None:
    model = Model("stock.move", {"qtd": either(ciel_it=None, vanilla=("quantity", "quantity_done"))})
    assert resolve(model, {"quantity_done": "float"}, "auto").names == {"qtd": "quantity_done"}
    assert resolve(model, {"quantity_done": "float", "quantity": "float"}, "vanilla").names == {"qtd": "quantity"}
    with pytest.raises(MissingField):
        resolve(model, {}, "auto")


PROFILES = pytest.mark.parametrize("profile", ["auto", "vanilla", "ciel_it"])


@PROFILES
def test_a_renamed_field_is_the_first_that_the_server_has_whatever_the_profile(profile: str) -> None:
    model = Model("stock.move", {"qtd": renamed("quantity", "quantity_done")})
    assert resolve(model, {"quantity_done": "float"}, profile).names == {"qtd": "quantity_done"}
    assert resolve(model, {"quantity_done": "float", "quantity": "float"}, profile).names == {"qtd": "quantity"}
    with pytest.raises(MissingField) as caught:
        resolve(model, {}, profile)
    assert caught.value.fields == ("quantity",)


@PROFILES
def test_a_constant_asks_the_server_for_nothing(profile: str) -> None:
    model = Model("sale.order", {"tipo": constant("venda"), "nome": "name"})
    resolved = resolve(model, PLAIN, profile)
    assert (resolved.names["tipo"], resolved.wanted) == (None, {"name"})


@PROFILES
def test_an_optional_field_is_none_where_it_lacks_in_every_profile(profile: str) -> None:
    model = Model("sale.order", {"transportadora": one(optional("carrier_id"), PARTNER)})
    assert resolve(model, {}, profile).names == {"transportadora": None}
    assert not resolve(model, {}, profile).links


def test_all_missing_fields_are_named_at_once_with_what_is_near() -> None:
    with pytest.raises(MissingField) as caught:
        resolve(Model("res.partner", {"nome": "nam", "vat": "vatt"}), PLAIN, "auto")
    assert caught.value.fields == ("nam", "vatt")
    assert set(caught.value.near) == {"name", "vat"}
    assert "res.partner" in str(caught.value)


def test_labels_are_read_only_where_one_is_used() -> None:
    plain = Model("sale.order", {"cliente": one("partner_id", PARTNER), "etiquetas": many("tag_ids", TAG)})
    named = Model("sale.order", {"vendedor": label(optional("user_id"))})
    available = dict.fromkeys(["partner_id", "tag_ids", "user_id"], "many2one")
    assert not resolve(plain, available, "auto").labels
    assert resolve(named, available, "auto").labels
    assert not resolve(named, {}, "auto").labels
