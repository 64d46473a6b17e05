"""Brazil's states with the ids Odoo gives them, and a city or two of each."""

from typing import Final, NamedTuple


class State(NamedTuple):
    """A state: Odoo's id, its two letters, its name, cities, and the first three digits of its postal codes."""

    id: int
    code: str
    name: str
    cities: tuple[str, ...]
    zip: str


STATES: Final = (
    State(71, "AC", "Acre", ("Rio Branco",), "699"),
    State(72, "AL", "Alagoas", ("Maceió",), "570"),
    State(73, "AP", "Amapá", ("Macapá",), "689"),
    State(74, "AM", "Amazonas", ("Manaus",), "690"),
    State(75, "BA", "Bahia", ("Salvador", "Feira de Santana"), "400"),
    State(76, "CE", "Ceará", ("Fortaleza",), "600"),
    State(77, "DF", "Distrito Federal", ("Brasília",), "700"),
    State(78, "ES", "Espírito Santo", ("Vitória", "Vila Velha"), "290"),
    State(79, "GO", "Goiás", ("Goiânia",), "740"),
    State(80, "MA", "Maranhão", ("São Luís",), "650"),
    State(81, "MT", "Mato Grosso", ("Cuiabá", "Rondonópolis"), "780"),
    State(82, "MS", "Mato Grosso do Sul", ("Campo Grande",), "790"),
    State(83, "MG", "Minas Gerais", ("Belo Horizonte", "Uberlândia"), "300"),
    State(84, "PA", "Pará", ("Belém",), "660"),
    State(85, "PB", "Paraíba", ("João Pessoa",), "580"),
    State(86, "PR", "Paraná", ("Curitiba", "Londrina"), "800"),
    State(87, "PE", "Pernambuco", ("Recife", "Caruaru"), "500"),
    State(88, "PI", "Piauí", ("Teresina",), "640"),
    State(89, "RJ", "Rio de Janeiro", ("Rio de Janeiro", "Niterói"), "200"),
    State(90, "RN", "Rio Grande do Norte", ("Natal", "Mossoró"), "590"),
    State(91, "RS", "Rio Grande do Sul", ("Porto Alegre", "Caxias do Sul"), "900"),
    State(92, "RO", "Rondônia", ("Porto Velho",), "768"),
    State(93, "RR", "Roraima", ("Boa Vista",), "693"),
    State(94, "SC", "Santa Catarina", ("Florianópolis", "Blumenau"), "880"),
    State(95, "SP", "São Paulo", ("São Paulo", "Santos", "Campinas", "Embu-Guaçu"), "010"),
    State(96, "SE", "Sergipe", ("Aracaju",), "490"),
    State(97, "TO", "Tocantins", ("Palmas",), "770"),
)
