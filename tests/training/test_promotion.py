"""Champion or challenger: only a model that beats the champion beyond noise displaces it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.core.locale import Locale
from servicelift.tracking import CHALLENGER, CHAMPION, Loaded, Version
from servicelift.training.judged import HeldOut
from servicelift.training.paired_losses import paired_difference
from servicelift.training.promotion import finished, promote

ROWS = 300
NAME = "press-churn"


class Model:
    """A model whose losses lie around ``level``; ``noise`` is its own."""

    def __init__(self, level, noise=0.0, columns=("a",)):
        self.level, self.noise, self.columns = level, noise, columns

    def losses(self):
        hard = np.random.default_rng(0).gamma(1, 1, ROWS)
        return self.level + hard + np.random.default_rng(int(self.level * 1e4)).normal(0, self.noise, ROWS)


class Run:
    """Stands in for a run."""

    run_id = "r1"

    def __init__(self, job="j1"):
        self.marks, self.locale = {"servicelift.job": job}, Locale("en")
        self.figures, self.measured, self.texts, self.tagged = {}, {}, {}, {}
        self.facts, self.segments, self.strongest = {}, None, []

    def metrics(self, values, prefix=""):
        self.measured |= {prefix + key: value for key, value in values.items()}

    def tags(self, values):
        self.tagged |= values

    def text(self, text, path):
        self.texts[path] = text


class Store:
    """Stands in for the registry: remembers versions, tags and where aliases point."""

    def __init__(self, champion=None):
        self.models = {} if champion is None else {4: champion}
        self.tags = {4: {}} if self.models else {}
        self.aliases = {CHAMPION: 4} if self.models else {}
        self.meanwhile = None

    def version_of(self, name, alias):
        return self.aliases.get(alias)

    def read(self, name, number):
        model = self.models[number]
        if isinstance(model, Exception):
            raise model
        return Loaded(model, name, number)

    def store(self, model, name, example):
        return model

    def publish(self, stored, name, tags, description):
        number = max(self.models, default=4) + 1
        self.models[number], self.tags[number] = stored, dict(tags)
        if self.meanwhile is not None:
            self.meanwhile, other = None, self.meanwhile
            rival = self.publish(other, name, {"servicelift.job": "rival"}, "")
            self.aliases[CHAMPION] = rival
        return number

    def versions(self, name):
        return [Version(n, (), "r1", None, tags) for n, tags in self.tags.items()]

    def set_alias(self, name, alias, number):
        self.aliases[alias] = number

    def history(self, name):
        return [4, 5] if 4 in self.models else [5]

    def tag(self, name, number, tags):
        self.tags[number] |= tags

    def describe(self, name, number, text, meaning):
        self.described = {**getattr(self, "described", {}), number: text}


def judged(store, model, run=None, naive=5.0, rivals=None, objections=()):
    held_out = HeldOut(
        measure="log loss",
        losses_of=Model.losses,
        customers=np.arange(ROWS),
        naive=Model(naive).losses(),
        naive_name="the rate of the time before",
        seed=1,
        rivals={name: rival.losses() for name, rival in (rivals or {}).items()},
    )
    return promote(
        store,
        NAME,
        model,
        pd.DataFrame({"a": [1.0]}),
        run=run or Run(),
        held_out=held_out,
        beside={"AUC": 0.7},
        notes=("a single snapshot",),
        objections=objections,
    )


def test_a_first_model_is_champion():
    store = Store()
    result = judged(store, Model(0.3))
    assert "**Champion**: first model" in store.described[result.version]
    assert store.aliases == {CHAMPION: 5}
    assert result.champion_loss is None
    assert result.lines() == [
        f"press-churn version 5: champion; log loss {result.loss:.4g} (first model), AUC 0.7",
        "  champion, because first model",
        "  a single snapshot",
    ]


def test_a_first_model_below_the_naive_forecast_is_registered_and_not_promoted():
    store = Store()
    result = judged(store, Model(0.3), naive=0.1)
    assert store.aliases == {CHALLENGER: 5}
    assert result.lines()[:2] == [
        f"press-churn version 5: challenger; log loss {result.loss:.4g} (first model), AUC 0.7",
        f"  challenger, because first model, and worse than the rate of the time before ({result.loss:.4g} against"
        f" {result.loss - 0.2:.4g}): not promoted; all the same: servicelift models CONFIG --promote churn:5 --reason"
        ' "..."',
    ]
    assert store.tags[5]["servicelift.decision"].startswith("challenger: first model, and worse than")


def test_where_the_loss_is_mostly_noise_a_first_model_is_refused_beyond_noise_only():
    noisy = Model(0.41, 1.5)
    level = next(x / 1000 for x in range(250, 410) if Model(x / 1000, 1.5).losses().mean() < noisy.losses().mean())
    naive = Model(level, 1.5).losses()

    def decided(**chosen):
        held_out = HeldOut("loss", Model.losses, np.arange(ROWS), naive, "no effect", 1, **chosen)
        return promote(
            Store(), "press-incremental", noisy, pd.DataFrame({"a": [1.0]}), run=Run(), held_out=held_out, beside={}
        )

    assert decided().alias == CHALLENGER
    kept = decided(naive_beyond_noise=True)
    assert (kept.alias, kept.first) == (CHAMPION, True)
    assert kept.decision == "first model, though not better than no effect"


@pytest.mark.parametrize(
    ("ours", "theirs", "naive", "promoted", "because"),
    [
        (Model(0.3), Model(0.4), 5.0, True, "better beyond noise than champion version 4"),
        (Model(0.4), Model(0.4), 5.0, False, "not better beyond noise"),
        (Model(0.5), Model(0.4), 5.0, False, "not better beyond noise"),
        (Model(0.395, 1.5), Model(0.4, 1.5), 5.0, False, "not better beyond noise"),
        (Model(0.5), Model(0.4), 0.1, False, "worse than the rate of the time before"),
        (Model(0.3), Model(0.4), 0.1, False, "worse than the rate of the time before"),
        (Model(0.3), Model(0.4, columns=("gone",)), 5.0, False, "cannot be judged: the tables give no gone any more"),
        (Model(0.3), Model(0.4, columns=("a", "b")), 5.0, False, "without 1 feature of champion version 4 (b)"),
        (Model(0.3), ModelError("unreadable"), 5.0, True, "cannot be judged: unreadable"),
    ],
)
def test_beyond_noise_or_not(ours, theirs, naive, promoted, because):
    store = Store(champion=theirs)
    result = judged(store, ours, naive=naive)
    assert because in result.decision
    assert ("champion not judged" in result.lines()[0]) == ("cannot be judged" in result.decision)
    assert not result.first
    assert result.alias == (CHAMPION if promoted else CHALLENGER)
    assert store.aliases == ({CHAMPION: 5} if promoted else {CHAMPION: 4, CHALLENGER: 5})
    assert store.tags[5]["servicelift.decision"].startswith(f"{result.alias}: ")


def test_a_champion_below_its_naive_forecast_gives_way_to_a_model_that_is_no_worse():
    noisy, run = Model(0.41, 1.5), Run()

    def within_noise(model):
        paired = paired_difference(model.losses(), noisy.losses(), np.arange(ROWS), seed=1)
        return paired.low < paired.difference < 0 < paired.high

    other = next(m for m in (Model(x / 1000, 1.5) for x in range(300, 410)) if within_noise(m))
    assert judged(Store(champion=noisy), other, naive=5.0).alias == CHALLENGER
    hard = Model(0.0).losses().mean()
    between = (other.losses().mean() + noisy.losses().mean()) / 2 - hard
    below = judged(Store(champion=noisy), other, run, naive=between)
    assert below.alias == CHAMPION
    assert "loses against the rate of the time before" in below.decision
    assert run.measured["champion_low"] < 0 < run.measured["champion_high"]
    neither = judged(Store(champion=noisy), other, naive=0.0)
    assert neither.alias == CHALLENGER
    assert neither.decision.startswith("worse than the rate of the time before")


@pytest.mark.parametrize("champion", [None, Model(0.4), Model(0.4, columns=("gone",))])
@pytest.mark.parametrize(
    ("chosen", "because"),
    [
        ({"rivals": {"logistic regression": Model(0.25)}}, "worse than logistic regression ("),
        ({"objections": ("of grade E (not to be used)",)}, "of grade E (not to be used)"),
        ({"naive": 0.1}, "worse than the rate of the time before ("),
    ],
)
def test_what_must_not_be_used_becomes_champion_by_hand_only(champion, chosen, because):
    """Whatever the champion is: a better one, a worse one, one that cannot be judged, or none."""
    store = Store(champion)
    result = judged(store, Model(0.3), **chosen)
    assert result.alias == CHALLENGER
    assert store.aliases == ({CHAMPION: 4, CHALLENGER: 5} if champion else {CHALLENGER: 5})
    assert because in result.decision
    assert result.decision.endswith(
        'not promoted; all the same: servicelift models CONFIG --promote churn:5 --reason "..."'
    )


def test_what_a_version_lost_is_named_and_left_to_a_person():
    champion = Model(0.4, columns=("a", *"bcdefgh"))
    champion.actions = ("offer", "call")
    ours = Model(0.3, columns=("a", "new"))
    ours.actions = ("call",)
    result = judged(Store(champion), ours)
    assert result.alias == CHALLENGER
    assert "without 7 features of champion version 4 (b, c, d, e, f, ...)" in result.decision
    assert "without 1 action of champion version 4 (offer)" in result.decision
    assert "--promote churn:5" in result.decision
    more = Model(0.3, columns=(*champion.columns, "new"))
    more.actions = ("offer", "call", "visit")
    assert judged(Store(champion), more).alias == CHAMPION


def test_a_rival_that_is_no_better_stands_in_nobody_s_way():
    assert judged(Store(), Model(0.3), rivals={"logistic regression": Model(0.3)}).alias == CHAMPION
    assert judged(Store(), Model(0.3), rivals={"logistic regression": Model(0.31)}).alias == CHAMPION


def test_the_interval_is_printed_and_logged():
    run = Run()
    result = judged(Store(champion=Model(0.4)), Model(0.3), run)
    assert "log loss -0.1 (95% interval -0.1 to -0.1)" in result.decision
    assert run.measured["champion_difference"] == pytest.approx(-0.1)
    assert run.tagged["decision"].startswith("champion: better beyond noise")
    assert json.loads(run.texts["judged.json"])["version"] == 5
    assert "## Decision\n\nChampion: better beyond noise" in run.texts["model_card.md"]


@pytest.mark.parametrize(("rival", "alias"), [(0.2, CHALLENGER), (0.35, CHAMPION)])
def test_a_champion_that_came_meanwhile_is_judged_too(rival, alias):
    store = Store(champion=Model(0.4))
    store.meanwhile = Model(rival)
    result = judged(store, Model(0.3))
    assert result.alias == alias
    assert "champion version 6" in result.decision
    assert store.aliases[CHAMPION] == (6 if alias == CHALLENGER else 5)


def test_what_was_registered_before_a_kill_is_not_registered_again():
    store = Store(champion=Model(0.4))
    number = store.publish(Model(0.3), NAME, {"servicelift.job": "j1"}, "")
    result = judged(store, Model(0.3), Run("j1"))
    assert result.version == number == 5
    assert list(store.models) == [4, 5]
    assert judged(store, Model(0.2), Run("j2")).version == 6


@pytest.mark.parametrize("champion", [None, Model(0.4)])
def test_a_champion_that_was_killed_before_its_decision_is_judged_against_the_one_before(champion):
    store = Store(champion)
    number = store.publish(Model(0.3), NAME, {"servicelift.job": "j1"}, "")
    store.aliases[CHAMPION] = number
    result = judged(store, Model(0.3), Run("j1"))
    assert (result.version, result.alias) == (5, CHAMPION)
    assert result.decision.startswith("better beyond noise than champion version 4" if champion else "first model")
    assert store.aliases == {CHAMPION: 5}


def test_a_finished_model_is_read_back_as_it_was_judged():
    store, run = Store(), Run("j1")
    result = judged(store, Model(0.3), run)
    store.artefact = lambda run_id, path: run.texts[path]
    again = finished(store, NAME, "j1")
    assert again.lines() == [*result.lines(), "  trained before the run was stopped; kept"]
    assert finished(store, NAME, "j2") is None
