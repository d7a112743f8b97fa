# SPDX-License-Identifier: GPL-3.0-or-later
# Needs python3 (3.11 or newer), make and a package registry; everything else is installed below .venv.

MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
COLLECTION := collections/ansible_collections/workspot/assist
SIMULATE := $(BIN)/python -m simulator run --pool simulator/pools/demo.yml --

USER_TO_HELP ?= jdoe
ARGS ?=
WORKERS ?= 2
GATES ?=
INVENTORY ?= inventories/example

# Nothing of the caller's own Ansible settings takes part in a run from this Makefile.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
unexport ANSIBLE_COLLECTIONS_PATH ANSIBLE_INVENTORY ANSIBLE_STDOUT_CALLBACK

.DEFAULT_GOAL := help
.PHONY: help demo test lint types unit venv venv-dev venvs debian verify-host image-check bench quality molecule fuzz build \
	execution-environment clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-21s  %s\n", $$1, $$2}' Makefile

venv: ## the virtual environment for the controller and the simulated pool
	@python3 tools/venv.py $(VENV) requirements.txt requirements-simulator.txt

venv-dev: venv
	@python3 tools/venv.py $(VENV) requirements-dev.txt

venvs: venv-dev ## further ansible-core versions and Molecule, for the tests
	@python3 tools/venv.py --if-present --python 3.11 --pin ansible-core==2.18.19 \
	    .venvs/ansible-2.18 requirements-connections.txt
	@python3 tools/venv.py --if-present --python 3.12 --pin ansible-core==2.21.5 \
	    .venvs/ansible-2.21 requirements-connections.txt
	@python3 tools/venv.py .venvs/awx requirements-awx.txt
	@python3 tools/venv.py --prefer 3.12 .venvs/molecule requirements-molecule.txt

demo: venv ## help jdoe on a simulated pool of five Windows hosts (USER_TO_HELP=..., ARGS=...)
	@$(SIMULATE) $(BIN)/ansible-playbook -i inventories/simulated playbooks/assist.yml \
	    -e user='$(USER_TO_HELP)' $(ARGS)

test: debian venvs lint types quality unit ## lint, types, quality and all tests

lint: venv-dev ## ruff, and the playbooks' syntax
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ansible-playbook -i inventories/simulated --syntax-check playbooks/*.yml

types: venv-dev ## mypy, strict
	$(BIN)/mypy $(COLLECTION)/plugins/plugin_utils simulator

unit: venv-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations=15 $(ARGS)

fuzz: venv-dev ## the tests that make up their input, with new input each time (ARGS=...)
	WORKSPOT_ASSIST_EXAMPLES=new-examples $(BIN)/python -m pytest -m hypothesis $(ARGS)

debian:
	@python3 tools/debian_packages.py --missing-only || true

verify-host: venv ## check the uncertain Windows facts against one real host (HOST=... INVENTORY=...)
	@test -n "$(HOST)" || { echo "usage: make verify-host HOST=desk-01 [INVENTORY=inventories/example]"; exit 2; }
	@$(BIN)/ansible-playbook -i $(INVENTORY) tests/verify_host/verify_host.yml -e verify_host='$(HOST)' $(ARGS)

image-check: venv ## is this one host as the role pool_host wants it? writes nothing (HOST=... INVENTORY=... ARGS=...)
	@test -n "$(HOST)" || { echo "usage: make image-check HOST=gold-01 [INVENTORY=inventories/example]"; exit 2; }
	@$(BIN)/ansible-playbook -i $(INVENTORY) playbooks/image_check.yml -e image_host='$(HOST)' $(ARGS)

bench: venv-dev ## exchanges and times, written to docs/benchmarks.md by hand after a look
	$(BIN)/python -m benchmarks $(ARGS)

quality: ## ansible-lint, ansible-test, docs, changelog, archive (GATES="lint docs ..." for these alone)
	@python3 tools/venv.py --prefer 3.12 .venvs/quality requirements-quality.txt
	@.venvs/quality/bin/python tools/quality.py $(GATES)

molecule: ## the role's scenario: create, converge, idempotence, verify, destroy (ARGS=converge ...)
	@python3 tools/venv.py --prefer 3.12 .venvs/molecule requirements-molecule.txt
	@cd $(COLLECTION)/extensions && PATH="$(CURDIR)/.venvs/molecule/bin:$$PATH" ANSIBLE_CONFIG= \
	    $(CURDIR)/.venvs/molecule/bin/molecule $(or $(ARGS),test)

build: venv ## the collection as an archive, below build/
	mkdir -p build
	$(BIN)/ansible-galaxy collection build --force --output-path build $(COLLECTION)

execution-environment: build ## the context of the container for AWX, below build/ (needs no container engine)
	@python3 tools/venv.py .venvs/awx requirements-awx.txt
	.venvs/awx/bin/ansible-builder create -c build/execution-environment --output-filename Containerfile

clean: ## everything that make made; invitations stay
	rm -rf $(VENV) .venvs build verify-host .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf $(COLLECTION)/tests/output $(COLLECTION)/.hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
