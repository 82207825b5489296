"""No ``repr`` prints a row: of every dataclass that holds frames or arrays, and of what stands in them."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re

import numpy as np
import pandas as pd
import pytest
import servicelift
from servicelift.core.contract_state import ContractState
from servicelift.core.records import ClvInputs, Losses, TrialData
from servicelift.core.short_repr import ShortRepr, short_repr

NOT_OURS = ("tests", "benchmarks", "examples", "docs")
HOLDS_ROWS = re.compile(
    r"\b(DataFrame|Series|ndarray|NDArray|ArrayLike|Floats|SmallFloats|Ints|Positions|Bools|Instants|Objects|Arrays"
    r"|Table|ClvInputs|ContractState|Losses|TrialData|Decisions)\b"
)


def dataclasses_of_the_package():
    for module in pkgutil.walk_packages(servicelift.__path__, "servicelift."):
        if module.name.split(".")[1] in NOT_OURS:
            continue
        try:
            found = importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("servicelift"):
                raise
            continue  # an extra that is not installed, such as Spark
        for name, thing in vars(found).items():
            if inspect.isclass(thing) and dataclasses.is_dataclass(thing) and thing.__module__ == module.name:
                yield f"{module.name}.{name}", thing


def callable_only(kind: str) -> bool:
    """A function that takes or returns frames holds none."""
    return kind.startswith("Callable")


def test_every_record_that_holds_rows_has_a_short_repr():
    looked_at, long = 0, []
    for name, kind in dataclasses_of_the_package():
        types = [str(field.type) for field in dataclasses.fields(kind) if field.repr]
        if any(HOLDS_ROWS.search(of) and not callable_only(of) for of in types):
            looked_at += 1
            if not issubclass(kind, ShortRepr):
                long.append(name)
    assert looked_at > 50
    assert long == [], f"{', '.join(long)}: inherit from core.short_repr.ShortRepr, so that repr shows no row"


@pytest.fixture
def trial():
    n = 400
    rows = pd.DataFrame({"customer_id": [f"C{i:05d}" for i in range(n)], "treated": [i % 2 for i in range(n)]})
    contract = rows.assign(**dict.fromkeys(ContractState.columns(), 1.0))
    inputs = ClvInputs(rows, contract, {"all": rows})
    numbers = np.arange(n, dtype=float)
    losses = Losses(numbers, numbers > 3, rows, contract, None)
    frames, arrays = (rows, rows, rows, inputs, rows), (numbers, numbers)
    return TrialData("offer", "randomised", *frames, *arrays, 180, 180, 7, 0, losses, *arrays)


def test_a_trial_shows_shapes_and_no_customer(trial):
    shown = repr(trial)
    assert len(shown) < 900
    assert "C00" not in shown
    assert "units=DataFrame(400 x 2)" in shown
    assert "before=ndarray(400)" in shown
    assert "state=ClvInputs(features=DataFrame(400 x 2)" in shown
    assert str(trial) == shown


def test_what_is_not_rows_is_shown_as_it_is():
    shown = [short_repr(value) for value in (3, 2.5, None, "a" * 99, (1, 2), pd.Timestamp("2024-06-01"), np.int64(4))]
    assert shown == ["3", "2.5", "None", repr("a" * 60 + "..."), "tuple(2)", "2024-06-01 00:00:00", "4"]


def test_a_repr_of_its_own_is_kept():
    @dataclasses.dataclass
    class Own(ShortRepr):
        rows: pd.DataFrame

        def __repr__(self) -> str:
            return "mine"

    @dataclasses.dataclass
    class Heir(ShortRepr):
        rows: pd.DataFrame
        hidden: int = dataclasses.field(default=1, repr=False)

    assert repr(Own(pd.DataFrame())) == "mine"
    assert repr(Heir(pd.DataFrame())) == "Heir(rows=DataFrame(0 x 0))"
