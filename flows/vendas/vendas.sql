-- What follows from written sales rows, each statement once for all documents of a batch and in its transaction.
-- %(documentos)s: ids of the documents (sale orders for carteira, invoices for faturamento); settings go by their names.
-- Every statement leaves rows alone that are right already: an unchanged run writes nothing.

-- name: pedidos_da_carteira
SELECT DISTINCT num_pedido FROM carteira_principal WHERE odoo_order_id = ANY(%(documentos)s)

-- name: pedidos_das_notas
SELECT DISTINCT origem AS num_pedido FROM faturamento_produtos WHERE odoo_move_id = ANY(%(documentos)s) AND origem <> ''

-- name: saldos
-- Saldo = pedido - faturado (notas não canceladas), aggregated first and subtracted once; negative ones are kept.
-- Odoo's CIEL cancellation lowers the ordered quantity itself, so the cancelled one is subtracted only on request.
UPDATE carteira_principal c
SET qtd_saldo_produto_pedido = s.saldo, updated_at = now()
FROM (
    SELECT p.id,
           CASE WHEN p.ativo THEN
               p.qtd_produto_pedido - coalesce(sum(f.qtd_produto_faturado), 0)
               - CASE WHEN %(cancelada_ja_deduzida)s THEN 0 ELSE coalesce(p.qtd_cancelada_produto_pedido, 0) END
           ELSE 0 END AS saldo
    FROM carteira_principal p
    LEFT JOIN faturamento_produtos f
           ON f.origem = p.num_pedido AND f.cod_produto = p.cod_produto AND f.status_nf <> 'Cancelado'
    WHERE p.num_pedido IN (SELECT num_pedido FROM pedidos_afetados)
    GROUP BY p.id
) s
WHERE c.id = s.id AND c.qtd_saldo_produto_pedido IS DISTINCT FROM s.saldo

-- name: saldos_negativos
SELECT id FROM carteira_principal
WHERE num_pedido IN (SELECT num_pedido FROM pedidos_afetados) AND qtd_saldo_produto_pedido < 0

-- name: cadastra_produtos_da_carteira
INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto)
SELECT DISTINCT ON (c.cod_produto) c.cod_produto, c.nome_produto, 1, 1
FROM carteira_principal c LEFT JOIN cadastro_palletizacao p ON p.cod_produto = c.cod_produto
WHERE c.odoo_order_id = ANY(%(documentos)s) AND p.id IS NULL
ON CONFLICT (cod_produto) DO NOTHING

-- name: cadastra_produtos_das_notas
INSERT INTO cadastro_palletizacao (cod_produto, nome_produto, palletizacao, peso_bruto)
SELECT DISTINCT ON (f.cod_produto) f.cod_produto, f.nome_produto, 1, 1
FROM faturamento_produtos f LEFT JOIN cadastro_palletizacao p ON p.cod_produto = f.cod_produto
WHERE f.odoo_move_id = ANY(%(documentos)s) AND p.id IS NULL
ON CONFLICT (cod_produto) DO NOTHING

-- name: separacoes_canceladas
-- A lot's open item whose order or order line is gone is emptied, so that no screen reserves stock for it.
UPDATE separacao s
SET status = 'CANCELADO', qtd_saldo = 0, zerado_por_sync = true, data_zeragem = now()
FROM carteira_principal c
WHERE c.odoo_order_id = ANY(%(documentos)s) AND NOT c.ativo
  AND s.num_pedido = c.num_pedido AND s.cod_produto = c.cod_produto
  AND NOT s.sincronizado_nf AND s.status <> 'CANCELADO'

-- name: historico_retirado
-- Only confirmed orders count as demand: what was cancelled, reopened or deleted leaves the history.
DELETE FROM historico_pedidos h
WHERE h.odoo_order_id = ANY(%(documentos)s)
  AND NOT EXISTS (
      SELECT FROM carteira_principal c
      WHERE c.num_pedido = h.num_pedido AND c.cod_produto = h.cod_produto AND c.odoo_order_id = h.odoo_order_id
        AND c.ativo AND c.status_pedido = 'Pedido de venda')

-- name: historico_pedidos
SELECT c.num_pedido, c.cod_produto, c.odoo_order_id, coalesce(c.data_pedido, c.data_atual_pedido) AS data_pedido,
       c.cnpj_cpf AS cnpj_cliente, c.raz_social_red, coalesce(g.nome_grupo, 'RESTANTE') AS nome_grupo, c.vendedor,
       c.equipe_vendas, c.incoterm, c.nome_cidade, c.cod_uf, c.nome_produto, c.qtd_produto_pedido,
       c.preco_produto_pedido, round(c.qtd_produto_pedido * c.preco_produto_pedido, 2) AS valor_produto_pedido,
       c.odoo_write_date
FROM carteira_principal c
CROSS JOIN LATERAL (SELECT upper(regexp_replace(c.cnpj_cpf, '[^0-9A-Za-z]', '', 'g')) AS cnpj) d
LEFT JOIN grupo_empresarial g ON g.ativo AND length(d.cnpj) = 14 AND g.prefixo_cnpj = left(d.cnpj, 8)
WHERE c.odoo_order_id = ANY(%(documentos)s) AND c.ativo AND c.status_pedido = 'Pedido de venda'
  AND coalesce(c.data_pedido, c.data_atual_pedido) IS NOT NULL

