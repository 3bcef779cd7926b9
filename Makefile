# Two commands: `make run` shows Haven with fictional people, `make test` tests it.
# Every target makes .venv and installs the locked packages by itself, when they are missing or have changed.

PORT ?= 8000
PYTHON ?= python3
READY = exec $(PYTHON) deploy/ready.py
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run serve test check check-deep bench lock
.DEFAULT_GOAL := help

help: ## Show what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

run: ## Show Haven with fictional people, at http://localhost:8000/ (another port: make run PORT=8123)
	@$(READY) requirements.txt --port "$(PORT)" --home demo -- manage.py serve --prepare --port "$(PORT)"

serve: ## Serve a real home (HAVEN_HOME), behind a proxy that speaks HTTPS
	@$(READY) requirements.txt --port "$(PORT)" --home real -- manage.py serve --prepare --port "$(PORT)"

test: ## Unit tests on both database engines, then journeys in a real browser
	@$(READY) requirements-dev.txt -- -m tests.run

check: ## Everything that can be said without running Haven, fastest first
	@$(READY) requirements-dev.txt -- -m tests.check

check-deep: ## What takes long: run it before every release
	@$(READY) requirements-dev.txt -- -m tests.run --deep

bench: ## Measure
	@$(READY) requirements-dev.txt -- -m benchmarks

lock: ## Turn requirements.in and requirements-dev.in into locks with hashes, which name no host
	@$(READY) requirements-dev.txt -- deploy/lock.py
