# make demo: label and profile the sample articles.  make test: tests, lint and types.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test browser-test lint types notebooks pictures clean

demo: $(VENV)/.installed
	$(BIN)/framing run framing/samples/articles.jsonl -o demo --device cpu --force

test: $(VENV)/.installed-dev lint types
	$(BIN)/python -m pytest

# The report in a browser: needs chromium (apt-get install chromium) and npm (for axe-core).
browser-test: $(VENV)/.installed-dev
	$(BIN)/pip install -q -c constraints.txt -e '.[browser]'
	npm install --silent --prefix build/axe axe-core@4
	$(BIN)/python -m pytest tests/test_browser.py

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

notebooks: $(VENV)/.installed-dev
	$(BIN)/python docs/notebooks.py

# The README's session, figures and picture; needs chromium (apt-get install chromium).
pictures: $(VENV)/.installed-dev
	$(BIN)/pip install -q -c constraints.txt -e '.[browser]'
	$(BIN)/python docs/remake.py

clean:
	rm -rf $(VENV) demo dist build .mypy_cache .ruff_cache .pytest_cache

# torch first: PyPI's newest build would bring gigabytes of GPU packages (see constraints.txt).
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt torch
	$(BIN)/pip install -q -c constraints.txt -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	touch $@
