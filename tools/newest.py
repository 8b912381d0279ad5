"""What `make newest` says: which versions moved beside requirements.lock, and what that moved in the reports."""

import argparse
import re
from importlib.metadata import distributions
from pathlib import Path

from environment import locked_versions

ROOT = Path(__file__).resolve().parents[1]
LAST_LINES = 40
SAME_AS_PROMISED = "every file is the same"


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def version_rows(locked: dict[str, str], present: dict[str, str]) -> list[str]:
    """A row of a table for each locked package that is there in another version or not at all."""
    rows = []
    for name, version in sorted(locked.items()):
        now = present.get(canonical(name), "not installed")
        if now != version:
            rows.append(f"| {name} | {version} | {now} |")
    return rows


def report(rows: list[str], verified: str, tested: str) -> str:
    """Markdown: versions, what the rebuilt reports differ in, the last lines of the tests. No clock, no path."""
    # Lines of progress are indented; what is found, and what broke, is not.
    told = [line for line in verified.splitlines() if line.strip() and not line.startswith("  ")]
    differing = [line for line in told if SAME_AS_PROMISED not in line]
    summary = tested.strip().splitlines()[-1] if tested.strip() else "no test ran"
    failing = bool(re.search(r"\b(failed|errors?)\b", summary)) or not tested.strip()
    nothing = bool(told) and not differing and not failing
    parts = ["Nothing moved with the newest versions." if nothing else "Something moved with the newest versions.", ""]
    parts += ["## Versions", "", "| package | locked | newest |", "|---|---|---|", *rows, ""] if rows else []
    parts += ["## Reports", "", "```", *(differing or ["every number, table, figure and page as committed"]), "```", ""]
    parts += ["## Tests", "", "```", *tested.strip().splitlines()[-LAST_LINES:], "```", ""]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("versions", "report"))
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    if arguments.what == "versions":
        present = {canonical(found.metadata["Name"]): found.version for found in distributions()}
        print("\n".join(version_rows(locked_versions((ROOT / "requirements.lock").read_text("utf-8")), present)))
        return
    rows, verified, tested = (path.read_text("utf-8") for path in arguments.files)
    print(report([row for row in rows.splitlines() if row], verified, tested), end="")


if __name__ == "__main__":
    main()
