"""Frames become floats: the same whatever holds the numbers, and part by part."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from servicelift.core.errors import DataError
from servicelift.models.churn.competing import ChurnClassifier
from servicelift.models.fitting.encoding import InputRows, learn_encoding


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
