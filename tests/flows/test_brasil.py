"""Brazilian formats: documents, places, codes and texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.brasil import (
    bracket_code,
    city_and_state,
    key,
    name_of,
    plain_text,
    tax_id,
    tax_id_root,
    text,
    valid_tax_id,
)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("12345678000195", "12.345.678/0001-95"),
        ("12.345.678/0001-95", "12.345.678/0001-95"),
        (" 12 345 678 0001 95 ", "12.345.678/0001-95"),
        ("12ABC34501DE35", "12.ABC.345/01DE-35"),
        ("12.abc.345/01de-35", "12.ABC.345/01DE-35"),
        ("12345678909", "123.456.789-09"),
        ("123.456.789-09", "123.456.789-09"),
        ("12ABC34501DEXX", "12ABC34501DEXX"),
        ("ISENTO", "ISENTO"),
        ("ABCDEFGHIJK", "ABCDEFGHIJK"),
        ("123", "123"),
        ("1" * 30, "1" * 20),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_a_cnpj_or_cpf_is_shown_in_its_usual_punctuation(typed: str | None, shown: str | None) -> None:
    assert tax_id(typed) == shown


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_formatting_a_tax_id_again_changes_nothing_and_fits_its_column(typed: str) -> None:
    shown = tax_id(typed)
    assert tax_id(shown) == shown
    assert shown is None or 0 < len(shown) <= 20


@pytest.mark.parametrize(
    ("typed", "valid"),
    [
        ("11222333000181", True),
        ("11.222.333/0001-81", True),
        (" 11 222 333 0001 81 ", True),
        ("11222333000182", False),
        ("11222333000118", False),
        ("12ABC34501DE35", True),
        ("12.abc.345/01de-35", True),
        ("12ABC34501DE36", False),
        ("00000000000000", False),
        ("52998224725", True),
        ("529.982.247-25", True),
        ("52998224724", False),
        ("PT507957547", False),
        ("ISENTO", False),
        ("123", False),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_the_digits_of_a_cnpj_or_cpf_are_checked_however_it_was_typed(typed: str | None, valid: bool | None) -> None:
    assert valid_tax_id(typed) is valid


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_how_a_tax_id_is_shown_does_not_change_whether_it_is_right(typed: str) -> None:
    assert valid_tax_id(tax_id(typed)) == valid_tax_id(typed)


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("61724241000178", "61724241"),
        ("61.724.241/0009-25", "61724241"),
        (" 61724241 0001 78 ", "61724241"),
        ("12.abc.345/01de-35", "12ABC345"),
        ("61724241000100", "61724241"),
        ("6172424100017", None),
        ("617242410001781", None),
        ("52998224725", None),
        ("61724241", None),
        ("PT507957547", None),
        ("", None),
        (None, None),
    ],
)
def test_the_root_of_a_cnpj_is_what_its_establishments_share(typed: str | None, root: str | None) -> None:
    assert tax_id_root(typed) == root


@pytest.mark.parametrize(
    ("record", "name"),
    [({"nome": " Caixa "}, "Caixa"), ({"nome": "Caixas"}, "Caixa"), ({"nome": None}, None), ({}, None), (None, None)],
)
def test_the_name_of_a_record_that_may_be_missing(record: dict[str, str | None] | None, name: str | None) -> None:
    assert name_of(record, 5) == name


@pytest.mark.parametrize(
    ("municipality", "city", "state", "shown"),
    [
        ("Campinas (SP)", "outra", "RJ", ("Campinas", "SP")),
        ("  São João d'Aliança (GO) ", None, None, ("São João d'Aliança", "GO")),
        ("Campinas (antiga) (SP)", None, None, ("Campinas (antiga)", "SP")),
        ("Campinas", None, "sp", ("Campinas", "SP")),
        (None, "Olinda", " PE ", ("Olinda", "PE")),
        (None, "Lisboa", "PT-11", ("Lisboa", None)),
        (None, "Lisboa", "11", ("Lisboa", None)),
        ("(SP)", None, None, (None, "SP")),
        (None, None, None, (None, None)),
    ],
)
def test_city_and_state(
    municipality: str | None, city: str | None, state: str | None, shown: tuple[str | None, str | None]
) -> None:
    assert city_and_state(municipality, city, state) == shown


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("[CIF] COST, INSURANCE AND FREIGHT", "CIF"),
        ("[RED]", "RED"),
        (" [FOB] x", "FOB"),
        ("FREE ON BOARD AND SOME MORE", "FREE ON BOARD AND SO"),
        ("REDESPACHO [RED]", "REDESPACHO [RED]"),
        ("[]", "[]"),
        ("[" + "x" * 30 + "]", "x" * 20),
        ("", None),
        (None, None),
    ],
)
def test_the_code_in_brackets(label: str | None, code: str | None) -> None:
    assert bracket_code(label) == code


@pytest.mark.parametrize(
    ("rich", "plain"),
    [
        ("<p>Entregar <b>pela manhã</b></p>", "Entregar pela manhã"),
        ("<p>um</p><p>dois</p>", "um\ndois"),
        ("um<br>dois<br/>três<BR />quatro", "um\ndois\ntrês\nquatro"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("5 &lt; 6 &amp; 7&nbsp;kg", "5 < 6 & 7\xa0kg"),
        ("&lt;b&gt;", "<b>"),
        ("texto simples", "texto simples"),
        ("<p><br></p>", None),
        ("", None),
        (None, None),
        ("um<br class='x'>dois<br\n/>três", "um\ndois\ntrês"),
        ("<div>a<div>b</div>c</div>", "a\nb\nc"),
        ("<h1>Entrega</h1>cedo<hr>tarde", "Entrega\ncedo\ntarde"),
        ("<p>uma\n   linha</p>", "uma linha"),
        ("<b>VS</b>C01<span>23</span>", "VSC0123"),
        (
            "<table><tr><td>Cor</td><td>azul</td></tr><tr><td>Tamanho</td><td>M</td></tr></table>",
            "Cor azul\nTamanho M",
        ),
        ("<tr><td>a</td></tr><tr><td>b</td></tr>", "a\nb"),
        ("<dl><dt>a<dd>b</dl>", "a\nb"),
        (
            "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]--><p class=MsoNormal>oi<o:p></o:p></p>",
            "oi",
        ),
        ("<xml><w:View>Normal</w:View></xml>oi", "oi"),
        ("<![if !supportLists]>·<![endif]>item", "·item"),
        ("<?xml:namespace prefix = o />texto<o:p></o:p>", "texto"),
        ("<!-- a > b --><style>p {color: red}</style>x<script>1</script>", "x"),
        ("Falar com <joao@exemplo.com>\ndepois das 5 &gt; 4", "Falar com <joao@exemplo.com>\ndepois das 5 > 4"),
        ("<div>" * 900 + "fundo" + "</div>" * 900, "fundo"),
        ("a\0b<br>c", "ab\nc"),
    ],
)
def test_the_text_of_html(rich: str | None, plain: str | None) -> None:
    assert plain_text(rich) == plain


def test_half_a_surrogate_pair_is_refused_and_never_cuts_a_text_off() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        plain_text("<p>antes\ud800depois</p>")


@settings(deadline=None, derandomize=True, print_blob=True)
@given(
    st.lists(st.one_of(st.sampled_from(("<p>", "</", "<!--", "-->", "<td", "<?", "&", "]]>", "<br ", ">")), st.text()))
)
def test_any_text_has_a_plain_text_or_is_refused(parts: list[str]) -> None:
    try:
        plain = plain_text("".join(parts))
    except ValueError as refusal:
        assert "surrogate" in str(refusal)
    else:
        assert plain is None or plain.splitlines() == [line for line in plain.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(" a ", "a"), ("abcdef", "abcd"), ("abc d", "abc"), ("", None), ("  ", None), (None, None), (7, "7")],
)
def test_text_is_trimmed_and_cut(value: object, shown: str | None) -> None:
    assert text(value, 4) == shown


def test_a_key_is_trimmed_and_never_cut() -> None:
    assert key(f" {'x' * 300} ", "Número") == "x" * 300
    assert key(7, "Número") == "7"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_is_refused_by_its_name(value: str | None) -> None:
    with pytest.raises(ValueError, match="Número do pedido está sem valor"):
        key(value, "Número do pedido")
