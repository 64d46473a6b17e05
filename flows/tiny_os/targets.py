"""The tables in which orders are stored. Tiny owns all their columns but those that `schema.tiny` marks."""

from blocks.banco import Target
from schema import tiny

_EXTRACTED = {"data_extracao": "now()"}

ORDENS = Target.of(tiny.ordens_servico, version="verificado_em", along=("leitura",), stamps=_EXTRACTED)
CONTATOS = Target.of(tiny.contatos, stamps=_EXTRACTED)
ENDERECOS = Target.of(tiny.enderecos, stamps=_EXTRACTED)
CATEGORIAS = Target.of(tiny.categorias_os)
FORMAS = Target.of(tiny.formas_pagamento)
