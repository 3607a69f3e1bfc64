# Every target works on a fresh machine with Python 3.11+ and make: the environment is made when it is missing or old.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/ready
BOOK := _build/html/index.html
SOURCES := _config.yml _toc.yml requirements.lock $(shell find book data src tests/oracle -type f -not -path '*/__pycache__/*' -not -path '*.egg-info*')

.PHONY: book test lint serve reference lock clean

book: $(READY)
	$(BIN)/review build

test: export JUPYTER_DEFAULT_PROVISIONER_NAME = warm
test: $(READY) $(BOOK)
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=600 -n auto --dist loadscope tests book _build/executed

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src

serve: $(BOOK)
	$(BIN)/review serve

# The outputs stored in book/*.ipynb and the findings in README.md, made anew from the shipped data.
reference: $(READY)
	$(BIN)/review reference

# Needs uv; the lock names no package index.
lock:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header -o requirements.lock

clean:
	rm -rf _build .venv

$(BOOK): $(READY) $(SOURCES)
	$(BIN)/review build

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)
