"""servicelift: prove and improve what customer service earns.

``sl.open("press.yaml")`` is the front door: everything that the command line does, with frames and results to look
at. ``sl.experiment("mails.yaml")`` judges an experiment on one flat table. Estimators for frames and arrays of one's
own stand in ``sl.churn``, ``sl.clv``, ``sl.effects`` and
``sl.targeting``. Nothing is imported before it is asked for.

Rooms: ``core`` (config and table contract), ``features`` (tables to point-in-time frames), ``models``
(estimators), ``training`` and ``scoring`` (jobs), ``simulation`` (a subscriber world whose truth is known).
"""

from importlib import import_module

__version__ = "0.1.0"

__all__ = [
    "Business",
    "ConfigError",
    "DataError",
    "LeakageError",
    "ModelError",
    "ServiceliftError",
    "churn",
    "clv",
    "effects",
    "experiment",
    "open",
    "simulate",
    "targeting",
]

_MODULES = ("churn", "clv", "effects", "targeting")
_PLACES = {
    "Business": "business.business",
    "ConfigError": "core.errors",
    "DataError": "core.errors",
    "LeakageError": "core.errors",
    "ModelError": "core.errors",
    "ServiceliftError": "core.errors",
    "experiment": "business.experiment",
    "open": "business.business",
    "simulate": "simulation.write",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, imported or not."""
    return sorted({*globals(), *__all__})
