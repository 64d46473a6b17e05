"""All guards, room by room."""

from tests.mutantes.guard import Guard
from tests.mutantes.guards import (
    again,
    banco,
    conciliacao,
    domains,
    installations,
    odoo,
    operacao,
    papeis,
    presence,
    quiet,
    reading,
    record,
    run,
    settings,
    sync,
    tiny,
    tiny_os,
)

GUARDS: tuple[Guard, ...] = (
    *sync.GUARDS,
    *presence.GUARDS,
    *quiet.GUARDS,
    *reading.GUARDS,
    *again.GUARDS,
    *conciliacao.GUARDS,
    *run.GUARDS,
    *record.GUARDS,
    *banco.GUARDS,
    *odoo.GUARDS,
    *tiny.GUARDS,
    *tiny_os.GUARDS,
    *domains.GUARDS,
    *operacao.GUARDS,
    *installations.GUARDS,
    *papeis.GUARDS,
    *settings.GUARDS,
)
