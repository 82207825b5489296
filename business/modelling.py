"""Models of a business: trained, judged, promoted and used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..core.config.business import ModelKind
from ..core.short_repr import ShortRepr
from .opened import Opened

if TYPE_CHECKING:
    from .results import Summary, Training

__all__ = ["Champion", "Modelling"]


@dataclass(frozen=True)
class Champion(ShortRepr):
    """A registered model that is in use.

    Parameters
    ----------
    business
        Whose it is.
    kind, version
        ``churn``, ``clv`` or ``incremental``, and the number of the version.
    model
        The object that was registered: ``predict_frame`` takes the flat frame of its columns.
    """

    business: Modelling
    kind: ModelKind
    version: int
    model: Any

    def predict(self, spine: pd.DataFrame) -> pd.DataFrame:
        """Return the model's predictions for each spine row, index as ``spine``, from what was known at its ``as_of``.

        Raises
        ------
        ModelError
            The model needs columns that these tables do not give.
        """
        from ..scoring.scores.champions import predictions
        from ..tracking import Loaded

        loaded = Loaded(self.model, self.business.config.model_name(self.kind), self.version)
        return predictions(loaded, self._frame(spine)).set_axis(spine.index)

    def _frame(self, spine: pd.DataFrame) -> pd.DataFrame:
        from ..features.outcomes.clv_inputs import clv_inputs
        from ..models.portfolio import at_risk

        features = self.business.features(spine)
        if self.kind == "churn":
            return features
        inputs = clv_inputs(self.business.tables, spine, features)
        if self.kind == "clv":
            return inputs.to_frame()
        clv = self.business.champion("clv").model
        risk = at_risk(clv.final, inputs, horizon_months=clv.horizon_months)
        return pd.concat([features, risk.set_axis(features.index)], axis=1)


class Modelling(Opened):
    """What is learnt from the tables, and the register of it."""

    def train(self, only: ModelKind | None = None) -> Training:
        """Fit, judge and register the models; promote what beats the champion.

        Parameters
        ----------
        only
            ``churn``, ``clv`` or ``incremental``; default all three.

        Raises
        ------
        ServiceliftError
            The tables break the contract, a feature knows too much, or a model cannot be learnt.

        Examples
        --------
        >>> made = b.train("churn")
        >>> made.models["name"].tolist()
        ['press-churn']
        """
        from ..training.train import train
        from .results import Training

        with self._progress() as say:
            outcome = train(self.config, only=only, say=say, opened=self._once)
        columns = ["name", "version", "alias", "measure", "loss", "champion_loss"]
        rows = [[getattr(model, column) for column in columns] for model in outcome.judged]
        return Training(
            lines=tuple(outcome.lines()),
            models=pd.DataFrame(rows, columns=columns),
            not_trained=dict(outcome.not_trained),
            refused=tuple(f"{model.name}:{model.version}" for model in outcome.judged if model.refused),
        )

    def champion(self, model: ModelKind) -> Champion:
        """Return the model in use: ``churn``, ``clv`` or ``incremental``.

        Raises
        ------
        ModelError
            There is none yet.

        Examples
        --------
        >>> spine = b.spine("2024-01-01")
        >>> value = b.champion("clv").predict(spine)
        >>> bool((value["clv_low"] <= value["clv_high"]).all())
        True
        """
        from ..tracking import Tracker

        loaded = Tracker.of(self.config).load(self.config.model_name(model))
        return Champion(self, model, loaded.version, loaded.model)

    def models(self) -> Summary:
        """Return the registered versions, newest first, and why each is what it is.

        Examples
        --------
        >>> b.models().lines[-1].split(" run ")[0]
        'press-incremental version 1 champion'
        """
        from ..training.registry_by_hand import listing
        from .results import Summary

        return Summary(lines=tuple(listing(self.config)))

    def compare(self, first: str, second: str) -> Summary:
        """Judge two versions, such as ``churn:3`` and ``churn:champion``, on the same latest held-out rows.

        Raises
        ------
        ServiceliftError
            A version is unknown, or the two are of different models.

        Examples
        --------
        >>> b.compare("churn:1", "clv:1")
        Traceback (most recent call last):
        servicelift.core.errors.ConfigError: ...
        """
        from ..training.registry_by_hand import compare
        from .results import Summary

        with self._progress() as say:
            return Summary(lines=tuple(compare(self.config, first, second, say=say, opened=self._once)))

    def promote(self, version: str, reason: str) -> Summary:
        """Make a version, such as ``churn:3``, the champion by hand, and keep the reason.

        Raises
        ------
        ConfigError
            There is no such version, or no reason is given.

        Examples
        --------
        >>> b.promote("clv:1", "looked at its calibration by lead")
        Traceback (most recent call last):
        servicelift.core.errors.ConfigError: press-clv version 1 is the champion already; ...
        """
        from ..training.registry_by_hand import promote_by_hand
        from .results import Summary

        return Summary(lines=tuple(promote_by_hand(self.config, version, reason)))

    def roll_back(self, model: str, reason: str) -> Summary:
        """Make the champion before the present one champion again, and keep the reason.

        Raises
        ------
        ConfigError
            There is no champion before this one, or no reason is given.

        Examples
        --------
        >>> b.roll_back("incremental", "the list did harm")
        Traceback (most recent call last):
        servicelift.core.errors.ConfigError: ...
        """
        from ..training.registry_by_hand import roll_back
        from .results import Summary

        return Summary(lines=tuple(roll_back(self.config, model, reason)))

    def export_model(self, version: str, out: str | Path) -> Summary:
        """Write one version, such as ``churn:3``, to a file that another store can import.

        Parameters
        ----------
        version
            ``MODEL:VERSION``; an alias may stand for the version.
        out
            File to write, ending in .zip.

        Raises
        ------
        ConfigError
            There is no such version, or the file cannot be written.

        Examples
        --------
        >>> b.export_model("churn:champion", f"{folder}/churn.zip").summary().partition(":")[0]
        'press-churn version 1'
        """
        from ..training.model_file import export_version
        from .results import Summary

        return Summary(lines=tuple(export_version(self.config, version, Path(out))))

    def import_model(self, file: str | Path) -> Summary:
        """Register the version that lies in a file of :meth:`export_model`; it is no champion until it is promoted.

        Import only what somebody made whom you trust: a model is code that is run when it is used.

        Raises
        ------
        ConfigError
            It is no such file, or was changed.

        Examples
        --------
        >>> exported = b.export_model("churn:1", f"{folder}/churn-1.zip")
        >>> b.import_model(f"{folder}/churn-1.zip").lines[-1]
        'it is used once it is promoted: servicelift models CONFIG --promote churn:... --reason "..."'
        """
        from ..training.model_file import import_version
        from .results import Summary

        return Summary(lines=tuple(import_version(self.config, Path(file))))
