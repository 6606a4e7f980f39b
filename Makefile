# Everything runs in .venv at the locked versions; nothing needs to be done by hand first.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
# The system's certificates, so that it works behind a company's proxy too.
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := $(VENV)

# The first Python in 3.11 to 3.13 that really starts.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& { command -v $$p; break; }; done)

help:  ## what there is to do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.ready: pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; none was found. Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv sync --quiet --frozen --inexact --all-extras
	@touch $@

app: $(VENV)/.ready  ## serve the app on http://127.0.0.1:8501 with the sample portfolio
	$(BIN)/streamlit run app.py

test: $(VENV)/.ready  ## every test
	$(BIN)/pytest -n 2 --dist loadfile

check: $(VENV)/.ready  ## style, types, import contract, dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/uv lock --check --quiet

bench: $(VENV)/.ready  ## how fast, as ratios within one run
	$(BIN)/pytest benchmarks -o python_files='bench_*.py' -o python_functions='bench_*' --benchmark-only --benchmark-columns=min,median,rounds

fuzz: $(VENV)/.ready  ## the property tests with many more examples
	HYPOTHESIS_PROFILE=long $(BIN)/pytest -n 2 tests -k property

.PHONY: help app test check bench fuzz
