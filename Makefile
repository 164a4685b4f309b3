# `make` alone lists the targets. A target's line ends in `##` and what it does.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

# The oldest Python that the lock is made for comes first: its wheels are sure to exist.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
UV := $(BIN)/uv --quiet
# Compiled once, here, instead of anew by every process: a training starts eleven of them.
unexport PYTHONDONTWRITEBYTECODE
# TensorFlow's wheel is half a gigabyte: a slow line needs longer than uv's 30 seconds.
export UV_HTTP_TIMEOUT ?= 600
WORKSPACE ?= .swayrec

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The stamp is touched last, so a set-up that was interrupted starts again; each of its steps may be repeated.
$(READY): requirements.lock requirements-files.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Swayrec needs Python 3.11 or newer: install python3.11 and python3.11-venv, or give PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up .venv with $(PYTHON); the packages take about 3 GB"
	@$(PYTHON) -m venv .venv || { echo "$(PYTHON) cannot make virtual environments: install python3.11-venv" >&2; exit 1; }
	@awk '/^[^ ]/ { keep = /^uv==/ } keep' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@$(UV) pip sync --python $(BIN)/python --compile-bytecode --require-hashes requirements.lock requirements-files.lock
	@$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: setup
setup: $(READY) ## make the virtual environment (every other target does so when it must)

.PHONY: run
run: $(READY) ## from here to a served recommendation on real data
	@$(BIN)/swayrec demo --workspace $(WORKSPACE)

# Two halves of about the same length, side by side: no test of this one needs the trained workspace of the other.
TEST := $(BIN)/python -m pytest -q -m "not soak" --system=skip
HALF := tests/serving tests/feature_repo tests/learning tests/evaluation tests/tables

.PHONY: test
test: $(READY) ## run all tests that need nothing but Python
	@mkdir -p build; \
	$(TEST) $(HALF) >build/test-half.txt 2>&1 & half=$$!; \
	trap 'kill -INT $$half' INT TERM; \
	others=0; ended=0; \
	$(TEST) $(HALF:%=--ignore=%) 2>&1 | tee build/test-others.txt || others=$$?; \
	wait $$half || ended=$$?; \
	cat build/test-half.txt; \
	grep -h -E '^(FAILED|ERROR) ' build/test-others.txt build/test-half.txt || true; \
	exit $$((others | ended))

# What tests marked `system` need, each as program:Debian's package.
SYSTEM := redis-server:redis-server prometheus:prometheus chromium:chromium java:openjdk-17-jre-headless \
	podman:podman runc:runc debootstrap:debootstrap

