"""A registered model as MLflow's own tools call it: files in a folder, a frame in, a frame out.

MLflow finds :func:`_load_pyfunc` by name, in its own process, in its server or in a Spark worker; nothing of
training is imported there.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .core.errors import DataError, ModelError

__all__ = ["Served", "column_kinds", "read_model", "write_model"]

_MODEL_FILE = "model.pkl"
_COLUMNS_FILE = "columns.json"
_PACKAGE = __name__.partition(".")[0]
_MOVED = {
    "models.account": "models.actions.decomposition",
    "models.aftermath": "models.subscriptions.time_since_event",
    "models.ahead": "models.subscriptions.lead_months",
    "models.aipw": "models.effects.average",
    "models.backtest": "models.purchases.backtest",
    "models.baseline": "models.churn.baseline",
    "models.bgnbd": "models.purchases.bgnbd",
    "models.boosting": "models.fitting.trees",
    "models.bootstrap": "models.effects.bootstrap",
    "models.bridge": "models.actions.bridge",
    "models.calibration": "models.fitting.calibration",
    "models.cashflow": "models.subscriptions.cash_flow",
    "models.causes": "models.subscriptions.loss_by_cause",
    "models.churn": "models.churn.competing",
    "models.classifier": "models.churn.classifier",
    "models.clv": "models.subscriptions.value",
    "models.cost_curve": "models.targeting.cost_curve",
    "models.coverage": "models.purchases.coverage",
    "models.crossfit": "models.effects.crossfit",
    "models.curve": "models.actions.by_month",
    "models.design": "models.fitting.design",
    "models.diagnostics": "models.refutation.overlap",
    "models.dynamic": "models.actions.dynamic",
    "models.effect": "models.actions.effect",
    "models.frames": "models.fitting.encoding",
    "models.gammagamma": "models.purchases.gammagamma",
    "models.grade": "models.evaluation.grade",
    "models.halves": "models.fitting.half_sampling",
    "models.hazard": "models.subscriptions.hazard",
    "models.holdout": "models.fitting.early_stopping_split",
    "models.individual": "models.effects.individual",
    "models.inference": "models.effects.inference",
    "models.judgement": "models.evaluation.slices",
    "models.lead_calibration": "models.subscriptions.calibration_by_lead",
    "models.leadcurve": "models.subscriptions.baseline_hazard",
    "models.leakage": "models.evaluation.single_feature",
    "models.likelihood": "models.fitting.likelihood",
    "models.living": "models.purchases.alive",
    "models.metrics": "models.evaluation.metrics",
    "models.multiplicity": "models.refutation.multiplicity",
    "models.negative_control": "models.refutation.negative_control",
    "models.noncontractual": "models.purchases.value",
    "models.paretonbd": "models.purchases.paretonbd",
    "models.paths": "models.actions.mechanisms",
    "models.periods": "models.subscriptions.contract",
    "models.person_months": "models.subscriptions.person_months",
    "models.policy": "models.targeting.policy",
    "models.power": "models.targeting.power",
    "models.profit": "models.evaluation.profit",
    "models.programme": "models.actions.programme",
    "models.purchase_draws": "models.purchases.simulate",
    "models.purchasing": "models.purchases.base",
    "models.quadrature": "models.fitting.quadrature",
    "models.rate": "models.targeting.rank_weighted",
    "models.rates": "models.subscriptions.monthly_money",
    "models.renewals": "models.subscriptions.renewals",
    "models.restarts": "models.subscriptions.reactivation",
    "models.ridge": "models.fitting.ridge",
    "models.sbg": "models.subscriptions.sbg",
    "models.sensitivity": "models.refutation.sensitivity",
    "models.served": "models.registered",
    "models.shaped": "models.effects.value_at_risk",
    "models.split": "models.evaluation.time_split",
    "models.stability": "models.refutation.stability",
    "models.surrogate": "models.effects.surrogate",
    "models.tail": "models.subscriptions.tail",
    "models.targets": "models.fitting.target",
    "models.trees": "models.fitting.trees",
    "models.tuning": "models.churn.tuning",
    "models.verdict": "models.refutation.verdict",
    "core.exchange": "core.records",
    "models.at_risk": "models.portfolio",
}
"""Modules of version 0.1 whose classes stand in registered models, and where each of them lives now."""
_RENAMED = {
    "Aftermath": "TimeSinceEvent",
    "Design": "DesignMatrix",
    "Living": "Alive",
    "RateAftermath": "MoneySinceEvent",
    "RestartCurve": "ReactivationCurve",
    "RestartValue": "ReactivationValue",
    "ShapedEffect": "ValueAtRiskEffect",
    "SteadyLiving": "SteadyAlive",
}
"""Classes of those modules that have another name now."""
_MOVED_ALONE = {("models.subscriptions.contract", "ContractState"): "core.contract_state"}
"""Classes that left the module they were saved from, or that the table above leads to, and where each lives now."""


def column_kinds(example: pd.DataFrame) -> dict[str, str]:
    """Return for each column whether it holds a ``number`` (flags included) or a ``text``."""
    numeric = {name: pd.api.types.is_numeric_dtype(c) or pd.api.types.is_bool_dtype(c) for name, c in example.items()}
    return {str(name): "number" if is_number else "text" for name, is_number in numeric.items()}


def write_model(folder: Path, model: Any, kinds: Mapping[str, str]) -> str:
    """Write a model and the kinds of its columns to a new folder, and return the model's SHA-256."""
    folder.mkdir()
    written = pickle.dumps(model, protocol=5)
    (folder / _MODEL_FILE).write_bytes(written)
    (folder / _COLUMNS_FILE).write_text(json.dumps(dict(kinds), indent=1), encoding="utf-8")
    return hashlib.sha256(written).hexdigest()


