# Ấn Tín. `make run` starts everything, `make test` proves it; both install what they need.
.PHONY: help setup setup-dev run test check format bench interop faults mutants docs lock migration clean
PY := .venv/bin/python

help:        ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:       ## install into .venv what running needs (no root; instant when nothing changed)
	@deploy/setup.sh requirements.lock

setup-dev:   ## the same, with what testing needs
	@deploy/setup.sh requirements-dev.lock

run: setup   ## start the product and the demo city in the foreground; Ctrl-C stops it
	@exec .venv/bin/antin run --demo

test: setup-dev  ## every suite; as root it installs PostgreSQL and a browser where they are missing
	@deploy/test-tools.sh
	@$(PY) -m tests.suites

check: setup-dev  ## style, types, import rules, stale documents
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m docs.generate --check

format: setup-dev  ## put the code into shape
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup-dev  ## measure; rewrites docs/performance.md
	$(PY) -m bench

interop: setup-dev  ## other people's software against ours
	@deploy/test-tools.sh
	@$(PY) -m tests.interop.run || [ $$? = 77 ]  # 77: skipped, with its reason said

faults: setup-dev  ## races between two servers, 1,000 of every kind; a million abandoned requests: minutes
	@deploy/test-tools.sh
	@ANTIN_TEST_ROUNDS=1000 ANTIN_TEST_ABANDONED=1000000 $(PY) -m pytest -q --no-header -s tests/faults
	@ANTIN_TEST_ROUNDS=1000 $(PY) -m pytest -q --no-header tests/contract/test_reseal.py tests/contract/test_key_disk_full.py
	@ANTIN_TEST_ROUNDS=1000 $(PY) -m pytest -q --no-header --database postgresql tests/contract -k "race or reach"
	@ANTIN_STATUS_TRIALS=100 $(PY) -m pytest -q --no-header -s tests/contract/test_status_race.py

mutants: setup-dev  ## 20,000 damaged and forged signatures of every format through the verifier: minutes
	@$(PY) -W ignore -m tests.mutants

docs: setup-dev  ## write the generated pages of docs/
	$(PY) -m docs.generate

lock: setup-dev  ## bring the locks up to date with pyproject.toml
	deploy/lock.sh

migration: setup-dev  ## name=… : write the revision that makes up the difference to the models
	$(PY) -m migrations.new $(name)

clean:       ## forget the environment and the demo's state
	rm -rf .venv var
