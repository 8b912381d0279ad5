# Two commands matter: `make report` and `make test`. `make` alone prints this help.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CASE ?= unicredit
SHIPPED := unicredit lush tre-italia
CHOSEN = $(if $(filter command%,$(origin CASE)),$(if $(filter all,$(CASE)),$(SHIPPED),"$(CASE)"),$(SHIPPED))
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# One thread per process: sums must not depend on how many cores the machine has.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: help setup report compare test test-slow verify accept lab lint newest bench bench-peers bench-logs lock inventory clean

help: ## Show this help
	@echo "exit-study: what does leaving a platform do to engagement and to service volume?"
	@echo
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "Another case: make report CASE=name (a folder under data/raw) or CASE=path/to/case-folder"

# Keyed on the lock's and the project file's content, so a fresh clone's timestamps do not matter.
setup: ## Make .venv with exactly the versions of requirements.lock
	@PYTHON="$(PYTHON)" bash tools/setup.sh

report: setup ## Run the study of CASE (default unicredit) and print where the report is
	@$(BIN)/exit-study run "$(CASE)"

compare: setup ## Lay every case that has a report side by side and print where the page is
	@$(BIN)/exit-study compare

test: setup ## Run the tests (under 15 minutes on two cores, set-up included)
	@bash tools/browser.sh
	@bash tools/actionlint.sh
	@$(BIN)/ruff check .
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-slow: setup ## Long measurements: coverage over simulated worlds; rewrites benchmarks/*.md (or those of TESTS alone)
	@$(BIN)/python -m pytest -m slow $(TESTS)

verify: setup ## Rebuild all that ships (or CASE) elsewhere and compare every published byte
	@$(BIN)/exit-study verify $(CHOSEN)

accept: setup ## Renew the reports of CASE (or CASE=all) and show what moved
	@$(BIN)/exit-study accept $(CHOSEN)

lab: setup ## Open JupyterLab on the notebooks with CASE preselected (LAB="options of jupyter lab")
	@EXIT_STUDY_CASE="$(CASE)" $(BIN)/jupyter lab notebooks $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB)

lint: setup ## Style and import order
	@$(BIN)/ruff check .

bench: setup ## Print timings as ratios against named limits
	@$(BIN)/python -m benchmarks

bench-peers: setup ## Ours beside the peers (environments made on demand); rewrites benchmarks/peers.md
	@$(BIN)/python -m benchmarks.peers

bench-logs: setup ## A hundred million events, time and memory (2 GB of disk); rewrites benchmarks/large_logs.md
	@$(BIN)/python -m benchmarks.large_logs

lock: ## Resolve versions anew: requirements.lock and environment.yml together
	@PYTHON="$(PYTHON)" bash tools/lock.sh

newest: ## Rebuild all that ships with the newest version of every dependency; writes newest.md: what moved
	@PYTHON="$(PYTHON)" bash tools/newest.sh $(SHIPPED)

inventory: setup ## Rewrite the inventory in ARCHITECTURE.md from the code
	@$(BIN)/python tools/architecture.py

clean: ## Remove built reports and processed tables (never raw data)
	@$(BIN)/exit-study clean --all
