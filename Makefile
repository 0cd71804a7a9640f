# `make run` is the whole product on a machine that has Python 3.11 and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# torch comes as many builds: name the one that fits your machine, or install it into .venv before.
TORCH ?= torch==2.13.0
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# Three at a time keep two cores busy, since tests wait for processes and real time. In the order of their names the
# long files come first (acceptance, integration) and small ones last; by their number of tests it would be the other way.
TESTS := $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

# Images with Python in them tend to set it; every process would compile all of ttsd anew.
unexport PYTHONDONTWRITEBYTECODE

HEAVY := $(TESTS) -m heavy

.DEFAULT_GOAL := help
.PHONY: help run test heavy check oracle bench tui screenshot install uninstall clean

help:
	@echo 'make run        try it: a daemon below ./var that speaks a sample'
	@echo 'make tui        the terminal app, with that daemon'
	@echo 'make test       the tests'
	@echo 'make heavy      further tests, of half a minute each'
	@echo 'make check      format, lint, types, layers, tests'
	@echo 'make oracle     the official Qwen3-TTS package beside ours, to compare with'
	@echo 'make bench      the benchmarks that need no GPU'
	@echo 'make screenshot the pictures in docs/pictures, taken anew'
	@echo 'make install    the service, for this machine (as root)'
	@echo 'make uninstall  take it away again'
	@echo 'make deb        the same as a Debian package'
	@echo 'make clean      remove .venv, ./var and what tools left'

run: $(VENV)/.installed
	@$(BIN)/python -m ttsd.cli.try_out

# It reaches the daemon of `make run`, when that runs.
tui: export TTSD_SOCKET ?= $(realpath var/run/ttsd/ttsd.sock)
tui: $(VENV)/.installed
	@$(BIN)/ttsd-tui

test: $(VENV)/.installed-dev
	$(TESTS)

heavy: $(VENV)/.installed-dev
	$(HEAVY)

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(TESTS)

# The official package in an environment of its own: what the goldens come from, and what CI holds a sample against.
oracle: $(VENV)-oracle/.installed

$(VENV)-oracle/.installed:
	@$(PYTHON) -m venv $(VENV)-oracle
	@$(VENV)-oracle/bin/python -m pip install --quiet --disable-pip-version-check '$(TORCH)'
	@$(VENV)-oracle/bin/python -m pip install --quiet --disable-pip-version-check transformers==4.57.3 soundfile librosa
	@$(VENV)-oracle/bin/python -m pip install --quiet --disable-pip-version-check --no-deps qwen-tts==0.1.1
	@touch $@

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

screenshot: $(VENV)/.installed
	$(BIN)/python docs/screenshot.py

clean:
	rm -rf $(VENV) $(VENV)-oracle var build dist *.egg-info .coverage* .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'ttsd needs Python 3.11 or later: make PYTHON=/path/to/python3.11'; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo 'On Debian: apt install python3-venv'; exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing what the daemon needs into $(VENV) (half a minute) …'
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'Installing what the tests need into $(VENV) (two minutes) …'
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(PIP) '$(TORCH)'
	@$(PIP) --editable '.[dev,qwen,formats,languages]'
	@CACHE_DIRECTORY=$(VENV)/cache $(BIN)/ttsd model pull voices
	@touch $@ $(VENV)/.installed

include systemd/install.mk
include debian/deb.mk
