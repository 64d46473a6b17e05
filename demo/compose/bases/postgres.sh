#!/bin/bash
# What the official image of PostgreSQL documents of its entrypoint, as far as compose.yaml relies on it.
set -euo pipefail
export PGDATA=${PGDATA:-/var/lib/postgresql/data} PATH=/usr/lib/postgresql/17/bin:$PATH

if [ "$(id -u)" = 0 ]; then
    install --directory --owner postgres --group postgres --mode 0700 "$PGDATA"
    install --directory --owner postgres --group postgres --mode 3775 /var/run/postgresql
    exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    user=${POSTGRES_USER:-postgres} database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
    initdb --username "$user" --pwfile <(printf '%s\n' "$POSTGRES_PASSWORD") --auth-local trust --auth-host scram-sha-256
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    pg_ctl --wait start --options "-c listen_addresses=''"
    [ "$database" = postgres ] || createdb --username "$user" "$database"
    for file in /docker-entrypoint-initdb.d/*.sql; do
        [ -e "$file" ] && psql --set ON_ERROR_STOP=1 --username "$user" --dbname "$database" --file "$file"
    done
    pg_ctl --wait --mode fast stop
fi
exec "$@"
