# CX Warehouse. `make demo` and `make test` do all their own set-up; `make help` lists the rest.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
SHELL := /bin/bash
# where it is set, each of the many processes compiles the packages anew: that is minutes
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PYTHON := $(VENV)/bin/python
INBOX ?=
NAME ?=
DAY ?=
REASON ?=

.PHONY: help install demo down clean test check bench lock format docs check-source dry-run replay hold release pause resume soak

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

install: $(VENV)/installed ## Make the virtual environment

$(VENV)/installed: requirements.txt
	@find_python() { for p in python3 python3.13 python3.12 python3.11; do \
	    if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
	    then echo $$p; return; fi; done; }; \
	python=$$(find_python); \
	if [ -z "$$python" ]; then echo "Python 3.11, 3.12 or 3.13 is needed: install one and try again."; exit 1; fi; \
	echo "Installing into $(VENV) …"; \
	$$python -m venv $(VENV) || { echo "venv is missing: install python3-venv and try again."; exit 1; }; \
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv \
	    || { echo "The package index cannot be reached: check the network or the proxy, then try again."; exit 1; }; \
	VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --system-certs --only-binary :all: -r requirements.txt \
	    || { echo "The packages could not be installed: uv's message above names the one."; exit 1; }
	@touch $@

demo: install ## From nothing to published marts; INBOX=<folder> runs on a folder of files
	@$(PYTHON) -m include.demo up $(if $(INBOX),--inbox $(INBOX))

down: install ## Stop all that `make demo` started
	@$(PYTHON) -m include.demo down

clean: install ## Stop, and forget the demo's data
	@$(PYTHON) -m include.demo clean

check-source: install ## NAME=<source>: credential, scopes, one page of each stream, what would land
	@$(PYTHON) -m include.landing check "$(NAME)"

dry-run: install ## NAME=<source>: read what the next pull would, and take nothing
	@$(PYTHON) -m include.landing dry-run "$(NAME)"

replay: install ## NAME=<source> DAY=2026-11-20: read a day again
	@$(PYTHON) -m include.landing replay "$(NAME)" "$(DAY)"

hold: install ## NAME=<source> REASON='…': keep a source at its published state
	@$(PYTHON) -m include.landing hold "$(NAME)" "$(REASON)"

release: install ## NAME=<source>: let a source that was held catch up
	@$(PYTHON) -m include.landing release "$(NAME)"

pause: install ## NAME=<source>: let its Dag run no more
	@$(PYTHON) -m include.demo pause "$(NAME)"

resume: install ## NAME=<source>: let its Dag run again
	@$(PYTHON) -m include.demo resume "$(NAME)"

test: install ## Everything that checks the project, beside a running demo
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	@$(PYTHON) -m pytest -n 4 --no-loadscope-reorder

check: install ## What needs no server, in under a minute
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	@$(PYTHON) -m pytest -m "not server and not soak"

soak: install ## Every source against every misbehaviour; prints the table of cases
	@$(PYTHON) -m pytest -n 4 --no-loadscope-reorder -m "soak or not soak" tests/sources/test_matrix.py

bench: install ## Ratios, both sides measured in the same run
	@$(PYTHON) -m tests.bench

format: install ## Format Python
	@$(PYTHON) -m ruff format .

docs: install ## Write docs/inbox.md from the contracts, docs/sources from the sources
	@$(PYTHON) -m include.handbook

lock: install ## Write requirements.txt from requirements.in
	@$(VENV)/bin/uv pip compile --quiet --system-certs --universal --no-header --no-annotate --python-version 3.11 \
	    requirements.in -o requirements.txt
