-- What follows from written sales rows, each statement once for all documents of a batch and in its transaction.
-- %(documentos)s: ids of the documents (sale orders for carteira, invoices for faturamento); settings go by their names.
-- carteira_… and notas_… are the temporary tables of flows/vendas/tabelas.py (flows/sync/grouped.py says what they hold).
-- Every statement leaves rows alone that are right already: an unchanged run writes nothing.
-- The rows of a table of documents are found by `= ANY(ARRAY(SELECT …))` rather than by IN: PostgreSQL then looks them up
-- by index, also in a table of which it has no statistics yet. In a first load it scanned the growing tables otherwise.

-- name: lidos
SELECT unnest(%(documentos)s::bigint[]) AS documento

-- name: pedidos_de_antes
-- The orders that the invoices were of, by their rows as they still are.
SELECT odoo_order_id, origem FROM faturamento_produtos
WHERE odoo_move_id = ANY(%(documentos)s)

-- name: pedidos_das_notas
-- The orders that the invoices are of and were of; without an order line Odoo only tells the order's number.
WITH notas AS (
    SELECT odoo_order_id, origem FROM faturamento_linha WHERE odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_documentos))
    UNION
    SELECT odoo_order_id, origem FROM pedidos_de_antes
)
SELECT odoo_order_id AS documento FROM notas WHERE odoo_order_id IS NOT NULL
UNION
SELECT l.odoo_order_id FROM carteira_linha l JOIN notas n ON n.origem = l.num_pedido AND n.odoo_order_id IS NULL

-- name: carteira
-- Saldo = pedido - faturado (notas não canceladas), aggregated first and subtracted once; negative ones are kept.
-- What was invoiced belongs to the row that the order line is part of; where that is not known, to the order's row of
-- the same code. Lines with an id below zero are of the version before (migration 0011) and not read since: they are in
-- the order's unit, so what is on the other side is taken in that unit too. Odoo's CIEL cancellation lowers the ordered
-- quantity itself, so the cancelled one is subtracted only on request.
WITH notas AS (
    SELECT * FROM faturamento_linha
    WHERE odoo_order_id = ANY(ARRAY(SELECT documento FROM carteira_documentos))
    UNION ALL
    SELECT * FROM faturamento_linha
    WHERE odoo_order_id IS NULL AND origem IN (SELECT num_pedido FROM carteira_grupos)
), antes AS (
    SELECT l.linha_de AS id, min(l.unid_medida_produto) AS unidade
    FROM carteira_linha l
    WHERE l.odoo_line_id < 0 AND l.ativo AND l.odoo_order_id = ANY(ARRAY(SELECT documento FROM carteira_documentos))
    GROUP BY l.linha_de
), faturado AS (
    SELECT v.linha_de AS id,
           sum(coalesce(
               CASE WHEN v.odoo_line_id < 0 THEN (
                   SELECT v.qtd_produto_faturado * sum(l.qtd_produto_pedido) / nullif(sum(l.qtd_pedido_unidade), 0)
                   FROM carteira_linha l WHERE l.linha_de = v.linha_de AND l.ativo) END,
               CASE WHEN v.unid_medida_faturada = a.unidade THEN v.qtd_faturada_unidade
                    ELSE v.qtd_produto_faturado END)) AS quantidade
    FROM (
        SELECT n.odoo_line_id, n.qtd_produto_faturado, n.qtd_faturada_unidade, n.unid_medida_faturada,
               coalesce(l.linha_de, g.id, o.id) AS linha_de
        FROM notas n
        LEFT JOIN carteira_linha l ON l.odoo_line_id = n.odoo_order_line_id
        -- Two joins rather than an OR, which would compare each invoice line with all orders of its product.
        LEFT JOIN carteira_grupos g
               ON l.linha_de IS NULL AND g.cod_produto = n.cod_produto AND g.documento = n.odoo_order_id
        LEFT JOIN carteira_grupos o
               ON l.linha_de IS NULL AND o.cod_produto = n.cod_produto AND n.odoo_order_id IS NULL
              AND o.num_pedido = n.origem
        WHERE n.ativo AND n.status_nf <> 'Cancelado'
    ) v
    LEFT JOIN antes a ON a.id = v.linha_de
    GROUP BY v.linha_de
)
SELECT l.linha_de AS id,
       sum(l.qtd_produto_pedido) AS qtd_produto_pedido,
       CASE WHEN min(l.unid_medida_pedido) = max(l.unid_medida_pedido) THEN sum(l.qtd_pedido_unidade) END
           AS qtd_pedido_unidade,
       CASE WHEN min(l.unid_medida_pedido) = max(l.unid_medida_pedido) THEN min(l.unid_medida_pedido) END
           AS unid_medida_pedido,
       sum(l.qtd_cancelada_produto_pedido) AS qtd_cancelada_produto_pedido,
       sum(l.valor_moeda_pedido) / nullif(sum(l.qtd_produto_pedido), 0) AS preco_liquido_produto_pedido,
       sum(l.valor_moeda_pedido) AS valor_moeda_pedido,
       sum(l.valor_produto_pedido) AS valor_produto_pedido,
       CASE WHEN bool_or(l.status_pedido = 'Cancelado') THEN 0 ELSE
           sum(l.qtd_produto_pedido) - coalesce(f.quantidade, 0)
           - CASE WHEN %(cancelada_ja_deduzida)s THEN 0 ELSE coalesce(sum(l.qtd_cancelada_produto_pedido), 0) END
       END AS qtd_saldo_produto_pedido,
       bool_and(l.status_pedido <> 'Cancelado') AS ativo,
       CASE WHEN bool_or(l.status_pedido = 'Cancelado') THEN 'Pedido cancelado no Odoo' END AS motivo_exclusao,
       max(l.odoo_write_date) AS odoo_write_date
