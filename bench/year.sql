-- What some days of all schedules leave behind, with dates of their own; parameters in psycopg2's pyformat.
-- `execucoes` runs are spread evenly over the `dias` days from `inicio`.

-- name: execucoes
-- Two in five are the entities' of the run before them; one in two hundred never began.
CREATE TEMPORARY TABLE novas ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, gen_random_uuid() AS tarefa, n, quando, n %% 5 IN (2, 3) AS parte, n %% 200 = 0 AS nunca,
       lag(n) OVER (ORDER BY n) AS antes
FROM generate_series(1, %(execucoes)s) n,
     LATERAL (SELECT %(inicio)s + make_interval(secs => 86400.0 * %(dias)s * n / %(execucoes)s) AS quando) q;

CREATE TEMPORARY TABLE tarefas ON COMMIT DROP AS
SELECT CASE k WHEN 1 THEN tarefa ELSE gen_random_uuid() END AS id, novas.id AS execucao, k, quando
FROM novas, generate_series(1, 3) k WHERE NOT nunca;

INSERT INTO flow (name) VALUES ('simulada') ON CONFLICT (name) DO NOTHING;

INSERT INTO flow_run (id, name, flow_id, tags, parameters, context, empirical_policy, state_type, state_name,
                      state_timestamp, expected_start_time, start_time, end_time, run_count, created, updated)
SELECT id, 'carteira: desde o ultimo checkpoint', (SELECT id FROM flow WHERE name = 'simulada'), '["odoo", "sincronia", "vendas"]',
       '{"ate": null, "desde": null, "reler": false, "dry_run": false, "documentos": null, "janela_minutos": null}',
       '{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}',
       '{"retries": 0, "resuming": false, "retry_type": null, "max_retries": 0, "pause_keys": [], "retry_delay": 0}',
       (CASE WHEN nunca THEN 'SCHEDULED' ELSE 'COMPLETED' END)::state_type,
       CASE WHEN nunca THEN 'Late' ELSE 'Completed' END, quando, quando,
       CASE WHEN NOT nunca THEN quando END, CASE WHEN NOT nunca THEN quando + interval '9 seconds' END, 1, quando, quando
FROM novas ORDER BY n;

INSERT INTO task_run (id, name, flow_run_id, task_key, dynamic_key, state_type, state_name, state_timestamp,
                      expected_start_time, start_time, end_time, empirical_policy, task_inputs, created, updated)
SELECT id, 'lote ' || k || ' de 3', execucao, 'carry_out-1a2b3c4d', gen_random_uuid()::text, 'COMPLETED', 'Completed', quando,
       quando, quando, quando,
       '{"retries": 3, "max_retries": 0, "retry_delay": [5, 10, 20], "retry_delay_seconds": 0.0, "retry_jitter_factor": 0.5}',
       '{"step": []}', quando, quando
FROM tarefas;

UPDATE flow_run SET parent_task_run_id = acima.tarefa
FROM novas, novas acima
WHERE flow_run.id = novas.id AND novas.parte AND acima.n = novas.antes AND NOT acima.nunca;

INSERT INTO flow_run_state (flow_run_id, type, name, "timestamp", message, state_details, created, updated)
SELECT id, tipo::state_type, initcap(tipo), quando + make_interval(secs => nr), 'Carteira: 12 documentos, 40 lidos, 3 novos, 2 atualizados',
       jsonb_build_object('flow_run_id', id, 'transition_id', gen_random_uuid(), 'deferred', false, 'untrackable', false),
       quando, quando
FROM novas, unnest(CASE WHEN nunca THEN '{SCHEDULED}' ELSE '{SCHEDULED,PENDING,RUNNING,COMPLETED}' END::text[])
           WITH ORDINALITY estados(tipo, nr);

INSERT INTO task_run_state (task_run_id, type, name, "timestamp", state_details, created, updated)
SELECT id, tipo::state_type, initcap(tipo), quando + make_interval(secs => nr),
       jsonb_build_object('flow_run_id', execucao, 'task_run_id', id, 'cache_key', md5(id::text), 'deferred', false),
       quando, quando
FROM tarefas, unnest('{PENDING,RUNNING,COMPLETED}'::text[]) WITH ORDINALITY estados(tipo, nr);

INSERT INTO log (name, level, flow_run_id, message, "timestamp", created, updated)
SELECT 'prefect.flow_runs', 20, id, '📥 Lote de 200 documentos: Carteira: 12 documentos, 40 lidos, 3 novos (0.42 s)',
       quando, quando, quando