# A service that Debian starts with its package is stopped: the tests start their own.
.PHONY: test-system
test-system: $(READY) ## run the tests that need a system program (Redis, Prometheus, Chromium, Java, podman); installs it from Debian where it is missing
	@missing=$$(for need in $(SYSTEM); do command -v $${need%:*} >/dev/null || echo $${need#*:}; done); \
	test -n "$$missing" || exit 0; \
	root=; test "$$(id -u)" = 0 || root=sudo; \
	$$root apt-get -qq update; \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $$missing; \
	test ! -d /run/systemd/system || for service in $$missing; do \
		$$root systemctl disable --quiet --now $$service 2>/dev/null || true; done
	@$(BIN)/python -m pytest -q -m "system and not soak" --system=must

.PHONY: soak
soak: $(READY) ## long reliability runs: an intake that is killed 50 times, on both logs where Redis is there
	@$(BIN)/python -m pytest -q -m soak --system=may

SCENARIOS ?= $(wildcard pipelines/scenarios/*.toml)
.PHONY: bench
bench: $(READY) ## quality of every scenario beside baselines and ablations, into docs/results.md (hours; it goes on where it stopped)
	@$(BIN)/swayrec bench $(SCENARIOS) --workspace $(WORKSPACE) --results docs/results.md

.PHONY: bench-freshness
bench-freshness: $(READY) ## how soon a recommendation has what was posted (on a copy of a trained WORKSPACE)
	@$(BIN)/python -m tests.benchmarks.freshness --workspace $(WORKSPACE)

.PHONY: bench-serving
bench-serving: $(READY) ## what an answer costs: latency, throughput, memory, reload, growth (half an hour, on a quiet machine)
	@$(BIN)/python -m tests.benchmarks.serving

.PHONY: bench-monitoring
bench-monitoring: $(READY) ## whether monitoring finds planted faults in real logs, and its false alarms (an hour and a half)
	@$(BIN)/python -m tests.benchmarks.monitoring

EVENTS ?= 1000000,10000000
ENGINES ?= duckdb,spark
.PHONY: bench-engines
bench-engines: $(READY) ## what ingest and choices cost by engine on generated logs of EVENTS, and the fit of influence (an hour)
	@$(BIN)/python -m tests.benchmarks.engines --events $(EVENTS) --engines $(ENGINES)

.PHONY: lint
lint: $(READY) ## style, types, and which package may import which
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(READY) ## put all code into the one style
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: site
site: $(READY) ## build the documentation as a site into build/site, in English and Chinese
	@$(BIN)/python -m swayrec.documentation.site_pages
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

.PHONY: docs
docs: $(READY) ## write the pages that are made from code: components' READMEs, docs/cli.md, docs/scenario.md, docs/openapi.json, tables
	@$(BIN)/python -m components.documentation
	@$(BIN)/python -m swayrec.documentation

# Packages for `kfp pipeline create`, and the same as objects of a cluster whose KFP keeps pipelines in the Kubernetes API.
.PHONY: pipelines
pipelines: export SWAYREC_IMAGE ?= swayrec:latest
pipelines: export SWAYREC_GPU_IMAGE ?= $(SWAYREC_IMAGE)-gpu
pipelines: $(READY) ## compile the pipelines into build/pipelines for Kubeflow (SWAYREC_IMAGE names the image)
	@mkdir -p build/pipelines/objects
	@for name in training monitoring; do \
		$(BIN)/kfp dsl compile --py pipelines/$$name.py --output build/pipelines/$$name.yaml; \
		$(BIN)/kfp dsl compile --py pipelines/$$name.py --output build/pipelines/objects/$$name.yaml \
			--kubernetes-manifest-format --include-pipeline-manifest --namespace $(or $(NAMESPACE),kubeflow) \
			--pipeline-name swayrec-$$name \
			--pipeline-version-name swayrec-$$name-$$($(BIN)/python -c 'from swayrec.operations import fingerprint; print(fingerprint.code()[:8])'); \
	done

# Whichever there is; a name, an image to build on that has Python 3.11, and what else it is told, are given to make.
BUILDER ?= $(shell command -v podman || command -v docker)
SWAYREC_IMAGE ?= swayrec:latest
BASE ?= python:3.11-slim
IMAGE_OPTIONS ?=
IMAGE = DOCKER_BUILDKIT=1 $(or $(BUILDER),$(error an image needs podman or docker; install one of them)) build \
	--file Containerfile --build-arg BASE=$(BASE) --build-arg SOURCE=$(SOURCE) \
	--build-arg VERSION=$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) \
	--build-arg REVISION=$$(git describe --always --abbrev=40 --dirty) $(IMAGE_OPTIONS)

.PHONY: image
image: ## build the image for CPUs: steps of pipelines, servers, command line (SWAYREC_IMAGE names it, BASE is built on)
	@$(IMAGE) --target cpu --tag $(SWAYREC_IMAGE) .

.PHONY: image-gpu
image-gpu: ## build the image for training on NVIDIA's GPUs; its name gets -gpu at the end
	@$(IMAGE) --target gpu --tag $(SWAYREC_IMAGE)-gpu .

# The images' packages are those of the first lock at its versions; TensorFlow alone comes in other builds.
FOR_IMAGE := --constraint requirements.lock --no-header --no-annotate --no-emit-index-url --generate-hashes \
	--python-version 3.11 --upgrade
.PHONY: lock
lock: $(READY) ## resolve the dependencies anew into the lock files
	@$(UV) pip compile pyproject.toml --group dev --extra cluster --extra spark --extra bench --no-header --no-emit-index-url \
		--generate-hashes --python-version 3.11 --upgrade --output-file requirements.lock
	@$(UV) pip compile pyproject.toml requirements-cpu.in --extra cluster --override requirements-cpu.override $(FOR_IMAGE) \
		--output-file requirements-cpu.lock
	@$(UV) pip compile pyproject.toml --extra cluster --extra gpu $(FOR_IMAGE) --output-file requirements-gpu.lock
	@$(UV) pip compile requirements-files.in --no-deps --no-header --no-annotate --no-emit-index-url --generate-hashes \
		--python-version 3.11 --upgrade --output-file requirements-files.lock

.PHONY: clean
clean: ## remove the virtual environment and all caches; workspaces stay
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
