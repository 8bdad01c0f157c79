# One command for each thing people do here; CI calls the same targets.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
NPM    := $(shell command -v npm 2>/dev/null)
EVM_CORE := $(shell find node/evm/core -name '*.[ch]pp')
GUESTS := $(shell find node/recursion/riscv/guest node/evm/guest -name '*.[ch]pp' -o -name '*.h')
NATIVE := CMakeLists.txt $(EVM_CORE) $(wildcard node/evm/core/CMakeLists.txt node/state/native/*.*) \
	cuda/CMakeLists.txt $(shell find cuda/bind cuda/include cuda/src/cpu cuda/src/riscv -name '*.[ch]pp')

.PHONY: demo devnet setup tools build check format test conformance fuzz e2e bench soundness circuits guests lock clean

demo: setup                    ## The main job: replay a month of real option markets on a local chain.
	$(BIN)/strikefold demo options

devnet: setup                  ## A local chain with funded accounts on http://127.0.0.1:8545.
	$(BIN)/strikefold devnet

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml requirements.lock $(NATIVE)
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=requirements.lock $(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

build:                         ## Recompile the C++ core.
	rm -f $(VENV)/.installed
	$(MAKE) setup

# Contracts, anvil and JavaScript clients for the tests that use them; without npm those tests are skipped.
tools: genesis/contracts/node_modules/.installed tests/e2e/node_modules/.installed

%/node_modules/.installed: %/package-lock.json
ifdef NPM
	cd $* && npm ci --silent --no-audit --no-fund
	touch $@
endif

check: setup                   ## Lint, types, layers.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/clang-format --dry-run -Werror $(EVM_CORE) $(GUESTS)

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/clang-format -i $(EVM_CORE) $(GUESTS)

test: setup tools              ## The default tests: unit, end to end, and a rotating sample of conformance.
	$(BIN)/pytest -m 'not slow and not gpu' --numprocesses 2 --dist loadfile

conformance: setup             ## Every official fixture, none left out; resumes where it was stopped.
	$(BIN)/python -m tests.conformance.eest run --jobs 2 --resume .eest/progress

fuzz: setup                    ## libFuzzer on the EVM core, five minutes a target; needs clang.
	$(BIN)/python -m tests.fuzz.run

soundness: setup               ## Forged proofs and mutated traces, all of them.
	$(BIN)/pytest tests/soundness

e2e: setup tools               ## Real processes and real clients, the long ones too.
	$(BIN)/pytest -m e2e tests/e2e

bench: setup tools             ## Ratios against named peers.
	$(BIN)/pytest tests/benchmark --benchmark-enable --benchmark-only

circuits: setup                ## Write the circuits' golden files again; review what changes.
	$(BIN)/python -m tests.golden.circuits

guests: setup                  ## Build the programs of the zkVM again; review what changes.
	$(BIN)/python -m node.recursion.riscv.guest.build
	$(BIN)/python -m node.rollup.proving.program
	$(BIN)/python -m tests.golden.blocks

lock: setup                    ## Renew the exact pins.
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-annotate pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build .eest
