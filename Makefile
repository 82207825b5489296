# Two commands do everything: `make demo` and `make test`. Both need Python 3.11+ and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
SPARK := .venv/.spark
PEERS := .venv/.peers
DEMO ?= demo
# What was compiled is kept: without it each start compiles the package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint bench slow clean

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,excel,postgres,server]'
	@touch $@

# Spark alone is larger than all the rest, so only `make slow` brings it.
$(SPARK): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,spark,browser]'
	@touch $@

.types/servicelift:
	@mkdir -p .types && ln -sfn .. $@

demo: $(STAMP)
	$(BIN)/servicelift demo --out $(DEMO)

lint: $(STAMP) .types/servicelift
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml --no-cache

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

slow: $(SPARK)
	$(BIN)/python -m pytest -m slow -n 2 --dist loadgroup --no-loadscope-reorder

# Peers that only benchmarks are measured against.
$(PEERS): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@touch $@

bench: $(PEERS)
	@for script in benchmarks/[!_]*.py benchmarks/designs/[!_]*.py benchmarks/effects/[!_]*.py benchmarks/pages/[!_]*.py benchmarks/service/[!_]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf .venv .types build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
