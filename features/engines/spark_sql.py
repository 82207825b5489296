"""How Spark says what the expressions mean: ibis' SQL for Spark where that differs from DuckDB's meaning."""

from __future__ import annotations

import re
from typing import Any

import ibis.expr.operations as ops
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.rewrites import Select
from ibis.common.patterns import replace

from ...core.errors import ConfigError
from ..expressions import Value

__all__ = ["SparkCompiler", "java_pattern"]

_NUMBERS = {
    "Y": ("yyyy", "yyyy"),
    "y": ("yy", "yy"),
    "m": ("M", "MM"),
    "d": ("d", "dd"),
    "j": ("D", "DDD"),
    "H": ("H", "HH"),
    "I": ("h", "hh"),
    "M": ("m", "mm"),
    "S": ("s", "ss"),
}
"""Numbers of strptime as Java's DateTimeFormatter has them: of any length, and where nothing separates them."""
_OTHERS = {
    "f": "[SSSSSS][SSSSS][SSSS][SSS][SS][S]",
    "p": "a",
    "b": "MMM",
    "B": "MMMM",
    "z": "[XXX][XX][X]",
    "Z": "VV",
    "%": "%",
}
"""Other directives of strptime as Java's DateTimeFormatter has them."""


_MINUTES = r"([T ]\d{1,2}:\d{2}) ?(Z|[+-]\d{2}(:?\d{2})?)$"
"""A time of day without seconds, and its zone: Spark wants the seconds."""


def java_pattern(format_: str) -> str:
    """Return a strptime format as a pattern of Java's DateTimeFormatter.

    Numbers take one digit or two, as on DuckDB; those that nothing separates take two.

    Raises
    ------
    ConfigError
        A directive has no counterpart.
    """
    parts = re.findall(r"%-?.?|[^%]", format_)
    out = []
    for place, part in enumerate(parts):
        directive = part.lstrip("%-") or part[1:]
        if not part.startswith("%"):
            out.append(f"'{part}'" if part.isalpha() else "''" if part == "'" else part)
        elif directive in _NUMBERS:
            beside = parts[max(place - 1, 0) : place] + parts[place + 1 : place + 2]
            touching = any(other.lstrip("%-") in _NUMBERS and other[0] == "%" for other in beside)
            loose, fixed = _NUMBERS[directive]
            out.append(fixed if touching else loose)
        elif directive in _OTHERS:
            out.append(_OTHERS[directive])
        else:
            known = ", ".join(f"%{name}" for name in (*_NUMBERS, *_OTHERS))
            raise ConfigError(f"date_format: on Spark expected some of {known}, got '{part}' in {format_!r}")
    return "".join(out)


def _sort_after_distinct(_: Any) -> Any:
    """Sort what DISTINCT leaves. ibis' own rule lets the filter's columns into the DISTINCT, which adds rows."""
    if not (_.distinct and _.sort_keys):
        return _
    inner = _.copy(sort_keys=())
    fields = {value: ops.Field(inner, name) for name, value in inner.selections.items()}
    keys = tuple(key.replace(fields, filter=ops.Value) for key in _.sort_keys)
    return Select(inner, selections={name: ops.Field(inner, name) for name in inner.selections}, sort_keys=keys)


class SparkCompiler(PySparkCompiler):
    """Spark SQL that means what the same expression means on DuckDB.

    Instants are Spark's TIMESTAMP in a session whose zone is UTC, so a naive UTC instant and its clock reading
    are the same value; ``timezone`` and ``try_strptime`` are DuckDB's functions, said in Spark's words.
    """

    __slots__ = ()
    post_rewrites = (replace(Select)(_sort_after_distinct),)
    SIMPLE_OPS = {**PySparkCompiler.SIMPLE_OPS, ops.Hash: "xxhash64"}  # hash() has 32 bits, whose sums overflow

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

    def visit_TimestampDelta(self, op: Any, *, part: Value, left: Any, right: Any) -> Value:
        """Count whole microseconds; other units do not count alike on the two engines."""
        if part.this != "microsecond":
            return super().visit_TimestampDelta(op, part=part, left=left, right=right)
        return self.f.anon.unix_micros(left) - self.f.anon.unix_micros(right)

    def visit_IntervalFromInteger(self, op: Any, *, arg: Any, unit: Any) -> Any:
        """Months by Spark's year-month interval, which clips the 31st to a shorter month's last day."""
        if unit.short == "M":
            return self.f.anon.make_ym_interval(sge.convert(0), arg)
        return super().visit_IntervalFromInteger(op, arg=arg, unit=unit)

    def visit_CountStar(self, op: Any, *, arg: Any, where: Value) -> Value:
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

    def visit_IsInf(self, op: Any, *, arg: Any) -> Any:
        """One comparison, which holds under a negation; ibis' two are joined without parentheses."""
        return self.f.abs(arg).eq(self.POS_INF)

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """Read ISO texts as DuckDB does: slashes between the numbers of a day, a zone right after the minutes."""
        if op.arg.dtype.is_string() and to.is_timestamp():
            plain = self.f.anon.translate(arg, sge.convert("/z"), sge.convert("-Z"))
            arg = self.f.anon.regexp_replace(plain, sge.convert(_MINUTES), sge.convert("$1:00$2"))
        return super().visit_TryCast(op, arg=arg, to=to)
