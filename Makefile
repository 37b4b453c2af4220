# make run [PORT=8000]     the newsroom on this machine: environment, database, articles, server
# make test [ARGS=...]     every test on SQLite, on PostgreSQL and in Chromium (PG=skip, BROWSER=skip)
# make bench [ARGS=desk]   how fast it is, beside the peers' figures
# make pictures            the pictures of docs/desk.md, drawn anew
# make lint                everything that judges the code without running it
# make clean               forget the environment and the caches; the database in var/ stays

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: run test lint bench pictures clean

# Granian would share a taken port with another Granian, and requests would go to either. A worker
# that hears Ctrl-C and then its parent may hang for ever: hence the timeout.
run: .venv/runtime
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || { \
		echo "Port $(PORT) is taken; choose another: make run PORT=8001" >&2; exit 1; }
	@$(BIN)/python manage.py migrate --no-input --verbosity 0 --skip-checks
	@$(BIN)/python manage.py seed --skip-checks
	@$(BIN)/python manage.py demo --skip-checks
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0 --skip-checks
	@echo
	@echo "The newsroom is at http://127.0.0.1:$(PORT)/ and the people above may sign in. Ctrl-C ends it."
	@exec $(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --no-ws \
		--workers 2 --blocking-threads 4 --workers-kill-timeout 2 newsroom.wsgi:application

test: .venv/readers
	@$(BIN)/python tests/run.py $(ARGS)

# Some of these start Django, which makes its var folder: not the one somebody works in.
lint: export NEWSROOM_VAR := $(CURDIR)/var/cache/lint
lint: .venv/development
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	find templates annotations -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --cache-dir var/cache/imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	NEWSROOM_HOSTS=desk.example.org NEWSROOM_HTTPS=yes \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

clean:
	rm -rf .venv var/cache var/static
	find annotations benchmarks newsroom tests -name __pycache__ -prune -exec rm -rf {} +

bench: .venv/development
	@$(BIN)/python -m benchmarks $(ARGS)

pictures: .venv/development
	@$(BIN)/python -m benchmarks.pictures

# The environment. Each file is touched when its step is done, so a second call costs nothing.
.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; if it has another name: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Making the environment in .venv/ ..."
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/runtime: requirements.txt .venv/made
	@echo "Installing what the newsroom runs on ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/development: requirements-dev.txt requirements-html.txt .venv/runtime
	@echo "Installing what tests and checks need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/readers: requirements-readers.txt .venv/development
	@echo "Installing what reads the exports back in tests ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-readers.txt
	@touch $@
