"""Numbers as people write them: thousands, a currency beside them, a minus behind, a time of day for seconds.

What can be read in one way alone is read, everything else is null: 1,234 could mean two numbers where nothing says
that the comma separates thousands.
"""

from __future__ import annotations

import re

import ibis

from ..expressions import Value

__all__ = ["CURRENCY_SIGNS", "clock_seconds", "number_text", "plain_number_text"]

CURRENCY_SIGNS = {
    "EUR": ("€",),
    "GBP": ("£",),
    "JPY": ("¥", "円"),
    "CNY": ("¥", "元"),
    "CHF": ("Fr.", "SFr."),
    "PLN": ("zł",),
    "CZK": ("Kč",),
    "SEK": ("kr", "kr."),
    "NOK": ("kr", "kr."),
    "DKK": ("kr", "kr."),
    "INR": ("₹",),
    "BRL": ("R$",),
    "ILS": ("₪",),
    "KRW": ("₩",),
    "TRY": ("₺",),
    "UAH": ("₴",),
    "USD": ("$", "US$"),
    "CAD": ("$", "CA$", "C$"),
    "AUD": ("$", "A$", "AU$"),
    "NZD": ("$", "NZ$"),
    "MXN": ("$", "MX$"),
}
"""How amounts of a currency are marked, beside its own code."""

_BLANKS = r" \x{00A0}\x{2009}\x{202F}"
_MINUS = "\N{MINUS SIGN}"
_CLOCK = r"^(?:(\d+) days? )?(\d+):([0-5]\d):([0-5]\d(?:\.\d+)?)$"


def plain_number_text(text: Value, decimal: str) -> Value:
    """Return texts that are nothing but a number with its point as the decimal mark; others may come as they are.

    A text that holds a point where ``decimal`` is another sign is no such number.
    """
    if decimal == ".":
        return text
    return ibis.ifelse(text.contains("."), ibis.null("string"), text.replace(decimal, "."))


def number_text(text: Value, decimal: str, thousands: str | None, currency: str) -> Value:
    """Return each text that means a number as its digits with a point, null for others.

    Parameters
    ----------
    text
        Texts without blanks around.
    decimal
        Decimal mark.
    thousands
        What separates thousands, beside blanks and apostrophes. None: the other one of point and comma, where the
        text can mean nothing else.
    currency
        Code of the currency that may stand before or behind; another one makes the text no number.
    """
    plain = text.replace(_MINUS, "-")
    bodies = _bodies(decimal, thousands)
    meant = plain.re_search(_forms(bodies, _marks(currency)))
    digits = plain.re_extract(rf"[^\d{re.escape(decimal)}]*({bodies})[^\d]*$", 1)
    for sign in {" ", "\u00a0", "\u2009", "\u202f", "'", "\u2019", ".", ",", *(thousands or "")} - {decimal}:
        digits = digits.replace(sign, "")
    digits = digits.replace(decimal, ".")
    negative = plain.contains("-") | plain.startswith("(")
    return ibis.ifelse(meant, ibis.ifelse(negative, ibis.literal("-") + digits, digits), ibis.null("string"))


def _forms(body: str, marks: str) -> str:
    """Return the pattern of a whole text: one minus at most, before, behind or as parentheses around all."""
    before, behind = rf"(?:(?:{marks})[{_BLANKS}]*)?", rf"(?:[{_BLANKS}]*(?:{marks}))?"
    body = f"(?:{body})"
    forms = (
        rf"[+-]?{before}{body}{behind}",
        rf"{before}[+-]{body}{behind}",
        rf"{before}{body}-{behind}",
        rf"{before}{body}{behind}-",
        rf"\({before}{body}{behind}\)",
    )
    return f"^(?:{'|'.join(forms)})$"


def _marks(currency: str) -> str:
    names = [currency, currency.lower(), *CURRENCY_SIGNS.get(currency, ())]
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _bodies(decimal: str, thousands: str | None) -> str:
    """Return the pattern of a number's digits."""
    point = re.escape(decimal)
    fraction = rf"(?:{point}\d*)?"
    bodies = [rf"\d+{fraction}", rf"{point}\d+"]
    bodies += [rf"\d{{1,3}}(?:{sign}\d{{3}})+{fraction}" for sign in (f"[{_BLANKS}]", r"['\x{2019}]")]
    other = {".": ",", ",": "."}.get(decimal)
    if thousands is not None or decimal == ",":
        sign = re.escape(thousands or ".")
        bodies.append(rf"\d{{1,3}}(?:{sign}\d{{3}})+{fraction}")
    elif other is not None:
        sign = re.escape(other)
        bodies += [rf"\d{{1,3}}(?:{sign}\d{{3}}){{2,}}{fraction}", rf"\d{{1,3}}(?:{sign}\d{{3}})+{point}\d+"]
    return "|".join(bodies)


def clock_seconds(text: Value) -> Value:
    """Return the seconds of durations such as 00:05:30 or ``1 day 00:00:05``, null for other texts."""
    days, hours, minutes, seconds = (text.re_extract(_CLOCK, place).nullif("") for place in (1, 2, 3, 4))
    whole = days.try_cast("float64").fill_null(0) * 86_400 + hours.try_cast("float64") * 3_600
    return whole + minutes.try_cast("float64") * 60 + seconds.try_cast("float64")
