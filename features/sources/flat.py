"""A flat table, one row a customer: its rows as they stand, its numbers, and which columns can be learnt from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ...core.errors import DataError
from ...core.messages import Message
from ...core.privacy import personal_kind
from .csv_form import csv_form
from .excel import read_excel

__all__ = ["NO", "YES", "identifier_of", "numbers_of", "read_flat", "why_no_feature", "words_of"]

YES = frozenset(("true", "t", "yes", "y", "1", "oui", "o", "vrai", "ja", "wahr"))
"""Words that mean yes, in small letters."""

NO = frozenset(("false", "f", "no", "n", "0", "non", "faux", "nein", "falsch"))
"""Words that mean no, in small letters."""


_IDENTIFIER = re.compile(r"(^|[^a-z])(id|nr|no|key|num|number|numero|nummer)$|[a-z]I[Dd]$|_id$", re.IGNORECASE)
_MOST_LEVELS = 100


def read_flat(path: Path, *, rows: bool = True) -> pd.DataFrame:
    """Return the rows of a CSV, Parquet or Excel file; texts as they stand, blanks as missing.

    Parameters
    ----------
    path
        The file.
    rows
        Whether a header without rows is refused.

    Raises
    ------
    DataError
        There is no such file, or it is no table.
    """
    if not path.is_file():
        raise DataError(f"expected a file at '{path}', found none; check the path")
    ending = path.name.lower()
    try:
        if ending.endswith((".parquet", ".pq")):
            frame = pd.read_parquet(path)
        elif ending.endswith((".xlsx", ".xlsm")):
            frame = read_excel(path.name, path, None).to_pandas()
        else:
            form = csv_form(path)
            frame = pd.read_csv(
                path,
                sep=form.delimiter,
                encoding=form.encoding,
                dtype=str,
                keep_default_na=False,
                skipinitialspace=True,
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pa.ArrowException, UnicodeError) as error:
        raise DataError(f"'{path}' is not readable as a table ({type(error).__name__}); check the file") from None
    frame.columns = [str(name).strip() for name in frame.columns]
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        raise DataError(f"'{path.name}': expected each column once, got '{doubled[0]}' twice; rename one")
    if frame.empty and rows:
        raise DataError(f"'{path.name}': expected rows, got none")
    return frame.replace(r"^\s*$", None, regex=True)


def numbers_of(values: pd.Series[Any], decimal: str) -> pd.Series[Any]:
    """Return a column as numbers where each of its values is one; texts such as 01000 stay texts."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values.astype("float64")
    texts = values.astype("string").str.strip()
    there = texts.dropna()
    plain = there.str.replace(decimal, ".", regex=False) if decimal != "." else there
    if len(there) and plain.str.fullmatch(r"[+-]?(0|[1-9]\d*)?(\.\d+)?([eE][+-]?\d+)?").all():
        out = pd.Series(np.nan, index=values.index, dtype="float64")
        out[there.index] = plain.astype("float64")
        return out
    return texts.astype(object).where(texts.notna(), None)


def why_no_feature(values: pd.Series[Any]) -> Message | None:
    """Return why a column, as :func:`numbers_of` gives it, cannot be learnt from; None where it can.

    Codes: ``personal`` (with its ``kind``) and ``decimal_comma`` are faults of the table; ``own_number``, ``levels``
    (with ``n``), ``one_value`` and ``empty`` leave the column out.
    """
    there = values.dropna()
    if pd.api.types.is_numeric_dtype(values):
        whole = len(there) and bool((there % 1 == 0).all())
        if whole and there.is_unique and len(there) == len(values) and len(values) > _MOST_LEVELS:
            return Message.of("own_number")
    else:
        personal = personal_kind(there.tolist())
        if personal:
            return Message.of("personal", kind=personal)
        if there.str.fullmatch(r"[+-]?\d+,\d+").mean() > 0.5:
            return Message.of("decimal_comma")
        if there.nunique() > _MOST_LEVELS:
            return Message.of("levels", n=there.nunique())
    if there.nunique() < 2 and len(there) == len(values):
        return Message.of("one_value")
    return None if len(there) else Message.of("empty")


def identifier_of(frame: pd.DataFrame, *, but: tuple[str, ...] = ()) -> str | None:
    """Return the column that names the customers: of such a name, with a value of its own in each row.

    Parameters
    ----------
    frame
        The rows.
    but
        Columns that are something else.
    """
    for name in map(str, frame.columns):
        if name not in but and _IDENTIFIER.search(name) and frame[name].notna().all() and frame[name].is_unique:
            return name
    return None


def words_of(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column's values as words, whole floats without their point; missing ones stay missing."""
    return values.map(_word, na_action="ignore")


def _word(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value).strip()
