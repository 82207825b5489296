"""Numbers, intervals and names as the page shows them."""

from __future__ import annotations

from html import escape

import pandas as pd

__all__ = ["interval", "number", "title", "verdict_mark"]


def number(value: float, digits: int = 0) -> str:
    """Return a number with thousands apart, or a dash where it is missing."""
    return "–" if pd.isna(value) else f"{value:,.{digits}f}"


def interval(low: float, high: float, digits: int = 0) -> str:
    """Return an interval in words."""
    return f"{number(low, digits)} to {number(high, digits)}"


def verdict_mark(verdict: str) -> str:
    """Return a verdict in its colour, as HTML."""
    kind = {"pays": "pays", "effect shown": "pays", "loses": "loses"}.get(verdict, "unproven")
    return f"<span class='v {kind}'>{escape(verdict)}</span>"


def title(row: pd.Series) -> str:
    """Return the name of a row's action, and of its initiative, as HTML."""
    name = str(row["action"]).replace("_", " ")
    return escape(f"{name} ({row['initiative']})" if pd.notna(row["initiative"]) else name)
