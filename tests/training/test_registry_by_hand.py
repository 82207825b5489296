"""By hand: promotion and rollback move the alias, keep the reason, and refuse what makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError
from servicelift.tracking import CHALLENGER, CHAMPION, Tracker
from servicelift.training.judged import JudgedModel
from servicelift.training.registry_by_hand import compare, listing, promote_by_hand, promote_refused, roll_back

NAME = "press-churn"


@pytest.fixture
def config(tmp_path):
    return Config.model_validate(
        {"business": "press", "tables": {"customers": "c", "payments": "p"}, "folder": tmp_path}
    )


@pytest.fixture
def tracker(config, saved, saved_rows, empty_store):
    """Three versions of one model: 1 was champion, 2 is, 3 challenges."""
    empty_store(Path(config.tracking_uri.removeprefix("sqlite:///")))
    tracker = Tracker.of(config)
    with tracker.run("churn"):
        stored = tracker.store(saved, NAME, saved_rows.head(1))
    for _ in range(3):
        tracker.publish(stored, NAME, {})
    tracker.set_alias(NAME, CHAMPION, 1)
    tracker.set_alias(NAME, CHAMPION, 2)
    tracker.set_alias(NAME, CHALLENGER, 3)
    return tracker


def test_promoting_by_hand_moves_the_alias_and_keeps_the_reason(config, tracker):
    assert promote_by_hand(config, "churn:challenger", "campaign  of May\nneeds it") == [
        "press-churn version 3: champion instead of version 2; campaign of May needs it"
    ]
    assert tracker.version_of(NAME, CHAMPION) == 3
    assert tracker.version_of(NAME, CHALLENGER) is None
    lines = listing(config)
    assert lines[0].startswith("press-churn version 3 champion run ")
    assert lines[0].endswith(": campaign of May needs it")
    assert lines[1].startswith("press-churn version 2 - run ")


def test_rolling_back_goes_one_champion_back_each_time(config, tracker):
    promote_by_hand(config, "press-churn:3", "try it")
    assert roll_back(config, "churn", "too many calls") == [
        "press-churn version 2: champion again instead of version 3; too many calls"
    ]
    assert roll_back(config, "press-churn", "still")[0].startswith("press-churn version 1: champion again")
    with pytest.raises(ConfigError, match="no champion before the present one"):
        roll_back(config, "churn", "once more")
    assert tracker.version_of(NAME, CHAMPION) == 1
    shown = {line.split()[2]: line for line in listing(config)}
    assert "rolled back by hand on" in shown["3"]
    assert shown["3"].endswith("too many calls")


def test_rolling_back_passes_over_versions_that_were_deleted(config, tracker):
    promote_by_hand(config, "churn:3", "try it")
    tracker._client.delete_model_version(NAME, "2")
    assert roll_back(config, "churn", "bad")[0].startswith("press-churn version 1: champion again instead of version 3")


def test_a_champion_set_elsewhere_is_gone_back_to(config, tracker):
    tracker._client.set_registered_model_alias(NAME, CHAMPION, "3")
    with pytest.raises(ConfigError, match="version 3 is the champion already"):
        promote_by_hand(config, "churn:3", "again")
    promote_by_hand(config, "churn:1", "the first was best")
    assert tracker.history(NAME) == [1, 2, 3, 1]
    assert roll_back(config, "churn", "no")[0].startswith("press-churn version 3: champion again")


def test_a_promotion_that_was_cut_short_is_not_rolled_back_to(config, tracker):
    tracker.set_history(NAME, [1, 2, 3])
    assert roll_back(config, "churn", "no")[0].startswith("press-churn version 1: champion again instead of version 2")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: promote_by_hand(c, "churn:3", "  "), "expected a reason"),
        (lambda c: promote_by_hand(c, "churn:9", "why"), "no version '9'; there are: 3, 2, 1"),
        (lambda c: promote_by_hand(c, "churn:2", "why"), "version 2 is the champion already"),
        (lambda c: promote_by_hand(c, "churn", "why"), "expected MODEL:VERSION such as churn:3"),
        (lambda c: promote_by_hand(c, "chrun:3", "why"), "unknown model 'chrun'; did you mean 'churn'"),
        (lambda c: promote_by_hand(c, "clv:1", "why"), "there are: none; run `servicelift train` first"),
        (lambda c: roll_back(c, "clv", "why"), "press-clv has no champion before"),
        (lambda c: roll_back(c, "churn", ""), "expected a reason"),
        (lambda c: compare(c, "churn:1", "clv:1"), "press-clv has no version '1'"),
    ],
)
def test_what_makes_no_sense_is_one_clear_line_and_changes_nothing(config, tracker, call, message):
    with pytest.raises(ConfigError, match=message):
        call(config)
    assert (tracker.version_of(NAME, CHAMPION), tracker.version_of(NAME, CHALLENGER)) == (2, 3)


def test_only_a_refused_first_model_is_promoted_for_a_demonstration(config, tracker):
    def judged(version, alias, champion_loss):
        return JudgedModel(NAME, version, alias, "log loss", 0.3, champion_loss, {})

    both = [judged(1, CHALLENGER, 0.2), judged(3, CHALLENGER, None)]
    assert promote_refused(config, both, "to show the rest") == [
        "press-churn version 3: champion instead of version 2; to show the rest"
    ]
    assert promote_refused(config, [judged(3, CHAMPION, None)], "again") == []
