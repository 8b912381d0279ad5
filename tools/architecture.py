"""Rewrite the inventory of ARCHITECTURE.md from the modules' and notebooks' own first lines."""

import ast
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START, END = "<!-- inventory: `make inventory` -->\n", "<!-- end of inventory -->\n"


def inventory() -> str:
    """One line a module (helpers that start with an underscore are left out) and notebook."""
    modules = [
        path
        for path in sorted((ROOT / "analysis").rglob("*.py"))
        if not path.name.startswith("_") or path.name == "__main__.py"
    ]
    lines = [f"- `{path.relative_to(ROOT)}`: {_first_line(path)}" for path in modules]
    lines += [f"- `{path.relative_to(ROOT)}`: {_title(path)}" for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    return "\n".join(lines) + "\n"


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return _sentence(text.splitlines()[0])


def _sentence(line: str) -> str:
    return line if line.endswith(("?", "!")) else line.rstrip(".") + "."


def _title(path: Path) -> str:
    return _sentence(json.loads(path.read_text("utf-8"))["cells"][0]["source"][0].strip().lstrip("# "))


def rewritten(text: str) -> str:
    head, rest = text.split(START)
    return head + START + "\n" + inventory() + "\n" + END + rest.split(END)[1]


def main() -> None:
    path = ROOT / "ARCHITECTURE.md"
    path.write_text(rewritten(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
