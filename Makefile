# `make` sets up, proves and builds the series, and announces its newest article to a sample
# subscriber of a demonstration. `make test` passes the tests. `make check` is what the gate adds.

VENV ?= .venv
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
RUN = $(VENV)/bin/python
PIP_FLAGS = --quiet --disable-pip-version-check --no-input --require-hashes

# An older pip would build the one source package in its old way, and say so. Newer ones know no other.
export PIP_USE_PEP517 = 1

.PHONY: all test check
.DELETE_ON_ERROR:

all: $(VENV)/.runtime
	@$(RUN) build.py build --search
	@$(RUN) build.py newsletter demo
	@echo "open site/index.html in a browser, and that .eml file in a mail program"

test: $(VENV)/.development
	@$(RUN) -m pytest -n auto $(PYTEST)

check: $(VENV)/.development
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check
	@$(RUN) -m mypy

$(VENV)/.runtime: requirements.lock
	@$(call install,requirements.lock)
	@touch $@

$(VENV)/.development: requirements-development.lock requirements.lock
	@$(call install,requirements-development.lock)
	@touch $(VENV)/.runtime $@

# Debian's python3 comes without ensurepip: then the machine's own pip fills the environment.
define install
	test -n "$(PYTHON)" || { echo "Proofpress needs Python 3.11 or newer: make PYTHON=..." >&2; exit 1; }; \
	if test -x $(VENV)/bin/pip || $(PYTHON) -m venv $(VENV) >/dev/null 2>&1; then \
		$(RUN) -m pip install $(PIP_FLAGS) -r $(1); \
	elif $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		$(PYTHON) -m pip --python $(RUN) install $(PIP_FLAGS) -r $(1); \
	else \
		echo "This Python has neither ensurepip nor pip: on Debian, apt-get install python3-venv" >&2; exit 1; \
	fi
endef

# For who changes the dependencies: the locks hold for each Python and platform.
.PHONY: locks
locks:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		pyproject.toml --group dev -o requirements-development.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
		--group audit -o requirements-audit.lock
