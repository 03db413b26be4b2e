"""`simulate` against other programs that do the same work, values first."""

from __future__ import annotations

from functools import partial

import agreement
import baseline
import mutualfund as mf
import naive_numba
import peers
import plain_numpy
import problems
import tuned_numpy
import with_pandas
from baseline import MemberYear
from problems import Problem
from profiles import Profile
from tables import Cell, Gate, Section
from timing import ON_PROCESSOR, Cost, Timings, alternate, cost, fill, pair, say, times_as_long

PROGRAMS: dict[str, MemberYear] = {
    "plain NumPy": plain_numpy.member_year,
    "tuned NumPy": tuned_numpy.member_year,
    "naive Numba": naive_numba.member_year,
    "pandas": with_pandas.member_year,
}
BOUNDS = {"plain NumPy": 45.0, "tuned NumPy": 15.0, "naive Numba": 15.0, "pandas": 50.0}
LINE_NAMES = tuple(line.name for line in problems.LINES)
NOTE = """One thread each, in the processor's own time. Every figure of every program (claims, charges
and the fund's part by line, what members pay, what is paid within the year and later, the recovery above
members' retention) was compared with ours first; `widest gap` is the figure that lies farthest apart, in
standard errors. `fills` is the time of a claim over the time in which NumPy's generator fills one
uniform. Ours is `simulate` from end to end, on {paths} paths; {share:.0%} of its time is fixed
(lowering, and the pilot of the first year in full). The others ran {others} x {years} path-years a round
and have no fixed part."""
REFUSED = "values differ: no ratio"


def widest_gaps(profile: Profile) -> dict[str, str]:
    """Each program's widest gap in words; of one that does other work, why no ratio is printed."""
    problem = Problem(profile.values_members, 4 * profile.values_paths, years=2)
    say(f"values first: {problem.paths} paths of {problem.members} members")
    ours = agreement.samples_of_run(mf.simulate(problems.scenario(problem)))
    work = baseline.work_of(problem.members, problem.years)
    found = {}
    for name, program in PROGRAMS.items():
        theirs = agreement.samples_of(baseline.run(program, work, profile.values_paths), LINE_NAMES)
        found[name] = _gap_or_refusal(name, ours, theirs)
    return found


def _gap_or_refusal(name: str, ours: agreement.Samples, theirs: agreement.Samples) -> str:
    try:
        widest = agreement.require_agreement(name, ours, theirs)
    except agreement.Disagreement as refusal:
        say(f"  {refusal}")
        return REFUSED
    say(f"  {name}: {widest}")
    return f"{widest.figure}: {widest.mean:+.1f} (mean), {widest.sd:+.1f} (spread)"


def _others(profile: Profile, gaps: dict[str, str], work: baseline.Work) -> Timings:
    """Times of ours, of the yardstick and of every program that does the same work."""
    ours = pair(Problem(profile.against_members, profile.against_paths, profile.against_years))
    tasks = {**ours.tasks("ours"), "fill": fill}
    for name, program in PROGRAMS.items():
        if gaps[name] != REFUSED:
            once = partial(baseline.run, program, work, profile.others_paths)
            tasks[name] = partial(_claims, once)
    return alternate(tasks, profile.careful_rounds, ON_PROCESSOR)


def _claims(once: partial[baseline.Figures]) -> float:
    return once().claims


def against_programs(profile: Profile) -> Section:
    """The table of ratios, and the gates on them."""
    gaps = widest_gaps(profile)
    problem = f"{profile.against_members:,} members, {profile.against_years} years"
    say(f"against other programs: {problem}")
    work = baseline.work_of(profile.against_members, profile.against_years)
    timings = _others(profile, gaps, work)
    ours, unit = cost(timings, "ours"), timings["fill"].ns_each
    rows: list[dict[str, Cell]] = [
        _row("mutualfund", ours.end_to_end, unit, 1.0, ""),
    ]
    if ours.added is not None:
        rows.append(_row("mutualfund, fixed part taken off", ours.added, unit, "", ""))
    gates = []
    for name, bound in BOUNDS.items():
        ratio = times_as_long(timings[name], timings["ours"]) if name in timings else None
        gates.append(Gate(f"plain against {name}", ratio, "at least", bound, "x", problem))
        if ratio is not None:
            rows.append(_row(name, timings[name].ns_each, unit, ratio, gaps[name]))
        else:
            rows.append(_refusal(name))
    rows.append(_row("fill of one uniform", unit, unit, "", ""))
    return Section(
        "against",
        f"Against other programs: {problem}",
        _note(profile, ours),
        rows,
        gates,
    )


def _note(profile: Profile, ours: Cost) -> str:
    return NOTE.format(
        paths=f"{profile.against_paths:,}",
        share=ours.fixed_share,
        others=profile.others_paths,
        years=profile.against_years,
    )


def _row(name: str, ns: float, unit: float, ratio: Cell, gap: str) -> dict[str, Cell]:
    return {
        "program": name,
        "ns a claim": ns,
        "fills": ns / unit,
        "times ours": ratio,
        "widest gap": gap,
    }


def _refusal(name: str) -> dict[str, Cell]:
    return {
        "program": name,
        "ns a claim": "",
        "fills": "",
        "times ours": REFUSED,
        "widest gap": "more than five standard errors",
    }


def against_peers(profile: Profile) -> Section:
    """What two libraries do of it: claims by line at the fund's level, less a copay."""
    found = peers.installed()
    missing = [name for name in peers.NAMES if name not in found]
    note = (peers.__doc__ or "").partition("\n\n")[2].partition("\n\n")[0]
    if missing:
        note += f" Not installed when this was measured: {', '.join(missing)}."
    small = Problem(profile.values_members, 4 * profile.values_paths, 10, "copays only", False)
    large = Problem(profile.against_members, profile.feature_paths, 10, "copays only", False)
    say(f"against {', '.join(found) or 'no peers: none is installed'}")
    rows: list[dict[str, Cell]] = []
    if found:
        rows = _peer_rows(profile, found, small, large)
    return Section("peers", "Against libraries that do a part", note, rows)


def _peer_rows(
    profile: Profile, found: dict[str, peers.Peer], small: Problem, large: Problem
) -> list[dict[str, Cell]]:
    incurred = mf.simulate(problems.scenario(small)).lines["claims_incurred"]
    ours = {name: incurred[:, 0, column] for column, name in enumerate(LINE_NAMES)}
    work = baseline.work_of(small.members, 1)
    gaps = {
        name: _gap_or_refusal(name, ours, peer(work, profile.values_paths).cost)
        for name, peer in found.items()
    }
    work = baseline.work_of(large.members, 1)
    tasks = {**pair(large).tasks("ours"), "fill": fill}
    for name, peer in found.items():
        if gaps[name] != REFUSED:
            tasks[name] = partial(_peer_claims, peer, work, 10)
    timings = alternate(tasks, profile.rounds)
    unit = timings["fill"].ns_each
    rows = [_row("mutualfund, copays only", timings["ours"].ns_each, unit, 1.0, "")]
    for name in found:
        if name in timings:
            ratio = times_as_long(timings[name], timings["ours"])
            rows.append(_row(name, timings[name].ns_each, unit, ratio, gaps[name]))
        else:
            rows.append(_refusal(name))
    return rows


def _peer_claims(peer: peers.Peer, work: baseline.Work, paths: int) -> float:
    return peer(work, paths).claims
