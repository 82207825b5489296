"""How Spark says what the expressions mean: ibis' SQL for Spark where that differs from DuckDB's meaning."""

from __future__ import annotations

from typing import Any

import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from ..core.errors import ConfigError

__all__ = ["SparkCompiler", "java_pattern"]

_JAVA = {
    "d": "d",
    "-d": "d",
    "m": "M",
    "-m": "M",
    "Y": "yyyy",
    "y": "yy",
    "H": "H",
    "-H": "H",
    "I": "h",
    "-I": "h",
    "M": "m",
    "-M": "m",
    "S": "s",
    "-S": "s",
    "f": "[SSSSSSSSS][SSSSSSSS][SSSSSSS][SSSSSS][SSSSS][SSSS][SSS][SS][S]",
    "p": "a",
    "b": "MMM",
    "B": "MMMM",
    "j": "D",
    "z": "[XXX][XX][X]",
    "%": "%",
}
"""Directives of strptime as Java's DateTimeFormatter has them; numbers take one digit or more, as on DuckDB."""


def java_pattern(format_: str) -> str:
    """Return a strptime format as a pattern of Java's DateTimeFormatter.

    Raises
    ------
    ConfigError
        A directive has no counterpart.
    """
    out = []
    rest = iter(format_)
    for sign in rest:
        if sign != "%":
            out.append(f"'{sign}'" if sign.isalpha() else "''" if sign == "'" else sign)
            continue
        directive = next(rest, "")
        directive += next(rest, "") if directive == "-" else ""
        if directive not in _JAVA:
            known = ", ".join(f"%{name}" for name in _JAVA)
            raise ConfigError(f"date_format: Spark reads {known}, got '%{directive}' in {format_!r}")
        out.append(_JAVA[directive])
    return "".join(out)


class SparkCompiler(PySparkCompiler):  # type: ignore[misc]
    """Spark SQL that means what the same expression means on DuckDB.

    Instants are Spark's TIMESTAMP in a session whose zone is UTC, so a naive UTC instant and its clock reading
    are the same value; ``timezone`` and ``try_strptime`` are DuckDB's functions, said in Spark's words.
    """

    __slots__ = ()

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:
        """Say DuckDB's functions that ibis does not name."""
        name, values = op.__func_name__, list(arguments.values())
        if name == "timezone":
            zone, moment = values
            aware = op.args[1].dtype.timezone is not None
            return (self.f.anon.from_utc_timestamp if aware else self.f.anon.to_utc_timestamp)(moment, zone)
        if name == "try_strptime":
            text, formats = values
            tries = [self.f.anon.try_to_timestamp(text, sge.convert(java_pattern(f.this))) for f in formats.expressions]
            return self.f.coalesce(*tries)
        return super().visit_ScalarUDF(op, **arguments)

    def visit_TimestampDelta(self, op: Any, *, part: Any, left: Any, right: Any) -> Any:
        """Count whole microseconds; other units do not count alike on the two engines."""
        if part.this != "microsecond":
            return super().visit_TimestampDelta(op, part=part, left=left, right=right)
        return self.f.anon.unix_micros(left) - self.f.anon.unix_micros(right)

    def visit_IntervalFromInteger(self, op: Any, *, arg: Any, unit: Any) -> Any:
        """Months by Spark's year-month interval, which clips the 31st to a shorter month's last day."""
        if unit.short == "M":
            return self.f.anon.make_ym_interval(sge.convert(0), arg)
        return super().visit_IntervalFromInteger(op, arg=arg, unit=unit)

    def visit_CountStar(self, op: Any, *, arg: Any, where: Any) -> Any:
        """Count rows, 0 where none meets the condition."""
        return self.f.count(sge.Star()) if where is None else self.f.count_if(where)

    def visit_FloorDivide(self, op: Any, *, left: Any, right: Any) -> Any:
        """Divide whole numbers exactly; Spark's own division goes through floating point."""
        if op.left.dtype.is_integer() and op.right.dtype.is_integer():
            rest = self.f.anon.pmod(left, right)
            return self.cast(sge.IntDiv(this=sge.paren(left - rest), expression=sge.paren(right)), op.dtype)
        return super().visit_FloorDivide(op, left=left, right=right)

    def visit_IsNull(self, op: Any, *, arg: Any) -> Any:
        """Null is null; NaN is a number."""
        return arg.is_(sge.Null())

    def visit_NotNull(self, op: Any, *, arg: Any) -> Any:
        """Null is null; NaN is a number."""
        return arg.is_(sg.not_(sge.Null()))
