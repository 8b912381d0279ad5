"""One line a notebook, as it starts and ends: live on a terminal, plain lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

MARKS = {"running": "…", "done": "✓", "failed": "✗"}


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[str, str], None]]:
    """A function (notebook, state) that shows where the chain is."""
    if not console.is_terminal:
        yield (
            lambda notebook, state: (
                None if state == "running" else console.print(f"  {MARKS[state]} {notebook} {state}", markup=False)
            )
        )
        return
    tasks: dict[str, object] = {}
    columns = (SpinnerColumn(finished_text=" "), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:

        def show(notebook: str, state: str) -> None:
            if notebook not in tasks:
                tasks[notebook] = bar.add_task(notebook, total=1)
            bar.update(
                tasks[notebook], description=f"{MARKS[state]} {notebook} {state}", completed=int(state != "running")
            )

        yield show