FROM carteira_linha l LEFT JOIN faturado f ON f.id = l.linha_de
WHERE l.linha_de = ANY(ARRAY(SELECT id FROM carteira_grupos)) AND l.ativo
GROUP BY l.linha_de, f.quantidade

-- name: saldos_negativos
SELECT id FROM carteira_principal
WHERE odoo_order_id = ANY(ARRAY(SELECT documento FROM carteira_documentos)) AND qtd_saldo_produto_pedido < 0

-- name: cadastra_produtos_da_carteira
INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto)
SELECT DISTINCT ON (c.cod_produto) c.cod_produto, c.nome_produto, 1, 1
FROM carteira_linha c LEFT JOIN cadastro_palletizacao p ON p.cod_produto = c.cod_produto
WHERE c.odoo_order_id = ANY(%(documentos)s) AND p.id IS NULL
ORDER BY c.cod_produto, c.odoo_line_id
ON CONFLICT (cod_produto) DO NOTHING

-- name: cadastra_produtos_das_notas
INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto)
SELECT DISTINCT ON (f.cod_produto) f.cod_produto, f.nome_produto, 1, 1
FROM faturamento_linha f LEFT JOIN cadastro_palletizacao p ON p.cod_produto = f.cod_produto
WHERE f.odoo_move_id = ANY(%(documentos)s) AND p.id IS NULL
ORDER BY f.cod_produto, f.odoo_line_id
ON CONFLICT (cod_produto) DO NOTHING

-- name: separacoes_renomeadas
-- The lots of a row whose order or product goes by another number or code now.
UPDATE separacao s
SET num_pedido = r.num_pedido, cod_produto = r.cod_produto
FROM carteira_renomeadas r
WHERE s.num_pedido = (r.antes).num_pedido AND s.cod_produto = (r.antes).cod_produto

-- name: separacoes_canceladas
-- A lot's open item whose order or order line is gone is emptied, so that no screen reserves stock for it. It remembers
-- what it held.
UPDATE separacao s
SET status = 'CANCELADO', qtd_saldo = 0, zerado_por_sync = true, data_zeragem = now(),
    qtd_saldo_zerado = s.qtd_saldo, status_zerado = s.status, odoo_order_id_zerado = c.odoo_order_id
FROM carteira_principal c
WHERE c.odoo_order_id = ANY(ARRAY(SELECT documento FROM carteira_documentos)) AND NOT c.ativo
  AND s.num_pedido = c.num_pedido AND s.cod_produto = c.cod_produto
  AND NOT s.sincronizado_nf AND s.status <> 'CANCELADO'

