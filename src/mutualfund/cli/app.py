"""The commands and their options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mutualfund.cli.console import INTERRUPTED, plainly, say

app = typer.Typer(
    name="mutualfund",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with values in it could show members' data.
    pretty_exceptions_enable=False,
)


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        from importlib import metadata

        say(metadata.version("mutualfund-actuarial"))
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Simulate a member-owned health fund, from members and claims to a page a board can read."""


Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
ScenarioFile = Annotated[Path, typer.Argument(metavar="FILE", help="Scenario file (TOML).")]


@app.command()
def new(
    archetype: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Copy one of the funds shipped with the package."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="File to write.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take the default answer to every question.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Write a scenario file to start from: a shipped fund, or your answers to a few questions."""
    from mutualfund.cli.new import copy_archetype, write_starter

    with plainly(debug=debug):
        path = copy_archetype(archetype, out) if archetype else write_starter(out, ask=not yes)
        say(f"Wrote {path}. Next: mutualfund check {path}")


@app.command()
def check(file: ScenarioFile, debug: Debug = False) -> None:
    """Print every fault of a scenario and its members file, or what the scenario amounts to."""
    from mutualfund.cli.check import findings
    from mutualfund.cli.run import loaded, results_of

    with plainly(debug=debug):
        for line in findings(loaded(file), results_of(file)):
            say(line)


@app.command()
def run(
    file: ScenarioFile,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder for the results; default: FILE-run."),
    ] = None,
    paths: Annotated[
        int | None, typer.Option(metavar="N", help="Imagined futures, instead of settings.paths.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Threads; default: one per processor.")
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LIMIT",
            help='Exit with 3 if the estimate meets it, e.g. "ruin > 0.005"; repeatable. Of: ruin, '
            "ruin_year_N, prob_below_zero, prob_below_floor, prob_call, loss_ratio, "
            "mean(MEASURE[, YEAR]), var(P[, YEAR]), tvar(P[, YEAR]).",
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Compute on the Dask cluster whose scheduler is there."
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with the run in FOLDER that was killed or interrupted."
        ),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the run in FOLDER.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Simulate a scenario, keep the results in a folder, and write the report.

    Each block of futures is stored as soon as it is done, so a run that is killed can be resumed.

    Exit codes: 0 done, 2 bad input, 3 a limit breached (--fail-if), 4 interrupted.
    """
    from mutualfund.cli.run import Order, carry_out, results_of

    with plainly(debug=debug):
        folder = results_of(file) if out is None else out
        limits = tuple(fail_if or ())
        order = Order(file, folder, paths, workers, dask, resume, overwrite, limits)
        code = carry_out(order)
    raise typer.Exit(code)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder that `run` has filled.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Page to write; default: FOLDER/report.html."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace FILE if it is there.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Write the report of a finished run again."""
    from mutualfund.cli.run import conclude, require_page
    from mutualfund.report import write_report
    from mutualfund.results import load_run

    with plainly(debug=debug):
        target = folder / "report.html" if out is None else out
        require_page(target, overwrite=overwrite or out is None)
        finished = load_run(folder)
        page = write_report(finished, target)
        conclude(finished, page)


@app.command()
def schema(debug: Debug = False) -> None:
    """Print the JSON Schema of a scenario file, for editors."""
    import json

    from mutualfund.scenario import Scenario

    with plainly(debug=debug):
        say(json.dumps(Scenario.json_schema(), indent=2, ensure_ascii=False))


@app.command()
def warmup(debug: Debug = False) -> None:
    """Compile what a simulation needs, so that the first run does not have to."""
    from mutualfund.cli.warmup import compile_all

    with plainly(debug=debug):
        say(compile_all())


@app.command()
def doctor(debug: Debug = False) -> None:
    """Print versions, processors, memory and the compiler's cache, for a bug report."""
    from mutualfund.cli.doctor import state_of_health

    with plainly(debug=debug):
        for line in state_of_health():
            say(line)


def main() -> None:
    """The command `mutualfund`."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
