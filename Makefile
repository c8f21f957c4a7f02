# Every target sets up what it needs; nothing has to be installed by hand but Python >= 3.11 and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint types check ui rules-docs accuracy bench pollock fuzz tamper bench-ledger bench-ingest bench-engine bench-correct bench-report faults histories crowds lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.runtime ## set up, generate a messy sample catalogue, and take it through the pipeline
	@$(BIN)/validahub demo

ui: $(VENV)/.runtime ## open Dagster (webserver and daemon) on the embedded services
	@$(BIN)/validahub up

test: $(VENV)/.dev ## set up and run the test suite
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## style, formatting and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev ## type check
	$(BIN)/mypy

check: lint types test ## everything that has to be green

bench: $(VENV)/.dev ## measure the pipeline's speed and memory
	$(BIN)/python -m bench

rules-docs: $(VENV)/.runtime ## write the catalogue of rules anew (docs/rules)
	@$(BIN)/validahub rules docs -o docs/rules

pollock: $(VENV)/.dev ## score the intake on polluted files, as Pollock does
	$(BIN)/python -m tests.ingest.pollution

accuracy: $(VENV)/.dev ## damage 100,000 clean cells in every known way, correct them, and write down the figures
	$(BIN)/python -m tests.accuracy.trials --write --count $(or $(COUNT),100000) --seed $(or $(SEED),1)

fuzz: $(VENV)/.dev ## twenty minutes of whatever bytes against the intake (MINUTES=20)
	$(BIN)/python -m tests.ingest.fuzz --minutes $(or $(MINUTES),20)

tamper: $(VENV)/.dev ## tamper with a lake in every way, some thousand times (SEEDS=100)
	$(BIN)/python -m tests.faults.test_tampering --seeds $(or $(SEEDS),100)

bench-ledger: $(VENV)/.dev ## measure appends at 100,000 commits and the verification of a million events
	$(BIN)/python -m bench.ledger

bench-ingest: $(VENV)/.dev ## measure the intake against plain polars on 1 GB (ROWS=2400000)
	$(BIN)/python -m bench.ingest --rows $(or $(ROWS),2400000)

faults: $(VENV)/.dev ## kill and harm appends and whole validations, 500 times (TRIALS=500 SEED=1 JOBS=1)
	$(BIN)/python -m tests.faults.trials --trials $(or $(TRIALS),500) --seed $(or $(SEED),1) --jobs $(or $(JOBS),1)

histories: $(VENV)/.dev ## rebuild the state after 1,000 mixed operations under kills, and compare (OPERATIONS=1000 SEED=1)
	$(BIN)/python -m tests.faults.histories --operations $(or $(OPERATIONS),1000) --seed $(or $(SEED),1)

crowds: $(VENV)/.dev ## 8 writers append 200 events each to one ledger, in a folder and on S3 (WRITERS=8 APPENDS=200)
	$(BIN)/python -m tests.faults.crowds --writers $(or $(WRITERS),8) --appends $(or $(APPENDS),200)

bench-engine: $(VENV)/.bench ## measure the engine on 1 GB, beside other tools (ROWS=2400000 REPEAT=3)
	$(BIN)/python -m bench.engine --rows $(or $(ROWS),2400000) --repeat $(or $(REPEAT),3)

bench-correct: $(VENV)/.dev ## measure correcting and publishing 1 GB against plain polars (ROWS=2400000 REPEAT=3)
	$(BIN)/python -m bench.delivering --rows $(or $(ROWS),2400000) --repeat $(or $(REPEAT),3)

bench-report: $(VENV)/.dev ## open the report on a million violations in headless Chromium (ROWS=150000)
	$(BIN)/python -m bench.report_page --rows $(or $(ROWS),150000)

# The locks carry versions and hashes, never the address of an index.
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
lock: $(VENV)/.bootstrap ## resolve the dependencies anew
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.lock
	$(LOCK) pyproject.toml -o requirements/runtime.lock
	$(LOCK) --extra dev -c requirements/runtime.lock pyproject.toml -o requirements/dev.lock
	$(LOCK) --extra dev --extra bench -c requirements/dev.lock pyproject.toml -o requirements/bench.lock

clean: ## remove the virtual environment and everything embedded
	rm -rf $(VENV) .validahub

$(VENV)/.bootstrap: requirements/bootstrap.lock
	@echo "Setting up the virtual environment (once; a minute or two) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ValidaHub needs Python 3.11 or newer; set PYTHON=/path/to/python3")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

$(VENV)/.runtime: $(VENV)/.bootstrap requirements/runtime.lock pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/runtime.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.lock
	@touch $@
