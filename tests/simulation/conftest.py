"""One small world, shared by the tests of this room."""

from __future__ import annotations

import pytest
from servicelift.simulation.contract_tables import Simulated, simulate_frames
from servicelift.simulation.truth_tables import Truth, truth_tables

CUSTOMERS, SEED = 1_500, 11


@pytest.fixture(scope="session")
def world() -> Simulated:
    return simulate_frames(CUSTOMERS, SEED)


@pytest.fixture(scope="session")
def truth(world: Simulated) -> Truth:
    return truth_tables(world, SEED)
