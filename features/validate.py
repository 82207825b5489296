"""`servicelift validate`: every finding on a business's tables, in one report."""

from __future__ import annotations

from ..core.config import Config
from .findings import Finding, Report
from .sources import assemble_sources

__all__ = ["Finding", "Report", "validate"]


def validate(config: Config) -> Report:
    """Check the tables of ``config`` against the contract and report everything that is found.

    Errors stop every other command; warnings are counted and shown.

    Raises
    ------
    ConfigError
        The engine is not available.
    """
    _, assembled = assemble_sources(config)
    return assembled.report