def read_model(folder: Path, called: str, digest: str | None = None) -> Any:
    """Return the model that lies in ``folder`` or below it; ``called`` names it in an error.

    Nothing of a file whose SHA-256 is not ``digest`` is run; None: a model of a version that kept no digests.

    Raises
    ------
    ModelError
        There is none, it is not the one that was registered, or the installed code cannot read it.
    """
    try:
        written = _written(folder)
    except OSError as error:
        raise ModelError(f"{called}: its files cannot be read ({error.strerror}); allow it") from error
    if written is None:
        raise ModelError(
            f"{called}: the store has no file '{_MODEL_FILE}' of it any more; bring it back, or train again"
        )
    if digest is not None and hashlib.sha256(written).hexdigest() != digest:
        raise ModelError(
            f"{called}: its file was changed after it was registered, so nothing of it is run; bring the file back, or"
            " train again"
        )
    try:
        return _Unpickler(io.BytesIO(written)).load()
    except (EOFError, pickle.UnpicklingError) as error:
        raise ModelError(f"{called}: its file is damaged; bring it back, or train again") from error
    except (AttributeError, ImportError, TypeError) as error:
        raise ModelError(
            f"{called} was written by code that is not installed ({error}); install the servicelift it was trained"
            " with, or train again"
        ) from error


def _written(folder: Path) -> bytes | None:
    """Return the model's file that lies in a folder or below it, None where there is none."""

    def refused(error: OSError) -> None:
        raise error

    for place, _, names in os.walk(folder, onerror=refused):
        if _MODEL_FILE in names:
            return (Path(place) / _MODEL_FILE).read_bytes()
    return None


class _Unpickler(pickle.Unpickler):
    """Reads a model whose classes have moved since it was written."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the class of a pickle, wherever it lives today."""
        package, _, inner = module.partition(".")
        if package == _PACKAGE and inner:
            if inner in _MOVED:
                inner, name = _MOVED[inner], _RENAMED.get(name, name)
            module = f"{package}.{_MOVED_ALONE.get((inner, name), inner)}"
        return super().find_class(module, name)


class Served:
    """What MLflow's own tools call: a registered model behind ``predict``.

    ``kinds`` says of each column whether it holds a number or a text: whatever way a frame came (a CSV file, JSON,
    Spark), the model sees floats with NaN, and texts with None.
    """

    def __init__(self, model: Any, kinds: Mapping[str, str]) -> None:
        self._model = model
        self._kinds = kinds

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return the model's predictions, one row for each row of ``model_input``.

        Raises
        ------
        DataError
            A column is missing, or holds a text where a number belongs.
        """
        del params
        lacking = [name for name in self._kinds if name not in model_input]
        if lacking:
            raise DataError(f"expected {len(self._kinds)} columns, got none named {', '.join(lacking[:5])}")
        columns = {
            name: _numbers(model_input[name]) if kind == "number" else _texts(model_input[name])
            for name, kind in self._kinds.items()
        }
        frame: pd.DataFrame = self._model.predict_frame(pd.DataFrame(columns, index=model_input.index))
        return frame


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    values = column.astype(object).where(column.notna(), np.nan)
    values = values.replace({"True": 1, "False": 0, "true": 1, "false": 0, "": np.nan})
    try:
        return pd.to_numeric(values).astype(float)
    except (ValueError, TypeError):
        raise DataError(f"column '{column.name}': expected numbers, got other texts") from None


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    values: pd.Series[Any] = column.astype("str").where(column.notna(), None)
    return values


def _load_pyfunc(path: str) -> Served:
    """Read a logged model back: the entry point that MLflow looks up by name."""
    kinds = json.loads((Path(path) / _COLUMNS_FILE).read_text(encoding="utf-8"))
    return Served(read_model(Path(path), "the model"), kinds)