FROM novas, generate_series(1, 8) WHERE NOT nunca;

INSERT INTO artifact (key, type, data, description, flow_run_id, created, updated)
SELECT CASE WHEN painel THEN 'painel' ELSE 'sync-carteira' END, CASE WHEN painel THEN 'markdown' ELSE 'table' END,
       to_json((SELECT string_agg(md5(random()::text), '') FROM generate_series(1, CASE WHEN painel THEN 900 ELSE 20 END))),
       'Carteira: 12 documentos', id, quando, quando
FROM novas, LATERAL (SELECT n %% 9 = 0 AS painel) p WHERE NOT nunca;

INSERT INTO artifact_collection (key, latest_id, type, created, updated)
SELECT DISTINCT ON (key) key, id, type, created, updated FROM artifact WHERE key IS NOT NULL ORDER BY key, created DESC
ON CONFLICT (key) DO UPDATE SET latest_id = excluded.latest_id, updated = excluded.updated;

CREATE TEMPORARY TABLE avisos ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, novas.id AS execucao, quando FROM novas, generate_series(1, 10) WHERE NOT nunca;

INSERT INTO events (id, occurred, event, resource_id, resource, payload, received, recorded)
SELECT id, quando, 'prefect.flow-run.Completed', 'prefect.flow-run.' || execucao,
       jsonb_build_object('prefect.resource.id', 'prefect.flow-run.' || execucao, 'prefect.resource.name', 'carteira'),
       '{"intended": {"from": "RUNNING", "to": "COMPLETED"}, "initial_state": {"type": "RUNNING", "name": "Running"}}',
       quando, quando
FROM avisos;

INSERT INTO event_resources (occurred, resource_id, resource_role, resource, event_id)
SELECT quando, 'prefect.flow-run.' || execucao, '', json_build_object('prefect.resource.id', execucao), id
FROM avisos, generate_series(1, 4)

-- name: log
INSERT INTO log_integracao (tipo_integracao, status, mensagem, registros_processados, data_execucao, tempo_execucao, detalhes)
SELECT (%(jobs)s)[1 + n %% cardinality(%(jobs)s)], (ARRAY['sucesso', 'sucesso', 'sucesso', 'parcial', 'erro'])[1 + n %% 5],
       'Carteira: 12 documentos, 40 lidos, 3 novos, 2 atualizados', 40,
       %(inicio)s + make_interval(secs => 86400.0 * %(dias)s * n / %(execucoes)s), n %% 40,
       jsonb_build_object('documentos', 12, 'lidos', 40, 'novos', 3, 'atualizados', 2, 'inalterados', 35, 'ignorados', 0,
                          'rejeitados', 0, 'removidos', 0, 'tardios', 0, 'chamadas', 9, 'efeitos', '{}'::jsonb,
                          'janela', 'de 2026-01-01 00:00:00 até 2026-01-01 00:30:00 UTC', 'flow_run_id', gen_random_uuid(),
                          'pedido', 'desde o último checkpoint', 'x', repeat('x', 300))
FROM generate_series(1, %(execucoes)s) n

-- name: falhas
-- Records that are kept aside, most of which are resolved the day after.
INSERT INTO import_failures (entidade, documento_id, registro_id, erro, payload, status, criado_em, atualizado_em, resolvido_em)
SELECT 'carteira', nextval('sync_leitura'), 0, 'produto sem código',
       CASE WHEN fica THEN jsonb_build_object('documento', repeat('x', 1000)) ELSE '{}' END,
       CASE WHEN fica THEN 'aguardando' ELSE 'resolvido' END, quando, quando + interval '1 day',
       CASE WHEN NOT fica THEN quando + interval '1 day' END
FROM generate_series(1, %(falhas)s) n,
     LATERAL (SELECT n %% 20 = 0 AS fica, %(inicio)s + make_interval(secs => 86400.0 * %(dias)s * n / %(falhas)s) AS quando) q

-- name: worker
-- A worker whose name will not come back.
INSERT INTO worker (name, work_pool_id, last_heartbeat_time, status)
SELECT 'worker-' || %(inicio)s, id, %(inicio)s, 'OFFLINE' FROM work_pool WHERE name = 'sincronia'

-- name: tamanhos
SELECT pg_database_size(current_database())
