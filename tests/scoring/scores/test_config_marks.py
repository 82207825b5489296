"""Marks of a configuration: what decides scores changes them, what does not leaves them."""

from __future__ import annotations

import hashlib
import json

import pytest
from servicelift.core.config.business import Config
from servicelift.scoring.scores.config_marks import changed_marks, config_marks

ACTION = {"cost": 1.0, "eligible": "complaints_90d > 0"}


def business(action=None, **more):
    return Config(
        tables={"customers": "c", "payments": "p"}, incremental={"actions": {"call": ACTION | (action or {})}}, **more
    )


@pytest.mark.parametrize(
    ("changed", "keys"),
    [
        ({"action": {"cost": 2.0}}, ("incremental.actions",)),
        ({"action": {"script": "Hello.", "capacity": 3}}, ()),
        ({"value": {"horizon_months": 12}}, ("value",)),
        ({"language": "fr", "names": {"call": "appel"}, "seed": 3}, ()),
    ],
)
def test_what_decides_scores_changes_their_marks(changed, keys):
    assert changed_marks(config_marks(business()), business(**changed)) == keys


def test_scores_that_carry_no_marks_are_taken():
    assert changed_marks({}, business()) == ()


def test_marks_from_before_a_key_agree_while_it_says_nothing():
    config = Config(tables={"customers": "c", "payments": "p"})
    plain = config.model_dump(mode="json")["features"]
    del plain["without"]
    mark = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
    assert config_marks(config)["features"] == mark
    less = config.model_copy(update={"features": config.features.model_copy(update={"without": ("reviews",)})})
    assert changed_marks({"features": mark}, less) == ("features",)
