# `make run` and `make test` need Python 3.11 or newer, git and make; all else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# Some shells forbid bytecode; every start of a program would then compile all that it imports, for 2 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test coverage check bench fuzz lock format screenshots install messages docs hooks release clean

run: $(VENV)/run.stamp ## the bot: for real when a token is set, else the demo
	@if [ -n "$$DIGESTBOT_TELEGRAM__TOKEN$$DIGESTBOT_TELEGRAM__TOKEN_FILE$$DIGESTBOT_CONFIG" ] || [ -f digestbot.toml ]; \
	then exec $(BIN)/digestbot run; else exec $(BIN)/digestbot demo; fi

demo: $(VENV)/run.stamp ## the bot against its simulator, with sample posts
	@exec $(BIN)/digestbot demo

test: $(VENV)/dev.stamp ## all tests
	$(BIN)/pytest -n 2 --dist worksteal

coverage: $(VENV)/dev.stamp ## all tests, and how much of the code they reach; fails below the floor in pyproject.toml
	rm -rf build/coverage
	$(BIN)/coverage run -m pytest -n 2 --dist worksteal
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

check: $(VENV)/dev.stamp ## style, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy .ci/release.py .ci/traditional.py .ci/bill.py .ci/audit.py .ci/configuration_page.py .ci/commands_page.py
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp ## the figures of docs/benchmarks.md; FULL=1: at full size; ONLY=posts,search: some parts
	test -x build/bench/bin/python || $(PYTHON) -m venv build/bench
	$(BIN)/uv pip install -q --python build/bench/bin/python --group bench
	FULL=$(FULL) ONLY=$(ONLY) $(BIN)/python -m tests.load

fuzz: $(VENV)/dev.stamp ## random posts for MINUTES (10), guided by what they reach
	test -x build/fuzz/bin/python || $(PYTHON) -m venv build/fuzz
	$(BIN)/uv pip install -q --python build/fuzz/bin/python -r requirements-dev.txt --group fuzz
	MINUTES=$(MINUTES) build/fuzz/bin/python -m tests.load.fuzz

screenshots: $(VENV)/dev.stamp ## the pictures of the README
	$(BIN)/python -m tests.browser.screenshots

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/bin/uv ## new versions of everything, tried before they are committed
	$(BIN)/uv pip compile pyproject.toml --extra postgresql --extra cluster --extra s3 --universal --python-version 3.11 --generate-hashes --no-header -c .ci/constraints.txt --upgrade -q -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 --generate-hashes --no-header -c requirements.txt --upgrade -q -o requirements-dev.txt

install: ## the program alone, from the lock file, into PREFIX (what the Dockerfile does)
	@test -n "$(PREFIX)" || { echo "say where to: make install PREFIX=/opt/digestbot" >&2; exit 2; }
	$(PYTHON) -m venv $(PREFIX)
	$(PREFIX)/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(PREFIX)/bin/pip install -q --disable-pip-version-check --no-deps .

messages: $(VENV)/dev.stamp ## new texts into the catalogues, to be translated there
	@mkdir -p build
	$(BIN)/pybabel -q extract -k gettext_noop -k t -k html -k count:1,2 -k count_html:1,2 --no-location -o build/messages.pot bot
	$(BIN)/pybabel update -D digestbot -i build/messages.pot -d bot/locales --no-fuzzy-matching --ignore-obsolete
	$(BIN)/python .ci/traditional.py

docs: $(VENV)/dev.stamp ## docs/configuration.md, commands.md and commands.zh-CN.md, from the program
	$(BIN)/python .ci/configuration_page.py
	$(BIN)/python .ci/commands_page.py

hooks: $(VENV)/dev.stamp ## git hooks that look at each commit as `make check` does
	$(BIN)/pre-commit install

release: $(VENV)/dev.stamp ## VERSION=1.2.3: changelog and version, commit, tag, and a wheel with its bill of materials in dist/
	@$(BIN)/python .ci/release.py "$(VERSION)"

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q uv==$(UV_VERSION)

$(VENV)/run.stamp: requirements.txt pyproject.toml | $(VENV)/bin/uv
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	# Where Python may not write its bytecode, each start would compile every module again, which takes a second.
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib/python3*/site-packages bot digests config
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@
