"""Pieces: actions for running customers are for those, actions for lapsed ones for the others; cuts change nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ModelError
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.scoring.scores import pieces as module
from servicelift.scoring.scores.champions import Champions
from servicelift.scoring.scores.inputs import InputCounts
from servicelift.scoring.scores.kept_pieces import KeptPieces
from servicelift.scoring.scores.one_piece import Piece, Scoring, score_piece
from servicelift.scoring.scores.pieces import Customers, check_anybody, pieces
from servicelift.scoring.scores.result_files import ACTION_VALUES, write_action_values
from servicelift.tracking import Loaded

AS_OF = pd.Timestamp("2023-06-01")


class Known:
    """A model that values each action by how long ago the subscription began."""

    columns = ("tenure_days",)

    def __init__(self, **states: str) -> None:
        evidence = SimpleNamespace(value="randomised")
        self.final = {name: SimpleNamespace(state=state, evidence=evidence) for name, state in states.items()}

    def costs(self):
        return dict.fromkeys(self.final, 2.0)

    def predict_frame(self, frame, rows):
        effect = frame["tenure_days"].to_numpy(dtype=float)
        ends = {"": 0.0, "_low": -1.0, "_high": 1.0}
        return pd.DataFrame(
            {
                f"{a}.incremental_clv{e}": np.where(rows[a], effect + s, np.nan)
                for a in self.final
                for e, s in ends.items()
            },
            index=frame.index,
        )


def tables_of(**actions: dict[str, object]) -> Tables:
    """Customers 0 to 4: two run (one is paused), two lapsed (one may not be contacted), one had nothing."""
    frames = {
        "customers": pd.DataFrame(
            {
                "customer_id": range(5),
                "signed_up_at": pd.to_datetime(["2022-01-01", "2022-02-01", "2022-03-01", "2022-04-01", "2022-05-01"]),
                "contactable": [True, True, True, False, True],
            }
        ),
        "subscriptions": pd.DataFrame(
            {
                "subscription_id": range(4),
                "customer_id": range(4),
                "started_at": pd.Timestamp("2022-06-01"),
                "paused_from": pd.to_datetime([None, "2023-05-01", None, None]),
                "ended_at": pd.to_datetime([None, None, "2023-01-01", "2023-01-01"]),
                "product": "paper",
                "term_months": 1,
                "price": 9.0,
            }
        ),
    }
    config = {"tables": dict.fromkeys(frames, "-"), "data_until": "2023-06-01", "incremental": {"actions": actions}}
    return tables_from_frames(frames, Config.model_validate(config))


def champions_of(model: Known | None) -> Champions:
    loaded = None if model is None else Loaded(model, "press-incremental", 3)
    return Champions({"churn": None, "clv": None, "incremental": loaded}, {}, "")


def pieces_of(tables: Tables, model: Known | None, folder: Path) -> list[Piece]:
    champions, kept = champions_of(model), KeptPieces(folder)
    counts = InputCounts(tables.config, {}), InputCounts(tables.config, {})
    return list(pieces(tables, Customers.at(tables, AS_OF, champions), champions, kept, counts))


def valued(tables: Tables, model: Known | None, folder: Path) -> pd.DataFrame:
    found = pieces_of(tables, model, folder)
    scored = [score_piece(Scoring(folder, None, None, model), piece) for piece in found]  # type: ignore[arg-type]
    write_action_values(folder, folder, scored, found[0].spine.iloc[:0])
    return pd.read_parquet(folder / ACTION_VALUES)


def test_each_action_is_valued_for_customers_in_its_state(tmp_path: Path) -> None:
    tables = tables_of(offer={}, win_back={"state": "lapsed"})
    values = valued(tables, Known(win_back="lapsed", offer="running"), tmp_path)
    assert values[["action", "customer_id"]].to_numpy().tolist() == [["win_back", 2], ["offer", 0]]
    signed_up = pd.to_datetime(["2022-03-01", "2022-01-01"])
    assert values["incremental_clv"].tolist() == [(AS_OF - at).days for at in signed_up]
    assert (values["net_value"] == values["incremental_clv"] - 2.0).all()
    assert (values["as_of"] == AS_OF.tz_localize("UTC")).all()
    assert (values["evidence"] == "randomised").all()


def test_where_nobody_is_in_the_state_there_are_no_rows(tmp_path: Path) -> None:
    rule = "days_since_subscription_end > 9999"
    tables = tables_of(offer={}, win_back={"state": "lapsed", "eligible": rule})
    values = valued(tables, Known(win_back="lapsed", offer="running"), tmp_path)
    assert values["action"].tolist() == ["offer"]


def test_a_model_of_customers_in_the_other_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"learnt action 'win_back' from running customers, .* state: lapsed; train again"
    ):
        valued(tables_of(win_back={"state": "lapsed"}), Known(win_back="running"), tmp_path)


def test_without_a_champion_there_are_columns_alone(tmp_path: Path) -> None:
    values = valued(tables_of(offer={}), None, tmp_path)
    assert values.empty
    assert {"customer_id", "action", "net_value", "evidence"} <= set(values.columns)


def test_small_pieces_and_blocks_hold_the_same_customers_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tables = tables_of(offer={}, win_back={"state": "lapsed"})
    model = Known(win_back="lapsed", offer="running")
    whole = pieces_of(tables, model, tmp_path)
    monkeypatch.setattr(module, "PIECE", 1)
    monkeypatch.setattr(module, "block_size", lambda features: 1)
    parts = pieces_of(tables, model, tmp_path)
    assert [piece.place for piece in parts] == [0, 1, 2]
    assert [piece.waiting is None for piece in parts] == [False, False, True]
    for name in ("spine", "features"):
        together = pd.concat([getattr(piece, name) for piece in parts])
        expected = pd.concat([getattr(piece, name) for piece in whole])
        pd.testing.assert_frame_equal(together.reset_index(drop=True), expected.reset_index(drop=True))
    assert [fits.tolist() for piece in parts for fits in piece.fitting.values()] == [[True], [False], [True]]


@pytest.mark.parametrize("done", [[], [0], [0, 1], [1], [0, 1, 2]])
def test_what_a_stopped_run_scored_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, done: list[int]
) -> None:
    tables, model = tables_of(offer={}, win_back={"state": "lapsed"}), Known(win_back="lapsed", offer="running")
    monkeypatch.setattr(module, "PIECE", 1)
    monkeypatch.setattr(module, "block_size", lambda features: 2)
    kept, scoring = KeptPieces(tmp_path), Scoring(tmp_path, None, None, model)  # type: ignore[arg-type]
    for piece in pieces_of(tables, model, tmp_path):
        if piece.place in done:
            kept.keep(score_piece(scoring, piece))
    built: list[int] = []
    real = module.build_features
    monkeypatch.setattr(module, "build_features", lambda t, spine: built.append(len(spine)) or real(t, spine))
    rest = pieces_of(tables, model, tmp_path)
    assert [piece.place for piece in rest] == [place for place in range(3) if place not in done]
    blocks = [2, 1] if not {0, 1} <= set(done) else [1]
    assert built == ([] if done == [0, 1, 2] else blocks)
    for piece in rest:
        kept.keep(score_piece(scoring, piece))
    together = kept.all()
    assert [one.place for one in together] == [0, 1, 2]
    write_action_values(
        tmp_path,
        tmp_path,
        together,
        tables.execute(tables["customers"]).iloc[:0][["customer_id"]].assign(as_of=pd.Series(dtype="datetime64[us]")),
    )
    assert pd.read_parquet(tmp_path / ACTION_VALUES)["customer_id"].tolist() == [2, 0]


def test_nobody_to_score_is_said() -> None:
    tables, early = tables_of(offer={}), pd.Timestamp("2020-01-01")
    customers = Customers.at(tables, early, champions_of(None))
    assert len(customers) == 0
    with pytest.raises(ModelError, match=r"expected customers to score at 2020-01-01, found none"):
        check_anybody(len(customers), tables, early)
