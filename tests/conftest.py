"""Where the public data sets lie, a private PostgreSQL, a browser, and a wall: no test may need the network."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import gc
import importlib.util
import io
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

# Machines that run tests are busy with other work: no example of a property is judged by the clock.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

LONG = (
    "main_job",
    "front_door",
    "training_job",
    "cli.test_config_fuzz",
    "features.timeline.test_time_rule",
    "features.catalogue.test_catalogue",
    "features.validation.test_corruptions",
    "features.tables.test_validate",
    "features.outcomes.test_refund_shapes",
)
"""Groups that take longest: begun first, so that no worker is left alone with one at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, so that what they share is made once; `simulation` shares a world."""
    begun: dict[pytest.Item, int] = {}
    for item in items:
        marker = item.get_closest_marker("xdist_group")
        if marker is None:
            place = item.path.relative_to(Path(__file__).parent)
            name = place.parts[0] if place.parts[0] == "simulation" else place.with_suffix("").as_posix()
            group = name.replace("/", ".")
            item.add_marker(pytest.mark.xdist_group(group))
        else:
            group = marker.args[0]
        begun[item] = LONG.index(group) if group in LONG else len(LONG)
    items.sort(key=begun.__getitem__)


def pytest_collection_finish() -> None:
    """What is imported stays: set aside, it is not walked again at each collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def data_dir(pytestconfig: pytest.Config) -> Path:
    """Return the folder of public data sets: $SERVICELIFT_DATA, else ../shared/data; skips without it."""
    named = os.environ.get("SERVICELIFT_DATA")
    folder = Path(named) if named else pytestconfig.rootpath.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}; set SERVICELIFT_DATA to their folder")
    return folder.resolve()


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection that leaves the machine."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"a test tried to reach {address[0]}; tests must not need the network")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", local_only)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def one_process() -> Iterator[None]:
    """Work in this process, as processes of the pool do themselves: each one more imports for seconds.

    The arithmetic is the same; tests of the processes take ``processes``.
    """
    from servicelift.core import parallel

    patch = pytest.MonkeyPatch()
    patch.setattr(parallel._Worker, "inside", True)
    yield
    patch.undo()


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in processes of their own, as many as the test says."""
    from servicelift.core import parallel

    monkeypatch.setattr(parallel._Worker, "inside", False)


@pytest.fixture(scope="session")
def read_only() -> Callable[[Path], contextlib.AbstractContextManager[None]]:
    """Let nobody write into a folder, not even root: files lose their right, the thread loses what overrides it."""

    class Rights(ctypes.Structure):
        _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]

    def set_overriding(on: bool) -> None:
        libc, header, rights = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (Rights * 2)()
        assert libc.capget(header, rights) == 0
        overriding = rights[0].permitted & 0b110  # to write, and to read, whatever the mode says
        rights[0].effective = rights[0].effective | overriding if on else rights[0].effective & ~0b110
        assert libc.capset(header, rights) == 0

    @contextlib.contextmanager
    def closed(folder: Path) -> Iterator[None]:
        if sys.platform != "linux":
            pytest.skip("rights are taken from root by Linux's capabilities")
        modes = {place: place.stat().st_mode for place in (folder, *folder.rglob("*"))}
        for place, mode in modes.items():
            place.chmod(mode & ~0o222)
        set_overriding(False)
        try:
            yield
        finally:
            set_overriding(True)
            for place, mode in modes.items():
                place.chmod(mode)

    return closed


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Put an empty MLflow store at a path: copied, for MLflow takes seconds to build one."""
    built = tmp_path_factory.mktemp("store") / "mlflow.db"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow

    mlflow.MlflowClient(tracking_uri=f"sqlite:///{built}", registry_uri=f"sqlite:///{built}").search_experiments()

    def put(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built, path)

    return put


