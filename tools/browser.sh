#!/usr/bin/env bash
# The browser that tests look at pages with. Does nothing when there is one; installs Debian's on a bare machine.
set -euo pipefail
for name in chromium chromium-browser google-chrome chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "set-up: installing the Debian package chromium, for the tests in a browser"
  { apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 || true
fi
command -v chromium >/dev/null 2>&1 || echo "set-up: no Chromium here; tests in a browser are skipped (apt-get install chromium)"
