-- The budget of an account by minute of Tiny's clock. No transaction is left open while somebody waits for a read.

-- name: situacao
SELECT l.limite, l.pausa_ate, coalesce(c.tomadas, 0), coalesce(c.respondidas, 0), c.restantes
FROM (SELECT %(conta)s::varchar AS conta) este
LEFT JOIN tiny.limites l ON l.conta = este.conta
LEFT JOIN tiny.cotas c ON c.conta = este.conta AND c.minuto = %(minuto)s

-- name: abrir
INSERT INTO tiny.cotas (conta, minuto) VALUES (%(conta)s, %(minuto)s) ON CONFLICT DO NOTHING

-- name: tomar
-- Never more reads awaiting their answer than Tiny said remain: other integrations use the same quota.
UPDATE tiny.cotas
SET tomadas = tomadas + 1
WHERE conta = %(conta)s AND minuto = %(minuto)s AND tomadas < %(teto)s
  AND (restantes IS NULL OR tomadas - respondidas < restantes)
RETURNING tomadas

-- name: respondida
UPDATE tiny.cotas
SET respondidas = respondidas + 1, restantes = least(restantes, %(restantes)s)
WHERE conta = %(conta)s AND minuto = %(minuto)s

-- name: contar_noutro_minuto
INSERT INTO tiny.cotas AS c (conta, minuto, tomadas, respondidas)
VALUES (%(conta)s, %(minuto)s, 1, 1)
ON CONFLICT (conta, minuto) DO UPDATE SET tomadas = c.tomadas + 1, respondidas = c.respondidas + 1

-- name: limite
INSERT INTO tiny.limites AS l (conta, limite) VALUES (%(conta)s, %(limite)s)
ON CONFLICT (conta) DO UPDATE SET limite = EXCLUDED.limite WHERE l.limite IS DISTINCT FROM EXCLUDED.limite

-- name: pausa
-- No answer asks for a pause beyond `crivel`: one that a wrong clock told gives way.
INSERT INTO tiny.limites AS l (conta, pausa_ate) VALUES (%(conta)s, %(ate)s)
ON CONFLICT (conta) DO UPDATE SET pausa_ate = EXCLUDED.pausa_ate
WHERE l.pausa_ate IS NULL OR l.pausa_ate < EXCLUDED.pausa_ate OR l.pausa_ate > %(crivel)s

-- name: limpar
DELETE FROM tiny.cotas WHERE conta = %(conta)s AND minuto < %(antes)s
