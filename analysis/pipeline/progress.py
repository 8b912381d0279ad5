"""How far something is: a line a notebook, a bar over downloads; live on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

MARKS = {"running": "…", "done": "✓", "kept": "=", "failed": "✗"}


def _plain_lines(console: Console) -> Callable[[str, str], None]:
    """A line as each notebook ends, with how long it took."""
    started: dict[str, float] = {}

    def show(notebook: str, state: str) -> None:
        if state == "running":
            started[notebook] = time.monotonic()
            return
        if state == "kept":
            console.print(f"  {MARKS[state]} {notebook} kept", markup=False)
            return
        seconds = time.monotonic() - started.get(notebook, time.monotonic())
        console.print(f"  {MARKS[state]} {notebook} {state} ({seconds:.0f} s)", markup=False)

    return show


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[str, str], None]]:
    """A function (notebook, state) that shows where the chain is."""
    if not console.is_terminal:
        yield _plain_lines(console)
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


@contextmanager
def shown_count(console: Console) -> Iterator[Callable[[int, int, str], None]]:
    """A function (done, of how many, what now) that shows a bar; elsewhere than on a terminal a line each."""
    if not console.is_terminal:
        yield lambda done, total, text: console.print(f"  {done} of {total}: {text}", markup=False)
        return
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}", markup=False), console=console) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, text: bar.update(task, completed=done, total=total, description=text)
