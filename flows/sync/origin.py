"""Whether a run reads from where the stored rows came from: the same kind of documents, out of the same fields."""

from collections.abc import Mapping

from sqlalchemy import Engine

from blocks.banco import execute, transaction
from flows.run.errors import SourceChanged
from flows.sync.entity import Entity, Source
from flows.sync.standing import Standing
from flows.sync.statements import SYNC


def moved_fields(
    entity: Entity, source: Source, fields: Mapping[str, str | None], standing: Standing
) -> Mapping[str, int]:
    """What operators are warned of: each field that is read from elsewhere in the source than before. Pure.

    `fields` are the source's. What is not stored yet cannot be confused, and is not compared.

    Raises:
        SourceChanged: documents of another kind are stored, or ones that another field identified.
    """
    if not standing.any_stored:
        return {}
    if standing.kind not in (None, source.kind):
        raise SourceChanged(
            f"{entity.title}: a tabela foi preenchida de {standing.kind}, e a origem agora é {source.kind}; os ids se "
            "confundiriam. Volte à origem anterior, ou esvazie a tabela e o que sync_metadata e sync_documento "
            f"guardam de {entity.name}"
        )
    told = {
        path: f"{path} era {standing.fields[path] or 'nenhum campo'} e agora é {field or 'nenhum campo'}"
        for path, field in fields.items()
        if path in standing.fields and standing.fields[path] != field
    }
    identifying = [change for path, change in told.items() if source.identifies(path)]
    if identifying:
        raise SourceChanged(
            f"{entity.title}: mudou o campo que identifica os documentos: {'; '.join(identifying)}. Nada foi lido, "
            "pois as linhas ganhariam outras chaves. Confira se o usuário do Odoo ainda vê o campo anterior, o perfil "
            "do bloco e os módulos; se a mudança for intencional, aceite-a: docs/operacao.md, «Campo de origem»"
        )
    return {f"campo lido de outro lugar na origem: {change}": 1 for change in told.values()}


def record_origin(
    engine: Engine, entity: Entity, source: Source, standing: Standing, rule: str, *, moved: bool
) -> None:
    """Remember what is read, from which fields and by which rule, where that is not what was remembered.

    If a field `moved`, what is stored was read from elsewhere: all documents are read again, as after a new rule.
    """
    fields = dict(source.fields())
    if (standing.kind, standing.fields, standing.rule) == (source.kind, fields, rule):
        return
    with transaction(engine) as connection:
        execute(connection, SYNC["record_origin"], entidade=entity.name, origem=source.kind, campos=fields, regra=rule)
        if moved:
            execute(connection, SYNC["forget_rules"], entidade=entity.name)
