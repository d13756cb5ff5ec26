# make demo   install all, fetch the model, compile a request and run its plan on sample data
# make test   install all and run the tests
# make check  formatting, lint, types and the order of imports
# make fuzz   try what docs/decoding.md and docs/optimiser.md promise on 20,000 plans (two hours)
# make tune-smoke  train the smallest model for five minutes; fails unless it then plans better
# make adapters   train the adapters that come with planc (stdlib_tools/adapters)
# make eval-data   install the data of the benchmarks (23 MB, 230 MB unpacked) for planc eval

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := demo-home
REQUEST ?= Set up a zoom call with Sid and Nia tomorrow at 10 for a quarter of an hour, put it on my calendar and mail them the link

.PHONY: install demo test check fuzz eval-data training tune-smoke adapters clean

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "planc needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	@echo "Installing into $(VENV); building llama-cpp-python takes some minutes the first time."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@

demo: install
	@test -d $(DEMO) || cp -r examples/home $(DEMO)
	@echo; echo '$$ planc compile "$(REQUEST)" -o $(DEMO)/demo.plan'
	@PLANC_HOME=$(DEMO) $(BIN)/planc compile "$(REQUEST)" -o $(DEMO)/demo.plan
	@cat $(DEMO)/demo.plan
	@echo; echo '$$ planc compile $(DEMO)/demo.plan --emit dag'
	@PLANC_HOME=$(DEMO) $(BIN)/planc compile $(DEMO)/demo.plan --emit dag
	@echo; echo '$$ planc run $(DEMO)/demo.plan --yes'
	@PLANC_HOME=$(DEMO) $(BIN)/planc run $(DEMO)/demo.plan --yes
	@echo; echo "What it left in $(DEMO), to be opened with any calendar, mail or text program:"
	@find $(DEMO) -newer $(DEMO)/demo.plan -type f

test: install
	@$(BIN)/python -m pytest

fuzz: install
	@$(BIN)/python -m pytest -q tests/test_fuzz.py tests/test_passes.py tests/test_parallel.py --fuzz 20000

# What planc tune needs. On Linux the package index's torch brings the CUDA libraries, which planc does
# not use; a build of this version for the CPU that is installed before is left in place.
training: install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "torch==2.13.0"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,tune]"

tune-smoke: training
	@$(BIN)/python benchmarks/tune_smoke.py

# docs/training.md says how long each takes.
adapters: training
	@$(BIN)/planc tune --model qwen2.5-coder-0.5b --samples 8000 --out stdlib_tools/adapters/qwen2.5-coder-0.5b.gguf
	@$(BIN)/planc tune --model smollm2-135m --samples 16000 --out stdlib_tools/adapters/smollm2-135m.gguf
	@$(BIN)/planc tune --model qwen2.5-coder-0.5b --any-tools --samples 2500 --out stdlib_tools/adapters/qwen2.5-coder-0.5b-any.gguf
	@$(BIN)/planc tune --model qwen2.5-coder-1.5b --any-tools --samples 3200 --rank 8 --out stdlib_tools/adapters/qwen2.5-coder-1.5b-any.gguf
	@$(BIN)/planc tune --model qwen2.5-coder-1.5b --start stdlib_tools/adapters/qwen2.5-coder-1.5b-any.gguf --samples 2300 --out stdlib_tools/adapters/qwen2.5-coder-1.5b.gguf

# Without their dependencies, which take 6 GB and are not needed for the data and the judging.
eval-data: install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  "bfcl-eval==2026.3.23" "nestful-wrapper==0.1.7"

check: install
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_layers.py

clean:
	rm -rf $(VENV) $(DEMO) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