@dataclasses.dataclass(frozen=True)
class Printed:
    """What a command wrote."""

    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def command() -> Callable[..., Printed]:
    """Run a command of the line in this process, as typed; it has to end with ``code``."""

    def run(*arguments: object, code: int = 0) -> Printed:
        from servicelift.cli import main

        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["servicelift", *map(str, arguments)])
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as end:
                main()
        assert (end.value.code or 0) == code, err.getvalue()
        return Printed(out.getvalue(), err.getvalue())

    return run


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A private PostgreSQL server; skips where its programs are not installed."""
    pytest.importorskip("adbc_driver_postgresql", reason="the driver is not installed: servicelift[postgres]")
    spec = importlib.util.spec_from_file_location("pgserver", Path(__file__).with_name("pgserver.py"))
    assert spec is not None
    assert spec.loader is not None
    server = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = server
    spec.loader.exec_module(server)
    programs = server.programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are neither in /usr/lib/postgresql nor on PATH")
    with server.running(programs) as started:
        yield started


@pytest.fixture(scope="session")
def trained_press(tmp_path_factory: pytest.TempPathFactory, empty_store: Callable[[Path], None]) -> Path:
    """Return the config of a small world whose three champions are the golden models: nothing has to be trained."""
    from servicelift.serving import read_model
    from servicelift.simulation.write import simulate
    from servicelift.tracking import CHAMPION, Tracker

    folder = tmp_path_factory.mktemp("press")
    config = simulate(folder, customers=1_000, seed=3, truth=False).config
    text = config.read_text(encoding="utf-8").replace("every_months: 1", "every_months: 6")
    text = text.replace("  follow_up_days: 180", "  follow_up_days: 180\n  bootstrap: 10\n  cross_fits: 1\n  folds: 2")
    before, _, rest = text.partition("  contrasts:")
    config.write_text(before + rest[rest.index("\ntracking:") :], encoding="utf-8")
    decided = pd.read_parquet(folder / "actions.parquet")
    decided[decided["action"] == "retention_offer"].to_parquet(folder / "actions.parquet")
    empty_store(folder / "mlflow.db")
    tracker = Tracker(f"sqlite:///{folder}/mlflow.db", "press")
    for kind in ("churn", "clv", "incremental"):
        golden = Path(__file__).parent / "golden" / f"{kind}-0.1.0"
        model = read_model(golden, f"the golden {kind} model")
        if kind == "clv":
            model = dataclasses.replace(model, bootstrap=model.bootstrap * 10)
        with tracker.run(kind):
            stored = tracker.store(model, kind, pd.read_csv(golden / "rows.csv").head(1))
        tracker.set_alias(f"press-{kind}", CHAMPION, tracker.publish(stored, f"press-{kind}", {}))
    return config


@pytest.fixture(scope="session")
def tables_that_were_read() -> tuple[dict[str, Any], dict[int, Any]]:
    """What was read so far, and the first tables over it; see ``tables_read_once``."""
    return {}, {}


@pytest.fixture(scope="module")
def tables_read_once(tables_that_were_read: tuple[dict[str, Any], dict[int, Any]]) -> Iterator[None]:
    """Whoever opens the same files as they are, by the same settings, gets what was read the first time.

    For modules that open one small world over and over, where the opening itself is not the matter. The store of
    models, the language and the months to learn from have no part in what is read, nor in what is derived from the
    tables and prepared in the engine.
    """
    from servicelift.core.config.sources import CsvSource, FileSource
    from servicelift.features.tables import tables

    read, checked = tables.assemble_sources, tables._checked
    contents, first = tables_that_were_read

    def prepared(connection: Any, config: Any, found: Any) -> Any:
        made = checked(connection, config, found)
        if any(found is content for _, content in contents.values()):
            of_before = first.setdefault(id(found), made)
            vars(made).update(engine=of_before.engine, _derived=of_before._derived)
        return made

    def once(config: Any) -> Any:
        sources = config.tables.values()
        if not all(isinstance(source, (FileSource, CsvSource)) for source in sources) or config.checks:
            return read(config)
        paths = [source.path if isinstance(source, FileSource) else source.csv for source in sources]
        files = [Path(config.resolve(path)) for path in paths]
        if not all(file.is_file() for file in files):
            return read(config)
        stamps = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
        key = f"{stamps} {config.model_dump_json(exclude={'tracking', 'language', 'snapshots'})}"
        if key not in contents:
            contents[key] = read(config)
        return contents[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "assemble_sources", once)
        patch.setattr(tables, "_checked", prepared)
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's chromium: one for all tests of a worker, for playwright takes no second beside it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs pip install 'servicelift[browser]'")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()