-- name: separacoes_devolvidas
-- The order came back, and nobody has touched the emptied item since.
UPDATE separacao s
SET status = s.status_zerado, qtd_saldo = s.qtd_saldo_zerado, zerado_por_sync = false, data_zeragem = NULL,
    qtd_saldo_zerado = NULL, status_zerado = NULL, odoo_order_id_zerado = NULL
FROM carteira_principal c
WHERE c.odoo_order_id = ANY(ARRAY(SELECT documento FROM carteira_documentos)) AND c.ativo
  AND s.num_pedido = c.num_pedido AND s.cod_produto = c.cod_produto AND s.odoo_order_id_zerado = c.odoo_order_id
  AND s.zerado_por_sync AND NOT s.sincronizado_nf AND s.status = 'CANCELADO' AND s.qtd_saldo = 0

-- name: historico_retirado
-- Only confirmed orders count as demand: what was cancelled, reopened or deleted leaves the history.
DELETE FROM historico_pedidos h
USING carteira_principal c
WHERE c.odoo_order_id = ANY(ARRAY(SELECT documento FROM carteira_documentos)) AND h.carteira_id = c.id
  AND NOT (c.ativo AND c.status_pedido = 'Pedido de venda')

-- name: historico_reconhecido
-- Lines that were imported before the sync knew the order.
UPDATE historico_pedidos h
SET carteira_id = c.id
FROM carteira_principal c
WHERE c.odoo_order_id = ANY(ARRAY(SELECT documento FROM carteira_documentos)) AND h.carteira_id IS NULL
  AND h.num_pedido = c.num_pedido AND h.cod_produto = c.cod_produto
  AND NOT EXISTS (SELECT FROM historico_pedidos o WHERE o.carteira_id = c.id)

-- name: historico_pedidos
SELECT c.id AS carteira_id, c.num_pedido, c.cod_produto, c.odoo_order_id,
       coalesce(c.data_pedido, c.data_atual_pedido) AS data_pedido,
       c.cnpj_cpf AS cnpj_cliente, c.raz_social_red, coalesce(g.nome_grupo, 'RESTANTE') AS nome_grupo, c.vendedor,
       c.equipe_vendas, c.incoterm, c.nome_cidade, c.cod_uf, c.nome_produto, c.qtd_produto_pedido,
       c.preco_produto_pedido, c.valor_produto_pedido, c.odoo_write_date
FROM carteira_principal c
CROSS JOIN LATERAL (SELECT upper(regexp_replace(c.cnpj_cpf, '[^0-9A-Za-z]', '', 'g')) AS cnpj) d
LEFT JOIN grupo_empresarial g ON g.ativo AND length(d.cnpj) = 14 AND g.prefixo_cnpj = left(d.cnpj, 8)
WHERE c.odoo_order_id = ANY(ARRAY(SELECT documento FROM carteira_documentos))
  AND c.ativo AND c.status_pedido = 'Pedido de venda' AND coalesce(c.data_pedido, c.data_atual_pedido) IS NOT NULL

-- name: notas_dos_pedidos
-- The invoices that show another number of an order than it has now.
SELECT DISTINCT n.odoo_move_id AS documento
FROM faturamento_linha n JOIN carteira_grupos g ON g.documento = n.odoo_order_id
WHERE n.ativo AND n.origem <> g.num_pedido

-- name: origens
UPDATE faturamento_linha n
SET origem = g.num_pedido, updated_at = now()
FROM carteira_grupos g
WHERE g.documento = n.odoo_order_id AND n.origem <> g.num_pedido
  AND n.odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_dos_pedidos))

-- name: linhas_reconhecidas
-- What was stored by the version before (ids below zero, of migration 0011) is recognised by order and product, so that
-- its row stays the same one if the order goes by another number since.
UPDATE faturamento_linha n
SET linha_de = v.linha_de
FROM faturamento_linha v
WHERE n.odoo_move_id = ANY(%(documentos)s) AND n.odoo_line_id > 0
  AND NOT EXISTS (SELECT FROM faturamento_produtos t WHERE t.id = n.linha_de)
  AND v.odoo_move_id = n.odoo_move_id AND v.odoo_line_id < 0 AND v.linha_de IS NOT NULL
  AND v.odoo_order_id = n.odoo_order_id AND v.cod_produto = n.cod_produto

