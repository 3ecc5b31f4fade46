# Needs python3.11, cargo and node. Everything else goes into .venv, with the exact versions of requirements-lock.txt.
PYTHON ?= python3.11
VENV := .venv
PY := $(VENV)/bin/python
RUST := Cargo.toml $(wildcard Cargo.lock) $(shell find crates -name '*.rs' -o -name Cargo.toml)
# a stamp of its own for the build: maturin rewrites files that make cannot see
DEPS := $(VENV)/.deps
BUILT := $(VENV)/.built
export FEDPROOF_PYTEST_ARGS ?=

.PHONY: help build demo test test-rust test-python test-contracts test-differential lint format bench vectors artefacts docs fuzz
.PHONY: fuzz-contracts mutants clean

help:
	@echo "make demo     four hospitals train together, every update proven (about a minute)"
	@echo "make test     all tests, Rust, Solidity and Python"
	@echo "make lint     formatting, clippy, ruff, mypy"
	@echo "make bench    proving and verifying time, memory, proof size; accuracy against float32"
	@echo "make fuzz     coverage-guided fuzzing of decoders and verifiers (nightly, cargo-fuzz)"
	@echo "make fuzz-contracts  Solidity verifiers against Rust's on mutated proofs, until interrupted"
	@echo "make mutants  are mutants of the verifier noticed by the tests? (25 minutes)"
	@echo "make vectors  regenerate the golden vectors with the independent reference"
	@echo "make artefacts  contracts as package data, and the gas that they use"
	@echo "make docs     regenerate the pictures, the command line's reference, the tutorial's outputs"

$(DEPS): requirements-lock.txt
	@echo "· Python environment in $(VENV)"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --requirement requirements-lock.txt
	@touch $@

$(BUILT): $(DEPS) $(RUST) pyproject.toml
	@echo "· Rust core (the first build takes some minutes)"
	@PIP_QUIET=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH="$(CURDIR)/$(VENV)/bin:$$PATH" VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(VENV)/bin/maturin develop --release
	@touch $@

build: $(BUILT)

# anvil, without which the demonstration has no chain
demo: $(BUILT) node_modules/.installed
	@$(VENV)/bin/fedproof demo --out demo-out

test: test-rust test-contracts test-python test-differential

test-rust:
	@echo "· cargo test"
	@cargo test --release --workspace --quiet
	@cargo test --release --quiet -p fedproof-proof --features test-mutants --test mutants

# anvil and the compiler, without which the tests of the chain are skipped
test-python: $(BUILT) node_modules/.installed
	@echo "· pytest"
	@$(PY) -m pytest $(FEDPROOF_PYTEST_ARGS)

# exact versions stand in package-lock.json; forge and solc come as npm packages
node_modules/.installed: package.json package-lock.json
	@echo "· Solidity toolchain in node_modules"
	@npm ci --no-audit --no-fund --silent
	@touch $@

test-contracts: node_modules/.installed
	@echo "· forge test"
	@npm test --silent

# both verifiers on mutated proofs, see contracts/README.md
CASES ?= 2000
SEED ?= 1
test-differential: $(BUILT) node_modules/.installed
	@echo "· Rust and Solidity on $(CASES) mutated proofs"
	@npm run --silent build -- --silent contracts/src
	@$(PY) -m tools.differential --seed $(SEED) --cases $(CASES)

lint: $(DEPS)
	@echo "· cargo fmt, clippy"
	@cargo fmt --all --check
	@cargo clippy --release --workspace --all-targets --features fedproof-proof/test-mutants --quiet -- -D warnings
	@echo "· ruff, mypy"
	@$(VENV)/bin/ruff check --quiet
	@$(VENV)/bin/ruff format --check --quiet
	@$(VENV)/bin/mypy --no-error-summary

format: $(DEPS)
	@cargo fmt --all
	@$(VENV)/bin/ruff check --quiet --fix --exit-zero
	@$(VENV)/bin/ruff format --quiet

bench: $(BUILT)
	@$(PY) -m benches.prove --large
	@$(PY) -m benches.curves
	@$(PY) -m benches.accuracy

vectors: $(BUILT)
	@$(PY) -m vectors.reference.make vectors
	@FEDPROOF_UPDATE_VECTORS=1 cargo test --release --quiet -p fedproof-transcript -p fedproof-proof --test vectors --test forgery -- --test-threads 1
	@$(PY) -m vectors.reference.check vectors/core-*.json vectors/reference-*.json vectors/long-*.json

artefacts: $(BUILT) node_modules/.installed
	@npm run build --silent
	@$(PY) -m tools.artefacts
	@$(PY) -m tools.gas

docs: $(BUILT)
	@$(PY) -m tools.pictures
	@$(PY) -m tools.cli_reference
	@$(PY) -m tools.tutorial

# needs nightly and cargo-fuzz, see fuzz/README.md
SECONDS ?= 60
fuzz:
	@cargo run --release --quiet -p fedproof-fuzz --example corpus fuzz/corpus
	@for target in $$(ls fuzz/corpus); do \
		echo "· $$target"; cargo +nightly fuzz run $$target -- -max_total_time=$(SECONDS) -rss_limit_mb=2048 || exit 1; done

fuzz-contracts: $(BUILT) node_modules/.installed
	@npm run --silent build -- --silent contracts/src
	@$(PY) -m tools.differential --seed $(SEED)

# see docs/mutation.md
MINUTES ?= 25
MUTANTS ?= target/mutants
mutants:
	@test -d $(MUTANTS)/tree || $(PYTHON) tools/mutants.py build $(MUTANTS)
	@$(PYTHON) tools/mutants.py run $(MUTANTS) --minutes $(MINUTES)
	@$(PYTHON) tools/mutants.py survivors $(MUTANTS)

clean:
	@cargo clean --quiet
	@rm -rf $(VENV) demo-out .pytest_cache .ruff_cache .mypy_cache .hypothesis
