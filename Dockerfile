# One image for all that runs: the workers (its command), `python -m flows.deploy`, the Prefect server, the metrics.
# The base needs Python 3.11+ with its venv module, nothing else.
# By its digest: python:3.11-slim of 2026-08-16 (Python 3.11.16 on Debian trixie), for every processor. A newer one:
# docker buildx imagetools inspect python:3.11-slim
ARG BASE=python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7
FROM ${BASE}

RUN useradd --uid 10001 --user-group --create-home --home-dir /var/lib/sincronia --shell /usr/sbin/nologin sincronia \
    && install --directory --mode 0700 --owner sincronia --group sincronia /var/lib/sincronia/results
WORKDIR /app

# The command `sincronia` (flows/comando/install.py). pip and setuptools came with the environment and go before the layer
# is closed.
COPY requirements.txt pyproject.toml ./
COPY flows/comando/install.py flows/comando/
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --progress-bar off \
        --require-hashes -r requirements.txt \
    && /opt/venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-index --editable . \
    && /opt/venv/bin/pip uninstall --yes --disable-pip-version-check setuptools pip

ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=1 \
    PREFECT_HOME=/var/lib/sincronia \
    # Shared by the workers: a retry may run on another one.
    PREFECT_RESULTS_LOCAL_STORAGE_PATH=/var/lib/sincronia/results \
    # A killed flow is marked Crashed after three beats that did not come.
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30 \
    # How often a worker asks for runs: what the vigia has asked for waits half of it in the mean; Prefect's own is 10 s.
    PREFECT_WORKER_QUERY_SECONDS=5 \
    # Without the server a client must fail, not start a server of its own in silence.
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE=false \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    # By default the server writes the UI's files into its installed package, which belongs to root.
    PREFECT_SERVER_UI_STATIC_DIRECTORY=/var/lib/sincronia/ui \
    # Touched by the worker whenever it has asked the server for runs.
    SINCRONIA_PULSO=/tmp/sincronia-pulso

COPY blocks/ blocks/
COPY schema/ schema/
COPY flows/ flows/
COPY prefect.yaml .
RUN python -m compileall -q blocks schema flows

# By number: Kubernetes refuses to believe a name.
USER 10001:10001
# Whether the worker has reached the server within a minute; nothing is started for it but `find`, so it is asked often.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD ["sh", "-c", "test -n \"$(find $SINCRONIA_PULSO -mmin -1)\""]
# Exec form: SIGTERM reaches the worker itself, which drains.
CMD ["python", "-m", "flows.operacao.worker"]