-- name: faturamento
SELECT n.linha_de AS id,
       sum(n.qtd_produto_faturado) AS qtd_produto_faturado,
       CASE WHEN min(n.unid_medida_faturada) = max(n.unid_medida_faturada) THEN sum(n.qtd_faturada_unidade) END
           AS qtd_faturada_unidade,
       CASE WHEN min(n.unid_medida_faturada) = max(n.unid_medida_faturada) THEN min(n.unid_medida_faturada) END
           AS unid_medida_faturada,
       sum(n.valor_liquido_faturado) / nullif(sum(n.qtd_produto_faturado), 0) AS preco_liquido_produto_faturado,
       sum(n.valor_liquido_faturado) AS valor_liquido_faturado,
       sum(n.valor_moeda_faturado) AS valor_moeda_faturado,
       sum(n.valor_produto_faturado) AS valor_produto_faturado,
       sum(n.peso_total) AS peso_total,
       max(n.odoo_write_date) AS odoo_write_date
FROM faturamento_linha n
WHERE n.linha_de = ANY(ARRAY(SELECT id FROM notas_grupos)) AND n.ativo
GROUP BY n.linha_de

-- name: relatorio
-- One row per invoice: the sums of its posted rows, or of all of them once it is cancelled. A draft is in the report
-- only if it was posted before; a cancelled invoice gives way to the one that has its number now.
WITH linhas AS (
    SELECT f.*, bool_or(f.status_nf = 'Lançado') OVER (PARTITION BY f.odoo_move_id) AS viva,
           bool_and(f.status_nf = 'Cancelado') OVER (PARTITION BY f.odoo_move_id) AS cancelada
    FROM faturamento_produtos f
    WHERE f.odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_documentos))
), notas AS (
    SELECT odoo_move_id, bool_or(viva) AS viva,
           (array_agg(company_id ORDER BY odoo_write_date DESC NULLS LAST, id))[1] AS company_id,
           (array_agg(serie ORDER BY odoo_write_date DESC NULLS LAST, id))[1] AS serie,
           (array_agg(numero_nf ORDER BY odoo_write_date DESC NULLS LAST, id))[1] AS numero_nf,
           min(data_fatura) AS data_fatura, min(cnpj_cliente) AS cnpj_cliente,
           min(nome_cliente) AS nome_cliente, sum(valor_produto_faturado)::float8 AS valor_total,
           sum(peso_total)::float8 AS peso_bruto, min(municipio) AS municipio, min(estado) AS estado,
           min(nullif(origem, '')) AS origem, min(incoterm) AS incoterm, min(vendedor) AS vendedor,
           min(equipe_vendas) AS equipe_vendas
    FROM linhas l
    WHERE (l.status_nf = 'Lançado' OR NOT l.viva)
      AND (l.viva OR l.cancelada
           OR EXISTS (SELECT FROM relatorio_faturamento_importado r WHERE r.odoo_move_id = l.odoo_move_id))
    GROUP BY odoo_move_id
)
SELECT DISTINCT ON (company_id, serie, numero_nf) *
FROM notas
ORDER BY company_id, serie, numero_nf, viva DESC, odoo_move_id

-- name: relatorio_reconhecido
-- Invoices that were imported before the sync knew them.
UPDATE relatorio_faturamento_importado r
SET odoo_move_id = n.odoo_move_id
FROM relatorio_lido n
WHERE r.odoo_move_id IS NULL
  AND r.company_id = n.company_id AND r.serie = n.serie AND r.numero_nf = n.numero_nf
  AND NOT EXISTS (SELECT FROM relatorio_faturamento_importado o WHERE o.odoo_move_id = n.odoo_move_id)

-- name: relatorio_liberado
DELETE FROM relatorio_faturamento_importado r
USING relatorio_lido n
WHERE r.company_id = n.company_id AND r.serie = n.serie AND r.numero_nf = n.numero_nf
  AND r.odoo_move_id IS DISTINCT FROM n.odoo_move_id
  AND NOT EXISTS (SELECT FROM relatorio_lido m WHERE m.odoo_move_id = r.odoo_move_id)

