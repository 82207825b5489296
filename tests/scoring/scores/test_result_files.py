"""What pieces bring becomes one set of files: reasons of the riskiest over everybody, features of who else may ask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.models.registered import ChurnModel
from servicelift.scoring.scores.one_piece import Kept, Piece, Scored, Scoring, score_piece
from servicelift.scoring.scores.reason_features import REASON_FEATURES
from servicelift.scoring.scores.result_files import ACTION_VALUES, SCORES, write_action_values, write_scores

AS_OF = pd.Timestamp("2024-01-01")


class Cause:
    """Churn by complaints: the risk is a tenth for each, and complaints are all that adds to it."""

    def predict_causes(self, frame):
        risk = frame["complaints_90d"].to_numpy(dtype=float) / 10
        return np.column_stack([1 - risk, risk, np.zeros(len(frame))])

    def contributions(self, frame):
        return frame.astype(float)


def piece_of(place: int, complaints: list[int], able: list[bool], at_risk: list[bool] | None = None) -> Piece:
    n = len(complaints)
    return Piece(
        place=place,
        spine=pd.DataFrame({"customer_id": [f"{place}-{i}" for i in range(n)], "as_of": AS_OF}),
        features=pd.DataFrame({"complaints_90d": complaints, "price": 9.0}),
        inputs=None,
        fitting={"call": np.array(able)},
        waiting=pd.Series([""] * n),
        at_risk=np.ones(n, dtype=bool) if at_risk is None else np.array(at_risk),
    )


def files(folder: Path, share: float, *pieces: Piece) -> tuple[pd.DataFrame, pd.DataFrame]:
    model = ChurnModel(Cause(), Cause(), ("complaints_90d",), 90)  # type: ignore[arg-type]
    scoring = Scoring(folder, model, None, None)
    scored = [score_piece(scoring, piece) for piece in pieces]
    tables = {"customers": "c", "payments": "p"}
    config = Config.model_validate({"tables": tables, "models": {"explain_share": share}, "engine": {"threads": 1}})
    write_scores(folder, config, scoring, scored, {"churn": 4, "clv": None})
    return pd.read_parquet(folder / SCORES), pd.read_parquet(folder / REASON_FEATURES)


def test_the_riskiest_over_all_pieces_are_explained_and_ties_go_to_the_first(tmp_path: Path) -> None:
    first = piece_of(0, [1, 5, 3, 9], [True, True, False, True], [True, True, True, False])
    scores, features = files(tmp_path, 0.5, first, piece_of(1, [5, 0, 3], [True, True, True]))
    explained = scores.loc[scores["reason_1"].notna(), "customer_id"].tolist()
    assert explained == ["0-1", "0-2", "1-0"]  # 0-3 is not at risk; 1-2 ties with 0-2
    assert scores["reason_1"].iloc[1] == "5 complaints in 90 days"
    assert scores["churn_probability"].isna().tolist() == [False, False, False, True, False, False, False]
    assert scores["churn_model_version"].tolist() == [4] * 7
    assert scores["clv_model_version"].isna().all()
    assert features["customer_id"].tolist() == ["0-0", "0-3", "1-1", "1-2"]
    assert features["complaints_90d"].tolist() == [1, 9, 0, 3]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_piece_of_which_nobody_is_explained_is_like_the_others(tmp_path: Path, share: float) -> None:
    nobody = piece_of(0, [3, 2], [True, True], [False, False])
    scores, features = files(tmp_path, share, nobody, piece_of(1, [1], [False]))
    assert scores["reason_1"].notna().tolist() == [False, False, share == 1.0]
    assert features["customer_id"].tolist() == ["0-0", "0-1"]


def test_values_stand_action_by_action_whatever_the_pieces(tmp_path: Path) -> None:
    def values(place: int, action: str) -> pd.DataFrame:
        row = {"customer_id": f"{place}", "as_of": AS_OF, "action": action, "incremental_clv": 1.0}
        row |= dict.fromkeys(("incremental_clv_low", "incremental_clv_high", "cost", "net_value"), 1.0)
        return pd.DataFrame([row | {"evidence": "randomised"}])

    scored = []
    for place in range(2):
        for number, action in enumerate(("call", "letter")):
            Kept(tmp_path, place).write(f"values-{number}", values(place, action))
        scored.append(Scored(place, 1, np.zeros(0), {"call": 1, "letter": place}, {}))
    empty = values(0, "call").loc[[], ["customer_id", "as_of"]]
    assert write_action_values(tmp_path, tmp_path, scored, empty) == 3
    back = pd.read_parquet(tmp_path / ACTION_VALUES)
    assert back[["action", "customer_id"]].to_numpy().tolist() == [["call", "0"], ["call", "1"], ["letter", "1"]]
