"""Frames become floats: the same whatever holds the numbers, and part by part."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from servicelift.core.errors import DataError
from servicelift.models.churn.competing import ChurnClassifier
from servicelift.models.fitting.encoding import InputRows, encodings_of, learn_encoding
from servicelift.serving import read_model


def test_scoring_sees_the_numbers_as_training_did():
    """Whether a frame holds doubles, single floats or categories: the same probabilities, bit by bit."""
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"a": rng.normal(size=3_000), "money": rng.integers(0, 3_000, 3_000) / 100})
    frame["m"] = rng.choice(["x", "y", None], 3_000)
    small = frame.astype({"a": np.float32, "money": np.float32, "m": "category"})
    y = rng.random(3_000) < expit(frame["money"] / 10 - 3)
    models = [ChurnClassifier(max_rounds=40).fit(kind, y, groups=np.arange(3_000)) for kind in (frame, small)]
    said = [model.predict_proba(kind) for model in models for kind in (frame, small)]
    assert all((other == said[0]).all() for other in said)


def test_parts_of_a_frame_become_the_same_floats():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(20_000, 3)), columns=["a", "b", "c"])
    frame.insert(1, "m", rng.choice(["x", "y", "z"], 20_000))
    encoding, rows = learn_encoding(frame, "float32"), rng.random(20_000) < 0.6
    whole = encoding.matrix(frame)
    assert whole[:, 0].tolist() == frame["a"].astype(np.float32).tolist()
    assert whole[:, 1].tolist() == (frame["m"] == "y").add(2 * (frame["m"] == "z")).tolist()
    np.testing.assert_array_equal(encoding.matrix(frame, rows), whole[rows])
    parts = list(InputRows(frame, encoding).parts(3_000))
    assert len(parts) == 7
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    with pytest.raises(DataError, match="column 'b' holds infinite values"):
        encoding.matrix(frame.assign(b=np.inf))


def test_infinite_values_are_missing_ones_where_the_encoding_says_so():
    frame = pd.DataFrame(
        {"a": [1.0, np.inf, 3.0], "m": ["x", "y", "x"], "b": pd.array([1.5, -np.inf, None], "Float64")}
    )
    encoding = learn_encoding(frame, infinite_is_missing=True)
    assert np.isnan(encoding.matrix(frame)).tolist() == [[False] * 3, [True, False, True], [False, False, True]]
    assert frame["a"].tolist() == [1.0, np.inf, 3.0], "what was given stays"
    with pytest.raises(DataError, match="column 'a' holds infinite values"):
        learn_encoding(frame).matrix(frame)


def test_unknown_levels_are_those_that_training_never_saw():
    learnt = learn_encoding(pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "m": ["x", "y", None, "x"]}))
    tonight = pd.DataFrame({"a": [1.0] * 4, "m": ["x", "new", None, "y"]})
    assert {name: mask.tolist() for name, mask in learnt.unknown(tonight).items()} == {"m": [False, True, False, False]}
    assert learnt.unknown(tonight.assign(m="y")) == {}
    assert learnt.unknown(tonight[["a"]]) == {}
    assert learnt.numbers == ["a"]


def test_every_encoding_of_a_model_is_seen_once_whichever_part_holds_it():
    golden = Path(__file__).parents[2] / "golden"
    churn = encodings_of(read_model(golden / "churn-0.1.0-folds", "churn").final)
    assert {tuple(one.categories) for one in churn} == {("method",)}
    clv = read_model(golden / "clv-0.1.0", "clv")
    (one,) = encodings_of([clv.final, clv.final])
    assert "acquisition_channel" in one.categories
    effects = encodings_of(read_model(golden / "incremental-0.1.0", "effects").final)
    assert effects
    assert all(not one.categories and "birth_year" in one.numbers for one in effects)


def test_a_column_of_numbers_that_is_empty_now_is_missing_and_a_text_is_refused():
    learnt = learn_encoding(pd.DataFrame({"a": [1.0, 2.0]}))
    empty = pd.DataFrame({"a": pd.Series([None, None], dtype="str")})
    assert np.isnan(learnt.matrix(empty)).all()
    with pytest.raises(DataError, match="column 'a' held numbers in training and holds"):
        learnt.matrix(pd.DataFrame({"a": ["1", "unknown"]}))