-- name: relatorio_situacao
UPDATE relatorio_faturamento_importado r
SET ativo = n.viva,
    inativado_em = CASE WHEN n.viva THEN NULL ELSE now() END,
    inativado_por = CASE WHEN n.viva THEN NULL ELSE 'odoo_sync' END
FROM relatorio_lido n
WHERE r.odoo_move_id = n.odoo_move_id AND r.ativo <> n.viva AND (r.ativo OR r.inativado_por = 'odoo_sync')

-- name: lotes_renumerados
UPDATE separacao s
SET numero_nf = r.numero_nf
FROM notas_renomeadas r
WHERE s.numero_nf = (r.antes).numero_nf AND r.numero_nf <> (r.antes).numero_nf
  AND s.num_pedido = (r.antes).origem AND s.cod_produto = (r.antes).cod_produto AND s.sincronizado_nf

-- name: lotes_liberados
-- The lot of an invoice that is no longer posted is open again, in the status that its other columns give it.
UPDATE separacao s
SET numero_nf = NULL, sincronizado_nf = false, data_sincronizacao = NULL,
    status = CASE WHEN s.nf_cd THEN 'NF no CD' WHEN s.cotacao_id IS NOT NULL THEN 'COTADO' ELSE 'ABERTO' END
FROM (
    SELECT numero_nf, origem, cod_produto FROM faturamento_produtos
    WHERE odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_documentos)) AND status_nf <> 'Lançado'
    UNION
    SELECT numero_nf, origem, cod_produto FROM notas_liberadas
    UNION
    SELECT r.numero_nf, (r.antes).origem, (r.antes).cod_produto FROM notas_renomeadas r
    WHERE (r.origem, r.cod_produto) <> ((r.antes).origem, (r.antes).cod_produto)
) f
WHERE s.numero_nf = f.numero_nf AND s.num_pedido = f.origem AND s.cod_produto = f.cod_produto AND s.sincronizado_nf
  AND NOT EXISTS (
      SELECT FROM faturamento_produtos o
      WHERE o.odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_documentos)) AND o.status_nf = 'Lançado'
        AND o.numero_nf = f.numero_nf AND o.origem = f.origem AND o.cod_produto = f.cod_produto)

-- name: vinculos_desfeitos
-- A row that is of another order now looks for a lot of that one.
UPDATE faturamento_produtos f
SET status_processamento = NULL, updated_at = now()
FROM notas_renomeadas r
WHERE r.id = f.id AND f.status_processamento IN ('VINCULADO', 'SEM_LOTE')
  AND coalesce(f.odoo_order_id::text, f.origem)
      <> coalesce(((r.antes).odoo_order_id)::text, (r.antes).origem)

-- name: movimentos
-- One movement per invoiced product of a posted invoice, dated when it was processed, of the lot that fits best:
-- a total lot of the order, else the lot that holds the product in the nearest quantity. A row that a person or an
-- earlier run marked SEM_LOTE keeps no lot.
INSERT INTO movimentacao_estoque AS m
    (cod_produto, nome_produto, data_movimentacao, tipo_movimentacao, local_movimentacao, qtd_movimentacao,
     separacao_lote_id, numero_nf, num_pedido, tipo_origem, status_nf, faturamento_produto_id, criado_por,
     atualizado_por)
SELECT f.cod_produto, f.nome_produto, (now() AT TIME ZONE 'America/Sao_Paulo')::date, 'FATURAMENTO', 'VENDA',
       -f.qtd_produto_faturado, lote.separacao_lote_id, f.numero_nf, nullif(f.origem, ''), 'ODOO', 'FATURADO', f.id,
       'odoo_sync', 'odoo_sync'
