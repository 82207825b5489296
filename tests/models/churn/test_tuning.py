"""The search: the same trials whether ended between or not, never worse than the defaults, within its budget."""

import numpy as np
import pytest
from servicelift.core.errors import ConfigError, DataError
from servicelift.models.churn.classifier import ChurnClassifier
from servicelift.models.churn.tuning import SPACE, open_study, tune


def bowl(settings):
    """A loss with its least at few leaves and a strong penalty."""
    return (np.log(settings["num_leaves"] / 6)) ** 2 + (np.log(settings["lambda_l2"] / 40)) ** 2


def search(trials, loss=bowl, storage=None, seed=0, seconds=None):
    return tune(loss, open_study("a", storage), trials=trials, seconds=seconds, seed=seed)


def test_the_same_budget_gives_the_same_settings_and_another_seed_others():
    one, two, other = search(15), search(15), search(15, seed=99)
    assert one.settings == two.settings
    assert one.trials.equals(two.trials)
    assert one.settings != other.settings


def test_the_first_trial_are_the_defaults_and_the_search_betters_them():
    found = search(30)
    defaults = ChurnClassifier().get_params()
    assert found.trials.iloc[0][list(SPACE)].to_dict() == pytest.approx({n: defaults[n] for n in SPACE})
    assert found.default_loss == pytest.approx(bowl(defaults))
    assert found.loss < 0.3 * found.default_loss
    assert search(1).settings == {name: defaults[name] for name in SPACE}


def test_a_search_that_was_killed_goes_the_way_it_would_have_gone(tmp_path):
    """Killed within the first trial, and within the sixth: such trials leave no trace."""
    storage = f"sqlite:///{tmp_path / 'tuning.db'}"
    whole = search(14)
    for kill_at in (1, 6):
        calls = []

        def loss(settings, calls=calls, kill_at=kill_at):
            calls.append(settings)
            if len(calls) == kill_at:
                raise KeyboardInterrupt
            return bowl(settings)

        with pytest.raises(KeyboardInterrupt):
            search(14, loss, storage)
    again = search(14, storage=storage)
    assert again.trials.equals(whole.trials)
    assert again.settings == whole.settings


def test_a_finished_search_costs_nothing_and_a_smaller_budget_sees_its_own_trials(tmp_path):
    storage = f"sqlite:///{tmp_path / 'tuning.db'}"
    search(6, storage=storage)

    def never(settings):
        raise AssertionError("a trial was begun")

    assert search(6, never, storage).trials.equals(search(6).trials)
    assert search(3, never, storage).trials.equals(search(3).trials)


def test_seconds_end_the_search_after_the_first_trial_at_the_earliest():
    assert len(search(50, seconds=1e-9).trials) == 1


def test_no_budget_is_said():
    with pytest.raises(DataError, match="at least 1 trial, got 0"):
        search(0)


def test_a_storage_that_cannot_be_opened_is_one_clear_line(tmp_path):
    (tmp_path / "text.db").write_text("no database" * 100, encoding="utf-8")
    for path in (tmp_path / "text.db", tmp_path, tmp_path / "none" / "tuning.db"):
        with pytest.raises(ConfigError, match=r"^churn\.tuning\.file: cannot keep trials in "):
            open_study("a", f"sqlite:///{path}")
