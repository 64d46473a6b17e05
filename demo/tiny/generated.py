"""A company's service orders of some months, the same for the same seed and clock.

Everything an importer has to cope with occurs, whatever the size: all eight statuses (the eight newest orders have one
each), forecasts that are empty, zero or a time, discounts as text, number and percentage, contacts without address, ids
above 2**31. As in the real account nearly all older orders are finished, and 133 in 2,447 of those tell when.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from demo.odoo.dice import Dice
from demo.tiny.orders import STATUSES, Order, Orders

_FIRST_ID: Final = 712_000_000
_BEYOND_32_BITS: Final = 2**31
_OPEN: Final = ("0", "1", "2", "5", "6")
_CLOSED: Final = ("3",) * 93 + ("7",) * 3 + ("4",) * 2 + ("0", "5")
_OPEN_DAYS: Final = 20  # orders younger than this are not finished yet
_CONCLUDED: Final = 133 / 2447
_DISCOUNTS: Final = ("0,00",) * 12 + ("35,50", "15%", "100%", 15)
_MARKERS: Final = ("garantia", "urgente", "retorno", "campo")
_CATEGORIES: Final = ("Assistência técnica", "Manutenção preventiva", "Instalação")
_PAYMENTS: Final = ("Boleto", "Pix", "Cartão de crédito", None)
_EQUIPMENT: Final = ("", "Compressor CP-40", "Bomba BX 2", "Inversor 7,5 kW", "Painel de comando")
_TECHNICIANS: Final = (None, None, None, "Marcos", "Rita")
_CITIES: Final = (("Joinville", "SC"), ("Curitiba", "PR"), ("Campinas", "SP"), ("Contagem", "MG"), ("Recife", "PE"))


@dataclass(frozen=True)
class Size:
    """How much to make."""

    orders: int
    months: int


def company(size: Size, seed: int, now: datetime, today: date) -> Orders:
    """An account with this many orders, issued over the months before today."""
    dice = Dice(Random(seed), now)
    contacts = {contact["id"]: contact for contact in _contacts(dice, size.orders // 3 + 1)}
    return Orders(_orders(dice.random, size, today, list(contacts)), contacts)


def _contacts(dice: Dice, count: int) -> Iterator[dict[str, Any]]:
    random = dice.random
    for number in range(1, count + 1):
        person = number % 4 == 0
        city, state = random.choice(_CITIES)
        name = f"{'Cliente' if person else 'Indústria'} {number:05d}{'' if person else ' Ltda'}"
        address = {
            "endereco": f"Rua {random.randint(1, 999)}",
            "numero": str(random.randint(1, 3000)),
            "complemento": "",
            "bairro": "Centro",
            "municipio": city,
            "cep": f"{random.randint(10_000, 99_999)}-{random.randint(0, 999):03d}",
            "uf": state,
            "pais": "",
        }
        yield {
            "id": 650_000_000 + number,
            "nome": name,
            "codigo": str(number) if number % 3 else "",
            "fantasia": "" if person else name.removesuffix(" Ltda"),
            "tipoPessoa": "" if number % 40 == 39 else "F" if person else "J",
            "cpfCnpj": dice.vat(person=person),
            "inscricaoEstadual": "",
            "rg": "",
            "telefone": f"(47) 3{random.randint(100, 999)}-{random.randint(0, 9999):04d}",
            "celular": "",
            "email": f"contato{number}@exemplo.com.br" if number % 5 else None,
            "endereco": None if number % 12 == 1 else address,
        }


def _orders(random: Random, size: Size, today: date, contacts: list[int]) -> Iterator[Order]:
    days = max(1, round(size.months * 365.25 / 12))
    ages = sorted((random.randrange(days) for _ in range(size.orders)), reverse=True)
    newest = random.sample(list(STATUSES), len(STATUSES))
    id_ = _FIRST_ID
    for index, age in enumerate(ages):
        id_ += random.randint(1, 900)
        left = size.orders - index - 1
        issued = today - timedelta(days=age)
        status = newest[left] if left < len(newest) else random.choice(_OPEN if age < _OPEN_DAYS else _CLOSED)
        details = _details(random, issued)
        if status == "3" and random.random() < _CONCLUDED:
            details["dataConclusao"] = (issued + timedelta(days=random.randint(0, age))).isoformat()
        yield Order(
            id=_BEYOND_32_BITS + id_ if left % 60 == 5 else id_,
            number=str(index + 1),
            status=status,
            issued=issued.isoformat(),
            contact=random.choice(contacts),
            markers=tuple(random.sample(_MARKERS, random.choice((0, 0, 1, 2)))),
            details=details,
        )


def _details(random: Random, issued: date) -> dict[str, Any]:
    services, parts = random.randrange(5_000, 250_000), random.choice((0, random.randrange(1_000, 400_000)))
    discount = random.choice(_DISCOUNTS)
    total = round(services + parts - _cents(discount, services + parts))
    forecast = (issued + timedelta(days=random.randint(1, 30))).isoformat()
    category, payment = random.randrange(len(_CATEGORIES)), random.randrange(len(_PAYMENTS))
    details: dict[str, Any] = {
        "dataPrevista": random.choice(("", "0000-00-00 00:00:00", f"{forecast} {random.randint(8, 17):02d}:30:00")),
        "totalServicos": _money(services),
        "totalPecas": _money(parts),
        "totalOrdemServico": _money(total),
        "desconto": discount,
        "equipamento": random.choice(_EQUIPMENT),
        "descricaoProblema": random.choice(("", "Não liga", "Ruído ao partir")),
        "orcar": random.random() < 0.3,
        "orcado": random.random() < 0.1,
        "tecnico": random.choice(_TECHNICIANS),
        "idListaPreco": random.choice((0, 0, 0, 905_001)),
        "categoria": {"id": 331_000 + category, "descricao": _CATEGORIES[category]},
    }
    if name := _PAYMENTS[payment]:
        details |= {"formaRecebimento": {"id": 441_000 + payment, "nome": name}, "idForma": 441_000 + payment}
    if random.random() < 0.1:
        details["valor"] = total / 100
    return details


def _cents(discount: str | int, total: int) -> float:
    """What a discount takes off: a percentage of the total, or an amount."""
    text = str(discount).replace(",", ".")
    return total * float(text[:-1]) / 100 if text.endswith("%") else float(text) * 100


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
