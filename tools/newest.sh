#!/usr/bin/env bash
# The cases named, rebuilt with the newest version of every dependency: newest.md says which versions and what moved.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3.11}"
rm -rf .venv-newest newest.md
"$python" -m venv .venv-newest
bin=.venv-newest/bin
echo "newest: installing the newest version of every dependency (about two minutes)"
"$bin/python" -m pip install -qq --disable-pip-version-check --no-input --upgrade --editable '.[dev]'
"$bin/python" tools/newest.py versions > newest.part
echo "newest: rebuilding $*"
{ "$bin/exit-study" verify "$@" 2>&1 || true; } > newest.verify
echo "newest: the tests"
{ "$bin/python" -m pytest -n 2 --dist worksteal -m "not slow" --ignore tests/test_architecture.py \
    --ignore tests/ways_in/test_ways_in_containers.py 2>&1 || true; } > newest.tests
"$bin/python" tools/newest.py report newest.part newest.verify newest.tests > newest.md
rm -f newest.part newest.verify newest.tests
cat newest.md
