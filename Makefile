# Two commands do everything on a fresh Debian 12 machine: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_WORKERS ?= 2

# pyscard has no wheel: it builds from source. libpcsclite-dev brings the library it loads.
DEBIAN_BUILD := gcc python3-dev python3-venv libpcsclite-dev
# The real parts the tests start: PC/SC service and virtual readers, tokens, a second opinion on certificates and papers.
DEBIAN_TEST := pcscd vsmartcard-vpcd opensc opensc-pkcs11 softhsm2 openssl poppler-utils cups-daemon cups-client tmux postgresql

# A machine of its own for what needs a kernel: a USB reader pulled out, a keypad grabbed.
DEBIAN_SOAK := qemu-system-x86 cpio strace
PROOF ?= tear fuzz keypad residue tamper power_cut sync authority

.PHONY: demo test check bench guest proofs soak pictures goldens texts clean

define install_missing
	@missing=""; for package in $(1); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "Installing Debian packages:$$missing"; \
	  as_root=""; [ "$$(id -u)" = 0 ] || as_root="sudo"; \
	  $$as_root apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends $$missing; \
	fi
endef

demo: $(VENV)/.installed
	@$(BIN)/kiosk demo

test: check
	$(call install_missing,$(DEBIAN_TEST))
	$(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadgroup -m "not soak"

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/kiosk bench

soak: $(VENV)/.installed-dev
	$(call install_missing,$(DEBIAN_TEST) $(DEBIAN_SOAK))
	$(BIN)/pytest -m soak

# What a machine with a kernel of its own is made with.
guest:
	$(call install_missing,$(DEBIAN_SOAK))

# What we claim beyond tests, exhaustive where it can be: `make proofs`, or one of them: `make proofs PROOF=tear`.
proofs: $(VENV)/.installed-dev
	$(call install_missing,$(DEBIAN_TEST) $(DEBIAN_SOAK))
	@for proof in $(PROOF); do $(BIN)/python -m tests.proofs.$$proof || exit 1; done

# Plain-text pictures of every screen: look at the difference before you commit it.
goldens: $(VENV)/.installed-dev
	UPDATE_GOLDENS=1 $(BIN)/pytest -q tests/screens/test_goldens.py

# The pictures of the README, photographed as the Linux console would show them.
pictures: $(VENV)/.installed-dev
	$(BIN)/python -m tests.pictures docs/pictures

texts: $(VENV)/.installed-dev
	$(BIN)/python -m kiosk.texts.compile

$(VENV)/.installed: pyproject.toml
	$(call install_missing,$(DEBIAN_BUILD))
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml
	$(call install_missing,$(DEBIAN_BUILD))
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
