#!/bin/bash
# What the official image of Redis does before it starts the server.
set -euo pipefail
if [ "$(id -u)" = 0 ]; then
    chown --recursive redis: .
    exec gosu redis "$0" "$@"
fi
# Out of its container it is reached, as in the official image; it asks for a password.
exec "$@" --protected-mode no
