#!/usr/bin/env bash
# Resolves pyproject.toml into requirements.lock (with hashes, without addresses), then environment.yml from it.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3.11}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip --quiet --disable-pip-version-check install pip-tools==7.5.2
"$work/venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra dev \
  --constraint tools/constraints.txt --output-file requirements.lock pyproject.toml
"$python" tools/environment.py
