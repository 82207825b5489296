"""What personal data look like: IBANs, card numbers, e-mail addresses, phone numbers.

Each :class:`Pattern` finds candidates by a regular expression that Python and the engine read alike, and
judges them exactly here: IBANs by country, length, structure and checksum (ISO 13616, ISO 7064 mod 97-10), cards by
issuer range and checksum (ISO/IEC 7812-1, Luhn), phone numbers by their digits. The registry of IBANs and the
checksums are those of ``python-stdnum``.

>>> iban("GB82 WEST 1234 5698 7654 32"), iban("GB83 WEST 1234 5698 7654 32")
(True, False)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from stdnum import luhn, numdb
from stdnum.iban import is_valid as is_valid_iban

__all__ = [
    "CANDIDATE",
    "LEAST_NUMBER",
    "PATTERNS",
    "Pattern",
    "card",
    "email",
    "iban",
    "is_personal",
    "personal_kind",
    "phone",
]

_IBAN = r"\b[A-Za-z]{2}[0-9]{2}[ -]?[A-Za-z0-9]{2,4}([ -]?[A-Za-z0-9]{1,4}){2,8}\b"
_CARD = r"\b[2-6][0-9]{3}([ -]?[0-9]){9,15}\b"
_EMAIL = r"[^\s@<>()\[\],;:]+@[^\s@<>()\[\],;:]+\.[^\s@<>()\[\],;:.]{2,}"
_INTERNATIONAL = (
    r"^\s*\+[1-9][0-9]{0,2}([ ./-]?\(?[0-9]{1,12}\)?){1,6}\s*$"
    r"|^\s*00[1-9][0-9]{0,2}([ ./-]\(?[0-9]{1,12}\)?){1,6}\s*$"
)
_NATIONAL = (
    r"^\s*\(?0[1-9][0-9]{0,4}\)?([ /-][0-9]{2,8}){1,4}\s*$"
    r"|^\s*0[1-9][0-9]{0,3}([.][0-9]{2,4}){2,4}\s*$"
    r"|^\s*\(?[2-9][0-9]{2}\)?[ .-][0-9]{3}[ .-][0-9]{4}\s*$"
)
_BARE = r"^\s*(0[1-9][0-9]{8}|00[1-9][0-9]{9,12})\s*$"
_DAY = re.compile(r"\s*[0-9]{2}([-/. ])[0-9]{2}\1(19|20)[0-9]{2}\b")

_ISSUERS = re.compile(
    r"4(\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11}|35(2[89]|[3-8]\d)\d{12}|(6011|65\d{2}|64[4-9]\d)\d{12,15}"
    r"|62\d{14,17}|(50|5[6-9]|6\d)\d{11,17}"
)


@dataclass(frozen=True)
class Pattern:
    """One kind of personal data.

    Parameters
    ----------
    name
        What it is, as messages call it.
    candidate
        Regular expression that a value must match to be judged, read alike by Python and the engine.
    genuine
        Whether a candidate is one; None: not even of its shape, so no evidence for either side.
    of_shaped
        True: a column is personal if ``share`` of its candidates of the right shape are genuine, however few
        they are. False: if ``share`` of all its values are.
    share
        Smallest such share.
    """

    name: str
    candidate: str
    genuine: Callable[[str], bool | None]
    of_shaped: bool
    share: float

    def present(self, candidates: Sequence[str], n_candidates: int, n_values: int) -> bool:
        """Return whether a column is personal, from some of its ``n_candidates`` among ``n_values`` values."""
        verdicts = [self.genuine(text) for text in candidates]
        genuine = sum(verdict is True for verdict in verdicts)
        if not genuine:
            return False
        if self.of_shaped:
            return genuine >= self.share * sum(verdict is not None for verdict in verdicts)
        return genuine / len(verdicts) * n_candidates >= self.share * n_values


def iban(text: str) -> bool | None:
    """Return whether ``text`` holds an IBAN with a right checksum; None: nothing of an IBAN's shape."""
    verdicts = [_iban_checks(match.group()) for match in re.finditer(_IBAN, text)]
    shaped = [verdict for verdict in verdicts if verdict is not None]
    return any(shaped) if shaped else None


def _iban_checks(text: str) -> bool | None:
    """Judge the longest start of ``text`` that is one country's IBAN; words may follow it."""
    compact = re.sub("[ -]", "", text).upper()
    length = _iban_length(compact[:2])
    if not length or len(compact) < length:
        return None
    if re.fullmatch(r"[A-Za-z0-9]+", text) and len(compact) != length:
        return None
    return is_valid_iban(compact[:length], check_country=False)


@cache
def _iban_length(country: str) -> int:
    """Return the length of a country's IBANs, 0 where it has none; from the structure of its account numbers."""
    structure = dict(numdb.get("iban").info(country)[0][1]).get("bban", "")
    return 4 + sum(map(int, re.findall(r"[0-9]+", structure))) if structure else 0


def card(text: str) -> bool | None:
    """Return whether ``text`` holds a payment card number; None: no number in an issuer's range."""
    numbers = (re.sub("[ -]", "", match.group()) for match in re.finditer(_CARD, text))
    shaped = [number for number in numbers if _ISSUERS.fullmatch(number)]
    return any(luhn.is_valid(number) for number in shaped) if shaped else None


def email(text: str) -> bool | None:
    """Return whether ``text`` holds an e-mail address."""
    return re.search(_EMAIL, text) is not None or None


def phone(text: str) -> bool | None:
    """Return whether ``text`` is a phone number: international, or national with its trunk 0 or spacing."""
    digits = sum(sign.isdigit() for sign in text)
    if _DAY.match(text):
        return None
    if re.search(f"{_INTERNATIONAL}|{_BARE}", text):
        return 9 <= digits <= 17
    return (9 <= digits <= 12) if re.search(_NATIONAL, text) else None


PATTERNS = (
    Pattern("e-mail addresses", _EMAIL, email, True, 0.5),
    Pattern("IBANs", _IBAN, iban, True, 0.5),
    Pattern("card numbers", _CARD, card, True, 0.5),
    Pattern("phone numbers", _INTERNATIONAL, phone, False, 0.01),
    Pattern("phone numbers", _NATIONAL, phone, False, 0.1),
    Pattern("phone numbers", _BARE, phone, False, 0.5),
)
"""The kinds of personal data that no table may bring."""


CANDIDATE = "|".join(f"({pattern.candidate})" for pattern in PATTERNS)
"""What a value of any kind matches. One look by all expressions costs an engine little more than by a single one."""


LEAST_NUMBER = 10**12
"""Smallest whole number, its sign aside, whose digits are personal: a card's thirteen. Nothing else is digits alone
without a 0 in front, which no number keeps."""


def is_personal(text: str) -> bool:
    """Return whether one text looks like personal data; guards what messages show."""
    return any(pattern.genuine(text) is True for pattern in PATTERNS)


_JUDGED = 1_000


def personal_kind(texts: Sequence[str]) -> str:
    """Return what personal data the texts of one column look like, the name of a pattern; empty for none."""
    counts = Counter(texts)
    for pattern in PATTERNS:
        candidates = sorted(filter(re.compile(pattern.candidate).search, counts))
        if candidates and pattern.present(candidates[:_JUDGED], sum(counts[text] for text in candidates), len(texts)):
            return pattern.name
    return ""
