# Every target works on a machine with Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# No library tells its makers of us, and nothing is left in the home folder.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export RUNTIME__DLTHUB_TELEMETRY := false
export PIP_NO_CACHE_DIR := 1

# One line that changes with every package, and a failure where pip failed.
BRIEFLY := awk '/^Collecting/ { printf "\r  %-70s", $$2; fflush() } /^FAILED/ { failed = 1 } END { print ""; exit failed }'

UNREACHED := "The dependencies are not installed: pip got no further, for the reason above. Without the network it needs a mirror \
(PIP_INDEX_URL=https://…), a proxy (HTTPS_PROXY=http://…) or a folder of wheels (PIP_NO_INDEX=1 PIP_FIND_LINKS=…); then run make again."

.DEFAULT_GOAL := help
.PHONY: help demo up test test-slow test-recovery chaos mutantes lock sbom lint hooks papeis deploy image-check compose-check bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): requirements.txt requirements-dev.txt flows/comando/install.py
	@echo "» installing the pinned dependencies into $(VENV) (once, about a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@{ $(BIN)/pip install --progress-bar off --disable-pip-version-check --retries 2 -r requirements-dev.txt || echo FAILED; } | $(BRIEFLY) || { echo $(UNREACHED); exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-index --editable .
	@touch $@

demo: $(STAMP) ## run all flows end to end against simulated Odoo and Tiny, check every record, stop everything
	@PREFECT_HOME=$(VENV)/prefect $(BIN)/python -m demo $(ARGS)

up: $(STAMP) ## the same, then stay up with the Prefect UI until Ctrl-C
	@PREFECT_HOME=$(VENV)/prefect $(BIN)/python -m demo --stay $(ARGS)

SPREAD := -n 2 --dist loadfile --no-loadscope-reorder

test: $(STAMP) lint ## lint, types and the tests of every part (under 10 minutes on 2 cores)
	@$(BIN)/python -m pytest $(or $(ARGS),$(SPREAD))

test-slow: $(STAMP) ## the dearer tests: whole servers and workers, hundreds of random schedules, upgrades (a quarter of an hour)
	@$(BIN)/python -m pytest -m slow $(or $(ARGS),$(SPREAD))

test-recovery: $(STAMP) ## what takes minutes by the clock: servers and workers killed, the demo on every version of Odoo
	@$(BIN)/python -m pytest -m recovery $(ARGS)

chaos: $(STAMP) ## random faults on random days: N=1000 schedules (RESUME=FILE goes on), or SEED=17 again
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED),--n $(or $(N),200) $(if $(RESUME),--resume $(RESUME)))

mutantes: $(STAMP) ## take the guards of the promise away one by one and see a test fail for each (a quarter of an hour)
	@$(BIN)/python -m tests.mutantes $(ARGS)

LOCK := $(BIN)/uv pip compile --quiet --universal --no-annotate --custom-compile-command 'make lock'

lock: $(STAMP) ## write requirements*.txt anew from pyproject.toml (ARGS=--upgrade takes the newest versions of all)
	@$(LOCK) --group run --generate-hashes --output-file requirements.txt $(ARGS)
	@$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt $(ARGS)

sbom: $(STAMP) ## write sbom.json (CycloneDX): what the image holds of Python packages, with versions and hashes
	@PYTHONWARNINGS=ignore $(BIN)/uv tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.txt \
		--pyproject pyproject.toml --output-reproducible --output-file sbom.json

lint: $(STAMP)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

hooks: $(STAMP) ## have git run the linters before each commit
	@$(BIN)/pre-commit install

papeis: $(STAMP) ## make the three roles of PostgreSQL (docs/papeis.md)
	@$(BIN)/python -m flows.operacao.papeis $(ARGS)

deploy: $(STAMP) ## make blocks, limits and deployments from the settings; safe to run again
	@$(BIN)/python -m flows.deploy $(ARGS)

image-check: $(STAMP) ## build the image without a container engine and see a run through in it (root; buildah, debootstrap)
	@$(BIN)/python -m demo.image

compose-check: $(STAMP) ## bring compose up on a Docker Engine of its own, hurt it in many ways and see it recover (root, Debian)
	@$(BIN)/python -m demo.compose $(ARGS)

bench: $(STAMP) ## the benchmark suite, with its contenders installed beside the project
	@$(BIN)/pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@$(BIN)/python -m bench all

clean: ## remove the environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
