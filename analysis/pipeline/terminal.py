"""What the commands share: what they take, and how they write to the terminal."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

CaseArgument = Annotated[str, typer.Argument(help="A case's name under data/raw, or the path of a case folder.")]
CasesArgument = Annotated[list[str], typer.Argument(help="Cases, by name or path.", show_default=False)]
OutputOption = Annotated[Path | None, typer.Option(help="Put data/processed and reports under this folder instead.")]

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def line(text: str) -> None:
    out.print(f"  {text}", markup=False)


def shown(path: Path) -> str:
    """Relative to where the user stands, when that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
