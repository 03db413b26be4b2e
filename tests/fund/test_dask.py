"""A real Dask cluster: worker processes on this machine, one thread each, killed when it hurts."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import dask
import pytest
from distributed import Client, LocalCluster
from typer.testing import CliRunner

from fund import deadly
from fund.funds import harbour, tables
from mutualfund import load_run
from mutualfund.cli import app
from mutualfund.errors import MutualFundWarning, RunError
from mutualfund.fund import simulate
from mutualfund.fund.engines import dask_client
from mutualfund.fund.engines.dask import Cluster, first_year, warn_if_open
from mutualfund.fund.engines.handshake import surroundings
from mutualfund.scenario import Scenario
from mutualfund.sim.plan import lower

pytestmark = pytest.mark.usefixtures("short_pilot")


@contextmanager
def two_workers() -> Iterator[Client]:
    """Two worker processes behind a scheduler on loopback."""
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=":0",  # a port of its own, with nothing to see
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A cluster that the tests of this module share."""
    with two_workers() as client:
        yield client


@pytest.fixture
def both(client: Client) -> Client:
    """The cluster with both its workers, whatever happened to them before."""
    client.wait_for_workers(2, timeout=60)
    return client


@pytest.fixture(scope="module")
def everything() -> Scenario:
    """The example with every rule at work."""
    return Scenario.from_dict(harbour(members=60, paths=48, years=2))


def test_the_cluster_gives_the_bits_of_threads(both: Client, everything: Scenario) -> None:
    digest = simulate(everything).digest()
    assert simulate(everything, executor=both, block_paths=8).digest() == digest
    assert simulate(everything, executor=both.get_executor(), block_paths=20).digest() == digest
    with dask_client(both.scheduler.address) as another:
        assert simulate(everything, executor=another).digest() == digest


def test_a_worker_with_another_version_is_refused_by_its_number(
    both: Client, everything: Scenario
) -> None:
    last = sorted(both.nthreads())[1]
    both.run(deadly.pretend_numpy, "1.0", workers=[last])
    try:
        with pytest.raises(RunError, match=r"^worker 1 .* numpy is 1\.0 instead of \d") as refused:
            simulate(everything, executor=both)
        assert "127.0.0.1" not in str(refused.value)
    finally:
        both.run(deadly.pretend_numpy, None, workers=[last])


def test_the_command_line_computes_on_the_cluster_that_it_is_told(
    both: Client, everything: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("everything.toml").write_text(everything.to_toml(), encoding="utf-8")
    words = ["run", "everything.toml", "--out", "run", "--dask", both.scheduler.address]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert load_run("run").digest() == simulate(everything).digest()


def test_without_dask_the_command_line_says_what_to_install(
    everything: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("everything.toml").write_text(everything.to_toml(), encoding="utf-8")
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "distributed" else found(name)
    )
    done = CliRunner().invoke(app, ["run", "everything.toml", "--dask", "tls://10.0.0.5:8786"])
    assert done.exit_code == 2
    assert 'pip install "mutualfund-actuarial[dask]"' in done.stderr
    assert not Path("everything-run").exists()


@pytest.mark.parametrize(("killed", "left"), [(1, 11), (2, 1)])
def test_workers_killed_in_mid_run_and_before_its_last_block_change_no_bit(
    killed: int, left: int, both: Client, everything: Scenario
) -> None:
    # With both, the last copies of the plan are gone as well, and so is the last block if it is done.
    victims = list(both.run(os.getpid).values())[:killed]
    blocks_left = []

    def kill(done: int, total: int) -> None:
        if total - done <= 4 * left and victims:
            blocks_left.append((total - done) // 4)
            while victims:
                os.kill(victims.pop(), signal.SIGKILL)

    run = simulate(everything, executor=both, block_paths=4, progress=kill)
    assert blocks_left == [left]
    assert run.digest() == simulate(everything).digest()


def test_a_block_whose_worker_always_dies_is_named_and_the_run_can_be_resumed(
    tmp_path: Path,
) -> None:
    data = tables(members=30, paths=24, years=2)
    data["rules"] = data["rules"] | {"extra": (deadly.Deadly(tmp_path / "now"),)}
    scenario = Scenario.from_dict(data)

    def after_two(done: int, _total: int) -> None:
        if done >= 8:
            (tmp_path / "now").touch()

    folder = tmp_path / "run"
    with (
        two_workers() as client,
        pytest.raises(RunError, match=r"died, and paths \d+ to \d+ with it") as died,
    ):
        simulate(scenario, executor=client, block_paths=4, folder=folder, progress=after_two)
    assert "of 24 paths are kept in run; resume it" in str(died.value)
    assert "127.0.0.1" not in str(died.value)
    run = simulate(scenario, folder=folder, resume=True)
    assert run.digest() == simulate(scenario).digest() == load_run(folder).digest()


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://cluster.example:8786"])
def test_a_scheduler_that_anybody_can_send_code_to_is_warned_of(address: str) -> None:
    with pytest.warns(MutualFundWarning, match="unauthenticated"):
        warn_if_open(address)


@pytest.mark.parametrize(
    "address",
    ["tls://10.0.0.5:8786", "tcp://127.0.0.1:80", "tcp://[::1]:80", "inproc://10.0.0.5/1/1"],
)
def test_a_scheduler_that_is_guarded_or_near_is_not(address: str) -> None:
    warn_if_open(address)


def test_a_scheduler_that_is_not_there_is_one_line() -> None:
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "0.5s"}),
        pytest.raises(RunError, match="no Dask scheduler answers"),
        dask_client("tcp://127.0.0.1:9"),
    ):
        pass


class Lost:
    """What was handed to a worker that went away."""

    def add_done_callback(self, told: Callable[[object], None]) -> None:
        told(self)

    def result(self) -> None:
        raise CancelledError


class Vanished:
    """A client of a cluster whose four workers go away and whose scheduler is gone then."""

    def nthreads(self) -> dict[str, int]:
        return {f"worker {number}": 1 for number in range(4)}

    def submit(self, *_: object, **__: object) -> Lost:
        return Lost()

    def cancel(self, _futures: object) -> None:
        raise OSError("the scheduler is gone")


def vanished() -> Cluster:
    plan = lower(Scenario.from_dict(tables(members=5, paths=4, years=1)))
    at_hand = SimpleNamespace(status="finished")
    return Cluster(plan, 2, Vanished(), surroundings(), "", at_hand)


def test_workers_lost_while_they_warm_up_do_not_count_against_a_block() -> None:
    cluster = vanished()
    cluster.warm_up()
    assert cluster.tries == {}


def test_a_cluster_that_is_gone_does_not_hide_why_the_run_stops() -> None:
    with pytest.raises(RunError, match=r"died, and paths \d+ to \d+ with it"):
        vanished().run(first_year, [(0, 2), (2, 2)], lambda *_: None)
