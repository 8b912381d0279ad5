#!/usr/bin/env bash
# Makes .venv hold exactly requirements.lock plus this project. Does nothing when it already does.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3.11}"
command -v "$python" >/dev/null 2>&1 || python=python3
if ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
  echo "set-up: Python 3.11 is needed and '$python' is not it. Install it (apt-get install python3.11 python3.11-venv) or name it: make PYTHON=/path/to/python3.11 ..." >&2
  exit 2
fi

# The folder is part of the key: a moved or copied .venv still points at the old place.
key=$( (cat requirements.lock pyproject.toml tools/setup.sh; pwd) | sha256sum | cut -d' ' -f1)
if [ -f .venv/.ready ] && [ "$(cat .venv/.ready)" = "$key" ]; then exit 0; fi

echo "set-up: making .venv from requirements.lock (about two minutes, once)"
rm -rf .venv
if ! "$python" -m venv .venv >/dev/null 2>&1; then
  # Debian ships python3.11 without the venv module's pip.
  rm -rf .venv
  if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "set-up: installing the Debian package python3.11-venv"
    { apt-get update && apt-get install -y --no-install-recommends python3.11-venv; } >/dev/null 2>&1 || true
  fi
  if ! "$python" -m venv .venv; then
    echo "set-up: '$python -m venv' does not work. Cure: sudo apt-get install python3.11-venv" >&2
    exit 2
  fi
fi
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
if ! pip install -qq --require-hashes --no-deps -r requirements.lock; then
  echo "set-up: a package of requirements.lock could not be installed. Is a package index reachable? Run the command again; nothing else was touched." >&2
  exit 1
fi
pip install -qq --no-deps --no-build-isolation --editable .
echo "$key" > .venv/.ready
