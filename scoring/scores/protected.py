"""Which features are never said of a customer: age, sex and whatever else the configuration protects."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.config.business import Config
from ...core.errors import ConfigError, did_you_mean
from ...features.catalogue.declare import FeatureInfo

__all__ = ["protected_features"]


def protected_features(config: Config, infos: Mapping[str, FeatureInfo]) -> frozenset[str]:
    """Return the features that no reason may speak of.

    Parameters
    ----------
    config
        Whose ``protected`` names features and columns of ``customers``, capitals aside. Names that it has by default
        need not be there.
    infos
        All features that there may be, by their name.

    Raises
    ------
    ConfigError
        The configuration itself names what is no feature: it would protect nothing.
    """
    names = {name.strip().lower() for name in config.protected}
    hidden = {name for name, info in infos.items() if {name.lower(), (info.item or "").lower()} & names}
    if "protected" in config.model_fields_set:
        known = {word.lower() for name in hidden for word in (name, infos[name].item or "")}
        for name in config.protected:
            if name.strip().lower() not in known:
                raise ConfigError(
                    f"protected: no feature is called '{name}'{did_you_mean(name, infos)}; name features, or columns"
                    " under static"
                )
    return frozenset(hidden)
