"""Who fits: ``lifetimes`` where it converges and is quick enough, our own search elsewhere; the maximum is the same.

The laws of the fit itself stand in test_base.py, for all models alike.
"""

import numpy as np
import pytest
from servicelift.models.purchases import fit as fit_module
from servicelift.models.purchases.bgnbd import BetaGeoNBD, ModifiedBetaGeoNBD


@pytest.mark.parametrize("model", [BetaGeoNBD, ModifiedBetaGeoNBD])
def test_either_search_ends_at_the_same_maximum(cdnow, model, monkeypatch):
    through = model().fit(*cdnow.rfm)
    assert through.message_ == "fitted through lifetimes from the best of 3 starts"
    monkeypatch.setattr(fit_module, "_MOST_BY_LIFETIMES", 10)
    own = model().fit(*cdnow.rfm)
    assert own.message_ == "best of 3 starts"
    assert own.params_.to_numpy() == pytest.approx(through.params_.to_numpy(), rel=1e-6)
    assert own.log_likelihood_ == pytest.approx(through.log_likelihood_, abs=1e-8)
    assert own.covariance_.to_numpy() == pytest.approx(through.covariance_.to_numpy(), rel=1e-4)


def test_where_lifetimes_does_not_converge_the_own_search_takes_over(cdnow, monkeypatch):
    monkeypatch.setattr(fit_module, "fit_by_lifetimes", lambda *_: None)
    model = BetaGeoNBD().fit(*cdnow.rfm)
    assert model.message_ == "best of 3 starts; lifetimes did not converge"
    assert model.log_likelihood_ == pytest.approx(-9582.4292, abs=6e-5)


def test_a_recency_a_rounding_above_the_age_is_taken(cdnow):
    x, t_x, age = cdnow.rfm
    late = np.where(t_x == age, age + 5e-10, t_x)
    assert (late > age).any()
    assert BetaGeoNBD().fit(x, late, age).params_.to_numpy() == pytest.approx(
        BetaGeoNBD().fit(x, t_x, age).params_.to_numpy(), rel=1e-6
    )
