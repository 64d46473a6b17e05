# A worker with the flows. Prefect's server runs elsewhere (PREFECT_API_URL).
ARG BASE=python:3.11-slim
FROM ${BASE}

ENV PYTHONUNBUFFERED=1 DO_NOT_TRACK=1 PREFECT_HOME=/var/lib/sincronia
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt \
    && useradd --system --home-dir /var/lib/sincronia --create-home sincronia
COPY blocks/ blocks/
COPY flows/ flows/
COPY schema/ schema/
COPY prefect.yaml .
USER sincronia
# Exec form: SIGTERM reaches the worker itself.
CMD ["prefect", "worker", "start", "--pool", "sincronia", "--type", "process"]
