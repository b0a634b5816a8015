# Voorzet. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.voorzet-setup
PACKAGES := features models monitoring serving
LOCKS := requirements-bootstrap.lock requirements-dev.lock

# Nothing calls home.
export DO_NOT_TRACK := true
export MLFLOW_DISABLE_TELEMETRY := true
export UV_NO_PROGRESS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Idle threads sleep, so that training and scoring do not starve each other.
export OMP_WAIT_POLICY := passive
# Compiling a library's source anew in every process takes longer than most tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test lint format bench bench-setup lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(STAMP) ## make .venv with the locked dependencies (again only when a lock changes)

$(STAMP): $(LOCKS) pyproject.toml
	@python=""; \
	for candidate in python3.11 python3.12 python3.13 python3; do \
	  if "$$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Voorzet needs Python 3.11 or newer, with its venv module. Install it and run make again." >&2; exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	  rm -rf $(VENV); "$$python" -m venv $(VENV); \
	fi
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-bootstrap.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --require-hashes requirements-dev.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@echo "Compiling what reads the records: a minute or two, once."
	$(BIN)/python -c "from features.steady import make_ready; make_ready()"
	@touch $@

demo: setup ## run the demonstration; ARGS="…" is passed on
	$(BIN)/voorzet demo $(ARGS)

# A process for every core, up to four: each holds some 1.5 GB.
PROCESSES ?= $(shell cores=$$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2); echo $$((cores < 4 ? cores : 4)))

test: setup ## run the tests; ARGS="…" is passed on
	$(BIN)/python -m pytest -q -ra -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup ## check style, types and the order of the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(PACKAGES)
	PYTHONPATH=. $(BIN)/lint-imports

format: setup ## put the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-setup: setup ## add the peers that only the benchmarks compare with
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes --requirements requirements-bench.lock

bench: setup ## run every benchmark on a small case
	@shopt -s nullglob; failed=0; \
	for script in benchmarks/*.py; do \
	  case "$${script##*/}" in _*) continue;; esac; \
	  echo "== $$script"; $(BIN)/python "$$script" --quick || { echo "FAILED: $$script" >&2; failed=1; }; \
	done; exit $$failed

COMPILE = VIRTUAL_ENV=$(VENV) $(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --generate-hashes --no-emit-index-url

lock: setup ## resolve the locks again from pyproject.toml; UPGRADE=--upgrade takes newer releases
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.lock
	$(COMPILE) $(UPGRADE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) $(UPGRADE) pyproject.toml --extra dev --extra bench -c requirements-dev.lock -o requirements-bench.lock
	echo uv | $(COMPILE) $(UPGRADE) - -c requirements-dev.lock -o requirements-bootstrap.lock

clean: ## remove caches and build products; .venv stays
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find $(PACKAGES) tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
