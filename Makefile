# `make` or `make help` lists what there is to do. Everything is built into .venv, node_modules and
# var beside this file; deleting them is a fresh start.

HOST ?= 127.0.0.1
PORT ?= 8000
# Passed on to pytest: make test ARGS="-k booking"
ARGS ?=

# The first Python on the PATH that is new enough; `make run PYTHON=/path/to/python3.12` picks one.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; \
	done)
# uv installs in seconds what takes pip half a minute; `make run UV=` does without it.
UV ?= $(shell command -v uv)

VENV_PYTHON = .venv/bin/python
INSTALL = $(if $(UV),$(UV) pip install --quiet --python $(VENV_PYTHON),$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check)
# The machine's own npm, else the one that requirements-node.txt put into .venv.
NPM = PATH="$$PATH:$(CURDIR)/.venv/bin" npm --loglevel=error
# The embedded stack, whatever the caller's shell says.
EMBEDDED = env -u DATABASE_URL -u REDIS_URL
PYTEST = $(VENV_PYTHON) -m pytest
# As many tests at once as there are cores; `make test WORKERS=0` runs them one by one.
WORKERS ?= auto
AT_ONCE = -p tools.workers -n $(WORKERS)
# What a real site sets, with keys made up on the spot.
KEY = $$($(VENV_PYTHON) -c 'import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())')
PRODUCTION = SITE_URL=https://estateman.example SECRET_KEY=$(KEY)$(KEY) FIELD_KEYS=$(KEY)

.DEFAULT_GOAL := help
.PHONY: help run run-scaled test test-scaled test-browser test-standins cover check format bench lock clean

help: ## List what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# --- Run ------------------------------------------------------------------------------------------

run: .venv/.installed node_modules/.installed ## Serve the demo agency at http://127.0.0.1:8000 (HOST=, PORT=)
	@HOST=$(HOST) PORT=$(PORT) $(VENV_PYTHON) manage.py serve --demo

run-scaled: .venv/.installed node_modules/.installed ## Two web processes, two workers and beat on PostgreSQL and Redis (SERVER=uvicorn)
	@HOST=$(HOST) PORT=$(PORT) $(VENV_PYTHON) -m tools.run_scaled

# --- Test -----------------------------------------------------------------------------------------

test: .venv/.installed-dev ## Run the suite on the embedded stack (ARGS=)
	$(EMBEDDED) $(PYTEST) $(AT_ONCE) $(ARGS)

# The races run in up to 32 threads of one process, each with a connection of its own.
test-scaled: .venv/.installed-dev ## Run it on PostgreSQL and Redis, given or throwaway, with several processes
	DATABASE_POOL_SIZE=40 $(VENV_PYTHON) -m tools.throwaway -- $(PYTEST) $(AT_ONCE) --scaled $(ARGS)

test-browser: .venv/.installed-dev node_modules/.installed ## Drive the pages in headless Chromium
	$(EMBEDDED) $(PYTEST) --browser -m browser tests/browser $(ARGS)

test-standins: .venv/.installed-standins tests/standins/node_modules/.installed ## Speak to stand-ins of the vendors (Prism, localstripe, Radicale …)
	$(EMBEDDED) $(PYTEST) --standins -m standins tests/standins $(ARGS)

cover: .venv/.installed-dev ## Run the suite and show which lines it never reached
	$(EMBEDDED) $(VENV_PYTHON) -m coverage run -m pytest $(ARGS)
	$(VENV_PYTHON) -m coverage report

check: .venv/.installed-dev ## Format, lint, types, layers, migrations, deployment, API schema, templates
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	$(EMBEDDED) .venv/bin/mypy
	$(EMBEDDED) .venv/bin/lint-imports --no-logo
	$(EMBEDDED) $(VENV_PYTHON) manage.py makemigrations --check --dry-run
	$(EMBEDDED) $(PRODUCTION) $(VENV_PYTHON) manage.py check --deploy --fail-level WARNING
	$(EMBEDDED) $(VENV_PYTHON) manage.py spectacular --validate --fail-on-warn --file /dev/null
	.venv/bin/djlint --quiet --lint .

format: .venv/.installed-dev ## Format the code and mend what the linter can mend
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

bench: .venv/.installed-dev node_modules/.installed ## Measure all that docs/benchmarks.md tells of
	$(VENV_PYTHON) -m benchmarks

# --- Set up ---------------------------------------------------------------------------------------

# UPGRADE=1 moves every pin to the newest version; without it only what the .in files ask for moves.
LOCK = $(or $(UV),.venv/bin/uv) pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: .venv/.installed ## Write the lock files anew from requirements*.in and package.json (UPGRADE=1)
	$(if $(UV),,$(INSTALL) uv)
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt
	$(LOCK) requirements-standins.in --output-file requirements-standins.txt
	$(LOCK) requirements-node.in --output-file requirements-node.txt
	$(NPM) install --package-lock-only --ignore-scripts
	cd tests/standins && $(NPM) install --package-lock-only --ignore-scripts

clean: ## Delete what was built; var, with its database and keys, stays
	rm -rf .venv node_modules tests/standins/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache test-results

$(VENV_PYTHON):
	$(if $(PYTHON),,$(error Estateman needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Estateman needs Python 3.11 or newer: $(PYTHON) is " + sys.version.split()[0])'
	@echo "Making .venv with $(PYTHON) ..."
	@$(PYTHON) -m venv .venv

# A stamp is newer than the lock it was installed from, so a second start does nothing here.
.venv/.installed: requirements.txt | $(VENV_PYTHON)
	@echo "Installing requirements.txt ..."
	@$(INSTALL) --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing requirements-dev.txt ..."
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.installed-standins: requirements-standins.txt .venv/.installed-dev
	@echo "Installing requirements-standins.txt ..."
	@$(INSTALL) --require-hashes -r requirements-standins.txt
	@touch $@

# A machine without Node gets it as a Python package, into .venv.
%node_modules/.installed: %package-lock.json | .venv/.installed
	@echo "Installing what stands in $< ..."
	@{ command -v node && command -v npm; } >/dev/null || $(INSTALL) --require-hashes -r requirements-node.txt
	@cd ./$* && $(NPM) ci --ignore-scripts
	@touch $@

node_modules/.installed: package-lock.json | .venv/.installed
	@echo "Installing the page libraries ..."
	@{ command -v node && command -v npm; } >/dev/null || $(INSTALL) --require-hashes -r requirements-node.txt
	@$(NPM) ci --ignore-scripts
	@touch $@
