# The usual commands; CONTRIBUTING.md explains them. PYTHON names the Python that .venv is made with.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup test check bench demo

setup:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -c requirements-dev.txt -e '.[dev]'

test:
	$(BIN)/python -m pytest

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench:
	$(BIN)/python -m tests.benchmarks

demo:
	$(BIN)/serialdock demo
