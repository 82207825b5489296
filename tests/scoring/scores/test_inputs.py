"""Texts among numbers, emptied columns and unknown levels: counted, named with an example, or refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.core.locale import Locale
from servicelift.models.fitting.design import Encoder
from servicelift.models.fitting.encoding import encodings_of, learn_encoding
from servicelift.scoring.scores.inputs import InputCounts, readable_features

N = 100
TRAINED = pd.DataFrame({"birth_year": np.arange(N) + 1900.0, "channel": ["web", "shop"] * (N // 2)})
SPINE = pd.DataFrame({"customer_id": [f"C{i}" for i in range(N)], "as_of": pd.Timestamp("2024-01-01")})


def config(share=0.0):
    return Config.model_validate(
        {
            "tables": {"customers": "c", "payments": "p"},
            "static": ["birth_year", "channel"],
            "tolerate": {"unreadable_numbers": share},
        }
    )


def readable(features, share=0.0, trained=TRAINED):
    return readable_features(config(share), SPINE, features, [learn_encoding(trained)])


def unknown_levels(features, encodings):
    """The levels counted of everybody at once, and of the rows in three parts: both say the same."""
    spine = SPINE.iloc[: len(features)]
    whole, parts = InputCounts(config(), encodings), InputCounts(config(), encodings)
    whole.readable(spine, features)
    for rows in np.array_split(np.arange(len(features)), 3):
        parts.readable(spine.iloc[rows], features.iloc[rows])
    assert parts.unknown() == whole.unknown()
    return whole.unknown()


def texts(**rows):
    column = TRAINED["birth_year"].astype(int).astype(str)
    for row, value in rows.items():
        column[int(row[1:])] = value
    return TRAINED.assign(birth_year=column)


def test_features_as_in_training_pass_as_they_are():
    features, unknown = readable(TRAINED)
    assert features is TRAINED
    assert unknown == ()


def test_texts_that_are_numbers_are_those_numbers():
    features, unknown = readable(texts())
    assert (features["birth_year"] == TRAINED["birth_year"]).all()
    assert unknown == ()


def test_a_text_among_numbers_names_column_rows_a_key_and_the_remedy():
    with pytest.raises(DataError) as caught:
        readable(texts(_7="unknown", _9="unknown"))
    said = str(caught.value)
    assert said.startswith("'customers.birth_year': expected numbers as in training, 2 of 100 customers")
    assert "customer_id C7" in said
    assert "tolerate: unreadable_numbers:" in said
    assert "'unknown'" not in said


def test_a_share_that_the_config_tolerates_counts_as_missing_and_is_counted():
    features, (one,) = readable(texts(_7="unknown", _9="?"), share=0.02)
    assert features["birth_year"].isna().to_numpy().nonzero()[0].tolist() == [7, 9]
    assert (one.kind, one.rows, one.share) == ("text", 2, 0.02)
    with pytest.raises(DataError, match="3 of 100"):
        readable(texts(_7="a", _8="b", _9="c"), share=0.02)


@pytest.mark.parametrize("kind", ["str", "object", "float64"])
def test_an_emptied_column_is_missing_not_text_and_is_told(kind):
    empty = TRAINED.assign(birth_year=pd.Series([None] * N).astype(kind))
    features, (one,) = readable(empty)
    assert features["birth_year"].isna().all()
    assert (one.kind, one.column, one.rows) == ("empty", "birth_year", N)
    assert np.isnan(learn_encoding(TRAINED).matrix(empty)[:, 0]).all()


def test_a_column_that_one_model_knows_as_categories_stays_as_it_is():
    as_text = learn_encoding(texts(_7="unknown"))
    features, unknown = readable_features(config(), SPINE, texts(_7="new"), [as_text, learn_encoding(TRAINED)])
    assert features["birth_year"].iloc[7] == "new"
    assert unknown == ()


def test_unknown_levels_are_counted_once_over_the_models_and_missing_is_none():
    tonight = TRAINED.assign(channel=["tiktok"] * 30 + [None] * 20 + ["web"] * 50)
    learnt = [learn_encoding(TRAINED)]
    (one,) = unknown_levels(tonight, {"churn": learnt, "clv": learnt})
    assert (one.column, one.rows, one.share, one.models) == ("channel", 30, 0.3, ("churn", "clv"))
    assert "30 rows (30.0%) with levels unknown to churn and clv" in one.line(Locale())
    assert unknown_levels(TRAINED, {"churn": learnt}) == ()


def test_a_model_that_knows_more_levels_is_not_named():
    tonight = TRAINED.assign(channel="tiktok")
    models = {"churn": [learn_encoding(TRAINED)], "clv": [learn_encoding(tonight)]}
    (one,) = unknown_levels(tonight, models)
    assert one.models == ("churn",)


def test_a_model_of_effects_knows_the_levels_that_training_saw_rare_ones_too():
    trained = TRAINED.assign(channel=["web"] * 97 + ["shop"] * 3)
    encoder = Encoder(min_count=20).fit(trained)
    (learnt,) = encodings_of({"call": [encoder]})
    assert unknown_levels(trained, {"incremental": [learnt]}) == ()
    tonight = trained.assign(channel=["tiktok"] * 30 + ["shop"] * 70)
    (one,) = unknown_levels(tonight, {"churn": [learn_encoding(trained)], "incremental": [learnt]})
    assert (one.column, one.rows, one.models) == ("channel", 30, ("churn", "incremental"))
    assert one.facts() == {"kind": "levels", "rows": 30, "share": 0.3, "models": ["churn", "incremental"]}


def test_of_an_effect_saved_with_its_frequent_levels_alone_no_level_is_told():
    old = Encoder(min_count=20)
    old.__setstate__(
        {
            "feature_names_in_": ["birth_year", "channel"],
            "numbers_": ["birth_year"],
            "levels_": {"channel": ["web"]},
            "medians_": np.zeros(1),
            "flagged_": np.array([], dtype=int),
            "means_": np.zeros(1),
            "scales_": np.ones(1),
            "min_count": 20,
        }
    )
    (learnt,) = encodings_of([old])
    assert unknown_levels(TRAINED, {"incremental": [learnt]}) == ()
    assert learnt.numbers == ["birth_year"]


def test_a_level_that_one_part_of_a_model_saw_is_known_to_it() -> None:
    """Those who pay by direct debit are none whom a switch to it is learnt from, nor whom it scores."""
    everybody = pd.DataFrame({"method": ["iban", "card", "cheque"]})
    parts = [learn_encoding(everybody), learn_encoding(everybody.iloc[1:])]
    assert unknown_levels(everybody, {"incremental": parts}) == ()
    (one,) = unknown_levels(pd.DataFrame({"method": ["iban", "coin", None]}), {"incremental": parts})
    assert (one.column, one.rows, one.models) == ("method", 1, ("incremental",))


def test_what_is_tolerated_and_what_is_empty_is_judged_over_all_parts_together() -> None:
    tonight = texts(_7="?", _90="unknown").assign(channel=[None] * 99 + ["web"])
    counts = InputCounts(config(0.02), {"churn": [learn_encoding(TRAINED)]})
    read = [counts.readable(SPINE.iloc[rows], tonight.iloc[rows]) for rows in np.array_split(np.arange(N), 4)]
    (one,) = counts.unreadable()
    assert (one.kind, one.column, one.rows, one.share) == ("text", "birth_year", 2, 0.02)
    assert pd.concat(read)["birth_year"].isna().to_numpy().nonzero()[0].tolist() == [7, 90]
    strict = InputCounts(config(0.01), {"churn": [learn_encoding(TRAINED)]})
    for rows in (slice(0, 50), slice(50, N)):
        strict.readable(SPINE.iloc[rows], tonight.iloc[rows])
    with pytest.raises(DataError, match=r"2 of 100 customers .* customer_id C7"):
        strict.unreadable()
