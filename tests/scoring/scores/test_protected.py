"""Features that no reason speaks of."""

from __future__ import annotations

import pytest
from servicelift.core.config.business import PROTECTED, Config
from servicelift.core.errors import ConfigError
from servicelift.features.catalogue.catalogue import explain_all
from servicelift.scoring.scores.protected import protected_features


def hidden(**more):
    config = Config(tables={"customers": "c", "payments": "p"}, static=["Birth_Year", "plan"], **more)
    return protected_features(config, explain_all(config))


def test_age_is_protected_by_default_whatever_its_capitals():
    assert "birth_year" in PROTECTED
    assert hidden() == {"Birth_Year"}


def test_the_configuration_says_what_else_is():
    assert hidden(protected=["plan", "tenure_days"]) == {"plan", "tenure_days"}
    assert hidden(protected=[]) == frozenset()


def test_a_name_that_protects_nothing_is_refused():
    with pytest.raises(ConfigError, match=r"no feature is called 'plans'; did you mean 'plan'"):
        hidden(protected=["plans"])