-- name: relatorio
-- One row per invoice: the sums of its live rows, or of all of them once it is cancelled.
WITH linhas AS (
    SELECT f.*, bool_or(f.status_nf <> 'Cancelado') OVER (PARTITION BY f.company_id, f.numero_nf) AS viva
    FROM faturamento_produtos f
    WHERE (f.company_id, f.numero_nf) IN (
        SELECT company_id, numero_nf FROM faturamento_produtos WHERE odoo_move_id = ANY(%(documentos)s))
)
SELECT company_id, numero_nf, min(data_fatura) AS data_fatura, min(cnpj_cliente) AS cnpj_cliente,
       min(nome_cliente) AS nome_cliente, sum(valor_produto_faturado)::float8 AS valor_total,
       sum(peso_total)::float8 AS peso_bruto, min(municipio) AS municipio, min(estado) AS estado,
       nullif(min(origem), '') AS origem, min(incoterm) AS incoterm, min(vendedor) AS vendedor,
       min(equipe_vendas) AS equipe_vendas
FROM linhas
WHERE status_nf <> 'Cancelado' OR NOT viva
GROUP BY company_id, numero_nf

-- name: relatorio_situacao
-- What a person inactivated stays so; what the sync did follows the invoice.
UPDATE relatorio_faturamento_importado r
SET ativo = n.viva,
    inativado_em = CASE WHEN n.viva THEN NULL ELSE now() END,
    inativado_por = CASE WHEN n.viva THEN NULL ELSE 'odoo_sync' END
FROM (
    SELECT company_id, numero_nf, bool_or(status_nf <> 'Cancelado') AS viva
    FROM faturamento_produtos
    WHERE (company_id, numero_nf) IN (
        SELECT company_id, numero_nf FROM faturamento_produtos WHERE odoo_move_id = ANY(%(documentos)s))
    GROUP BY company_id, numero_nf
) n
WHERE r.company_id = n.company_id AND r.numero_nf = n.numero_nf
  AND r.ativo <> n.viva AND (r.ativo OR r.inativado_por = 'odoo_sync')

-- name: lotes_liberados
-- The lot of an invoice that is no longer posted is open again, in the status that its other columns give it.
UPDATE separacao s
SET numero_nf = NULL, sincronizado_nf = false, data_sincronizacao = NULL,
    status = CASE WHEN s.nf_cd THEN 'NF no CD' WHEN s.cotacao_id IS NOT NULL THEN 'COTADO' ELSE 'ABERTO' END
FROM faturamento_produtos f
WHERE f.odoo_move_id = ANY(%(documentos)s) AND f.status_nf <> 'Lançado'
  AND s.numero_nf = f.numero_nf AND s.num_pedido = f.origem AND s.cod_produto = f.cod_produto AND s.sincronizado_nf

-- name: movimentos
-- One movement per invoiced product of a posted invoice, dated when it was processed, of the lot that fits best:
-- a total lot of the order, else the lot that holds the product in the nearest quantity. A row that a person or an
-- earlier run marked SEM_LOTE keeps no lot.
INSERT INTO movimentacao_estoque AS m
    (cod_produto, nome_produto, data_movimentacao, tipo_movimentacao, local_movimentacao, qtd_movimentacao,
     separacao_lote_id, numero_nf, num_pedido, tipo_origem, status_nf, faturamento_produto_id, criado_por,
     atualizado_por)
SELECT f.cod_produto, f.nome_produto, (now() AT TIME ZONE 'America/Sao_Paulo')::date, 'FATURAMENTO', 'VENDA',
       -abs(f.qtd_produto_faturado), lote.separacao_lote_id, f.numero_nf, nullif(f.origem, ''), 'ODOO', 'FATURADO', f.id,
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
WHERE f.odoo_move_id = ANY(%(documentos)s) AND f.status_nf = 'Lançado'
  AND (t.id IS NULL OR NOT t.ativo OR t.qtd_movimentacao <> -abs(f.qtd_produto_faturado)
       OR (t.separacao_lote_id IS NULL AND lote.separacao_lote_id IS NOT NULL))
ON CONFLICT (faturamento_produto_id) DO UPDATE
SET qtd_movimentacao = excluded.qtd_movimentacao, ativo = true,
    status_nf = excluded.status_nf, atualizado_em = now(), atualizado_por = excluded.atualizado_por,
    separacao_lote_id = CASE WHEN m.ativo THEN coalesce(m.separacao_lote_id, excluded.separacao_lote_id)
                             ELSE excluded.separacao_lote_id END

-- name: movimentos_inativos
UPDATE movimentacao_estoque m
SET ativo = false, status_nf = 'CANCELADO', atualizado_em = now(), atualizado_por = 'odoo_sync'
FROM faturamento_produtos f
WHERE f.odoo_move_id = ANY(%(documentos)s) AND f.status_nf <> 'Lançado'
  AND m.faturamento_produto_id = f.id AND m.ativo

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
    WHERE f.odoo_move_id = ANY(%(documentos)s) AND f.status_nf = 'Lançado'
    ORDER BY s.id, abs(s.qtd_saldo - f.qtd_produto_faturado), f.numero_nf, f.id
) n
WHERE s.id = n.id

-- name: processamento
-- The local status is filled once; afterwards it belongs to people.
UPDATE faturamento_produtos f
SET status_processamento = CASE WHEN m.separacao_lote_id IS NULL THEN 'SEM_LOTE' ELSE 'VINCULADO' END,
    updated_at = now()
FROM movimentacao_estoque m
WHERE f.odoo_move_id = ANY(%(documentos)s) AND m.faturamento_produto_id = f.id AND m.ativo
  AND f.status_processamento IS NULL
