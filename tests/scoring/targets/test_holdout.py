"""The holdout: the same arm whoever draws it, even over strata up to chance, and a bad draw is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import HoldoutConfig
from servicelift.core.locale import Locale
from servicelift.scoring.targets.holdout import drawn_holdout


def a_list(n, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(n)],
            "action": rng.choice(["switch", "offer"], n),
            "net_value": rng.exponential(5, n),
        }
    )


def drawn(frame, share=0.1, salt="2024"):
    config = HoldoutConfig(share=share, salt=salt)
    return drawn_holdout(frame["customer_id"], frame["action"], frame["net_value"], config)


def test_the_arm_belongs_to_the_customer_whatever_the_list_its_order_and_the_values():
    whole = a_list(3000)
    held = pd.Series(drawn(whole).held, index=whole["customer_id"])
    other = whole.sample(700, random_state=1).assign(net_value=1.0, action="call")
    again = pd.Series(drawn(other).held, index=other["customer_id"])
    assert (held[again.index] == again).all()
    renewed = drawn(whole, salt="2025").held
    assert np.corrcoef(held, renewed)[0, 1] == pytest.approx(0, abs=0.06)


def test_the_share_is_kept_in_every_stratum_up_to_chance():
    found = drawn(a_list(20_000), share=0.2)
    assert found.held.mean() == pytest.approx(0.2, abs=0.01)
    assert len(found.strata) == 8
    assert found.strata["n"].sum() == 20_000
    assert found.strata["held_share"].between(0.17, 0.23).all()


def test_p_values_are_uniform_over_salts_so_the_warning_comes_as_rarely_as_it_says():
    frame = a_list(2000)
    chances = np.array([drawn(frame, salt=str(k)).chance for k in range(150)])
    assert np.mean(chances < 0.05) == pytest.approx(0.05, abs=0.045)
    assert np.mean(chances) == pytest.approx(0.5, abs=0.08)


def test_an_uneven_draw_is_named():
    frame = a_list(4000)
    held = drawn(frame).held
    frame = frame.assign(net_value=np.where(held, 10.0, 1.0) + frame["net_value"] / 10)
    assert "another holdout salt" in drawn(frame).line(Locale())
    assert "another holdout salt" not in drawn(a_list(4000)).line(Locale())


def test_no_list_and_no_holdout_are_said():
    assert drawn(a_list(0)).line(Locale()) == "nobody is listed"
    assert "empty" in drawn(a_list(50), share=0.0).line(Locale())
    assert not drawn(a_list(50), share=0.0).held.any()
