"""What the alerts say: Jinja templates, filled in by the Prefect server from the event that set them off.

A template knows `event`, `flow_run`, `flow`, `deployment` and here also `jobs`: per flow its title, the deployment that
recovers it, and whether it takes windows and documents. `texto` cuts a text and escapes it for Slack's mrkdwn.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.events.actions import SendNotification

from flows.catalogo import ENTITIES, NEEDED, WITH_FLOWS
from flows.operacao.situacao.judge import TOLERATED
from flows.operacao.situacao.overview import Situation, Sweep

DOMAIN_FLOWS = {domain.name: domain for domain in WITH_FLOWS}
"""By name the domains whose jobs one flow runs together."""
WITH_WINDOWS = frozenset(entity.name for entity in ENTITIES)
"""The jobs whose flows take a window and documents."""


@dataclass(frozen=True)
class Message:
    """A message's first line and what stands under it."""

    subject: str
    body: str


_PRELUDE = """\
{%- macro texto(valor, limite=200) -%}
{{ (valor or '') | string | truncate(limite, true, '…', 0)
   | replace('&', '&amp;') | replace('<', '&lt;') | replace('>', '&gt;') | replace('\\n', '\\n> ') }}
{%- endmacro -%}
{%- macro comando(nome) -%}
`prefect deployment run {{ nome }}
{%- for um in jobs[flow.name].exige %} -p {{ um }}={{ flow_run.parameters[um] }}{% endfor %}
{%- endmacro -%}
{%- set wrapped = 'Flow run encountered an exception: ' -%}
{%- set ends = {'Failed': 'falhou', 'Crashed': 'foi interrompida', 'TimedOut': 'passou do tempo'} -%}
"""
"""Escaped, a text of 1,500 characters is five times as long at most: far below Slack's 40,000."""

_STATE = """\
{% set told = event.payload.mensagem or event.resource.get('prefect.state-message') or '' -%}
> {{ texto(told | replace(wrapped, ''), 1500) }}
Execução: <{{ flow_run | ui_url }}|{{ texto(flow_run.name) }}>
"""

FAILED = Message(
    ":x: *{{ texto(jobs[flow.name].titulo) }}: a execução \
{{ ends.get(event.payload.estado or event.resource.get('prefect.state-name'), 'falhou') }}*",
    _STATE
    + """\
Recuperar: Retry na execução, que refaz só o que falhou, \
ou {{ comando(flow.name ~ '/' ~ deployment.name) }}`
{%- if jobs[flow.name].janela and not flow_run.parameters.get('janela_minutos') -%}
, que lê desde o último checkpoint (com `-p janela_minutos=120`, as últimas 2 h)
{%- endif %}""",
)

TOKEN_NOT_RENEWED = Message(
    ":key: *{{ texto(jobs[flow.name].titulo) }}: a renovação não dá certo*",
    _STATE
    + """\
Sem renovação, 24 h depois da última o acesso se perde e nada mais se lê do Tiny.
Recuperar: `sincronia tiny authorize`, uma vez, com um navegador; \
depois `prefect deployment run {{ flow.name }}/{{ deployment.name }}`""",
)

QUARANTINE_GREW = Message(
    ":warning: *{{ texto(jobs[flow.name].titulo) }}: a quarentena cresceu*",
    """\
Em aberto: {{ event.payload.abertas }} ({{ event.payload.novas }} a mais); \
à espera de uma pessoa: {{ event.payload.esgotadas }}
{% for motivo in event.payload.motivos -%}
> {{ texto(motivo, 300) }}
{% endfor -%}
Execução: <{{ flow_run | ui_url }}|{{ texto(flow_run.name) }}>
Recuperar: corrija na origem e rode {{ comando(jobs[flow.name].recuperacao) }}
{%- if jobs[flow.name].janela and event.payload.documentos %} \
-p 'documentos={{ event.payload.documentos | tojson }}'{% endif %}`""",
)

SILENT = Message(
    ":hourglass: *{{ texto(jobs[flow.name].titulo) }}: nenhum sucesso há mais de {{ jobs[flow.name].silencio }}*",
    """\
{% if event.payload.mensagem is defined %}Último sucesso{% else %}Desde make deploy{% endif -%}
: {{ event.payload.hora }}. Execuções puladas não contam.
Ver: <{{ flow | ui_url }}|as execuções>, e `sincronia saude`
Recuperar: `prefect deployment run {{ jobs[flow.name].recuperacao }}`""",
)


def notification(message: Message, jobs: Iterable[Situation], block: UUID) -> SendNotification:
    """The action that sends a message about any of `jobs`, or the domain that runs them, through a block."""
    known: dict[str, dict[str, Any]] = {}
    for job in jobs:
        about = {
            "titulo": job.title,
            "recuperacao": job.recovery,
            "janela": job.job in WITH_WINDOWS,
            "exige": NEEDED.get(job.job, ()),
        }
        known[job.job] = about | ({"silencio": spoken(TOLERATED * job.interval)} if job.interval else {})
        if domain := DOMAIN_FLOWS.get(job.group):
            known[domain.name] = {"titulo": domain.title, "recuperacao": job.scheduled, "janela": True, "exige": ()}
    prelude = f"{{%- set jobs = {json.dumps(known, ensure_ascii=False)} -%}}{_PRELUDE}"
    return SendNotification(block_document_id=block, subject=prelude + message.subject, body=prelude + message.body)


def missing_sweep(sweep: Sweep) -> Message:
    """What is told of a sweep that is missing."""
    return Message(
        f":hourglass: *{sweep.scheduled}: nenhuma varredura inteira há mais de {spoken(TOLERATED * sweep.interval)}*",
        "Sem ela, o que uma janela não viu não aparece.\n"
        "Ver: <{{ flow | ui_url }}|as execuções>, e `sincronia saude`\n"
        f"Recuperar: `prefect deployment run {sweep.scheduled}`",
    )


def sent(message: Message, block: UUID) -> SendNotification:
    """The action that sends a message that is the same whatever sets it off, through a block."""
    return SendNotification(block_document_id=block, subject=message.subject, body=message.body)


def spoken(span: timedelta) -> str:
    """A span in words, whole: `10 s`, `90 min`, `2 h`, `2 dias`."""
    seconds = round(span.total_seconds())
    for unit, size in (("dias", 86400), ("h", 3600), ("min", 60)):
        if seconds % size == 0 and seconds > size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
