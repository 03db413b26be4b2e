"""How commands speak: errors as text and exit codes, warnings and the library's log as notes, progress as a
bar or plain lines.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from mutualfund.errors import InputError, MutualFundError, MutualFundWarning

if TYPE_CHECKING:
    from rich.console import Console

DONE, BAD_INPUT, LIMIT_BREACHED, INTERRUPTED = 0, 2, 3, 4

MARKS = (0, 25, 50, 75, 100)
"""Percentages at which a line is printed where no bar can be drawn."""

Progress = Callable[[int, int], None]


def say(text: str = "") -> None:
    """Print a result, to standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """Print what is not a result, to standard error."""
    typer.echo(text, err=True)


@contextmanager
def plainly(*, debug: bool = False) -> Iterator[None]:
    """Turn what a user can cause into a message and an exit code; show a traceback only for `debug`."""
    with warnings.catch_warnings(), _log_as_notes():
        warnings.simplefilter("always", MutualFundWarning)
        warnings.showwarning = _show_warning
        try:
            yield
        except MutualFundError as error:
            if debug:
                raise
            note(told(error))
            raise typer.Exit(BAD_INPUT) from None
        except (KeyboardInterrupt, typer.Abort) as stop:
            note(f"Interrupted; {stop}" if str(stop) else "Interrupted.")
            raise typer.Exit(INTERRUPTED) from None


class _Notes(logging.Handler):
    """Prints what the library logs as it comes, from whichever thread."""

    def emit(self, record: logging.LogRecord) -> None:
        note(record.getMessage())


@contextmanager
def _log_as_notes() -> Iterator[None]:
    """Print what the library logs at INFO: what somebody who waits wants to know."""
    logger, notes = logging.getLogger("mutualfund"), _Notes()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(notes)
    try:
        yield
    finally:
        logger.removeHandler(notes)
        logger.setLevel(level)


@contextmanager
def if_interrupted(state: Callable[[], str]) -> Iterator[None]:
    """Let Ctrl-C within say in what state it leaves the results.

    >>> try:
    ...     with if_interrupted(lambda: "nothing was kept."):
    ...         raise KeyboardInterrupt
    ... except KeyboardInterrupt as stop:
    ...     print(stop)
    nothing was kept.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(state()) from None


def told(error: MutualFundError) -> str:
    """An error as the user reads it; every fault of an input on its own line.

    >>> told(MutualFundError("the disk is full"))
    'Error: the disk is full'
    """
    if isinstance(error, InputError):
        head = "1 fault:" if len(error.faults) == 1 else f"{len(error.faults)} faults:"
        return "\n".join([head, *(f"  {fault}" for fault in error.faults)])
    return f"Error: {error}"


def _show_warning(message: Warning | str, *_place: object, **_more: object) -> None:
    note(f"Note: {message}")


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """Something to call with (done, total): a bar on a terminal, a line at each quarter elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(what, console) as step:
            yield step
    else:
        yield PlainProgress(what)


@contextmanager
def _bar(what: str, console: Console) -> Iterator[Progress]:
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class PlainProgress:
    """Prints a line whenever another mark is reached, the first at once.

    >>> import contextlib, io
    >>> with contextlib.redirect_stderr(io.StringIO()) as lines:
    ...     step = PlainProgress("Simulating")
    ...     step(30, 100)
    >>> lines.getvalue().splitlines()
    ['Simulating: 0 %', 'Simulating: 25 %']
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self.left = list(MARKS)
        self(0, 1)

    def __call__(self, done: int, total: int) -> None:
        while self.left and 100 * done >= self.left[0] * total:
            note(f"{self.what}: {self.left.pop(0)} %")
        sys.stderr.flush()