FROM faturamento_produtos f
LEFT JOIN movimentacao_estoque t ON t.faturamento_produto_id = f.id
LEFT JOIN LATERAL (
    SELECT s.separacao_lote_id
    FROM separacao s
    WHERE s.num_pedido = f.origem AND s.separacao_lote_id IS NOT NULL AND NOT s.sincronizado_nf
      AND s.status NOT IN ('PREVISAO', 'CANCELADO') AND f.status_processamento IS DISTINCT FROM 'SEM_LOTE'
    ORDER BY (s.tipo_envio = 'total') DESC, (s.cod_produto = f.cod_produto) DESC,
             abs(s.qtd_saldo - f.qtd_produto_faturado), s.separacao_lote_id
    LIMIT 1
) lote ON true
WHERE f.odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_documentos)) AND f.status_nf = 'Lançado'
  AND f.qtd_produto_faturado <> 0
  AND (t.id IS NULL OR NOT t.ativo OR (t.separacao_lote_id IS NULL AND lote.separacao_lote_id IS NOT NULL)
       OR ROW(t.cod_produto, t.nome_produto, t.qtd_movimentacao, t.numero_nf, t.num_pedido)
          IS DISTINCT FROM ROW(f.cod_produto, f.nome_produto, -f.qtd_produto_faturado, f.numero_nf, nullif(f.origem, '')))
ON CONFLICT (faturamento_produto_id) DO UPDATE
SET cod_produto = excluded.cod_produto, nome_produto = excluded.nome_produto,
    qtd_movimentacao = excluded.qtd_movimentacao, numero_nf = excluded.numero_nf, num_pedido = excluded.num_pedido,
    ativo = true, status_nf = excluded.status_nf, atualizado_em = now(), atualizado_por = excluded.atualizado_por,
    separacao_lote_id = CASE
        WHEN m.ativo AND EXISTS (
            SELECT FROM separacao s
            WHERE s.separacao_lote_id = m.separacao_lote_id AND s.num_pedido IS NOT DISTINCT FROM excluded.num_pedido)
        THEN m.separacao_lote_id ELSE excluded.separacao_lote_id END

-- name: movimentos_inativos
-- Of products that are not invoiced any more, and of rows that gave way to another invoice of their number.
UPDATE movimentacao_estoque m
SET ativo = false, status_nf = 'CANCELADO', atualizado_em = now(), atualizado_por = 'odoo_sync'
WHERE m.ativo AND m.tipo_movimentacao = 'FATURAMENTO' AND m.criado_por = 'odoo_sync' AND m.id IN (
    SELECT n.id
    FROM movimentacao_estoque n JOIN faturamento_produtos f ON f.id = n.faturamento_produto_id
    WHERE f.odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_documentos))
      AND (f.status_nf <> 'Lançado' OR f.qtd_produto_faturado = 0)
    UNION
    SELECT n.id
    FROM movimentacao_estoque n JOIN notas_liberadas x ON x.numero_nf = n.numero_nf
    WHERE n.faturamento_produto_id IS NULL)

-- name: lotes_faturados
-- Of several invoices that took one lot's product, the one of the nearest quantity is the one that it shows.
UPDATE separacao s
SET numero_nf = n.numero_nf, sincronizado_nf = true, data_sincronizacao = now(),
    status = CASE WHEN s.nf_cd THEN 'NF no CD' ELSE 'FATURADO' END
FROM (
    SELECT DISTINCT ON (s.id) s.id, f.numero_nf
    FROM faturamento_produtos f
    JOIN movimentacao_estoque m ON m.faturamento_produto_id = f.id AND m.ativo
    JOIN separacao s ON s.separacao_lote_id = m.separacao_lote_id AND s.num_pedido = f.origem
                    AND s.cod_produto = f.cod_produto AND NOT s.sincronizado_nf
    WHERE f.odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_documentos)) AND f.status_nf = 'Lançado'
    ORDER BY s.id, abs(s.qtd_saldo - f.qtd_produto_faturado), f.numero_nf, f.id
) n
WHERE s.id = n.id

-- name: processamento
-- The local status is filled once; afterwards it belongs to people.
UPDATE faturamento_produtos f
SET status_processamento = CASE WHEN m.separacao_lote_id IS NULL THEN 'SEM_LOTE' ELSE 'VINCULADO' END,
    updated_at = now()
FROM movimentacao_estoque m
WHERE f.odoo_move_id = ANY(ARRAY(SELECT documento FROM notas_documentos)) AND m.faturamento_produto_id = f.id AND m.ativo
  AND f.status_processamento IS NULL
