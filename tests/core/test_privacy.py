from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicelift.core.privacy import (
    CANDIDATE,
    LEAST_NUMBER,
    PATTERNS,
    card,
    email,
    iban,
    is_personal,
    personal_kind,
    phone,
)

IBANS = [  # published examples of the national formats
    "FR1420041010050500013M02606",
    "FR14 2004 1010 0505 0001 3M02 606",
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "BE68539007547034",
    "NL91ABNA0417164300",
    "ES9121000418450200051332",
    "NO9386011117947",
    "gb82 west 1234 5698 7654 32",
]
CARDS = ["4111111111111111", "4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011111111111117"]
PHONES = ["06 12 34 56 78", "0612345678", "+33612345678", "+33 (0)6 12 34 56 78", "0033612345678", "06.12.34.56.78"]
PHONES += ["(555) 123-4567", "555-123-4567", "020 7946 0958", "0171/1234567", "+49 171 1234567"]
HARMLESS = ["A-2e4581", "27-07-2023", "28-07-2023 03:00", "2024-01-01 10:00:00+02:00", "0000012345", "0.123456789"]
HARMLESS += ["0-306-40615-2", "978-2-07-036822-8", "20240101120000", "Le Monde & Cie", "été", "+0200", "-1234.50", ""]
HARMLESS += ["01.02.2024", "de305d54-75b4-431b-adb2-eb6b9e546014", "1234567890123456", "customer@", "@handle", "n/a"]


@pytest.mark.parametrize("text", IBANS)
def test_ibans_are_known_by_their_checksum(text: str) -> None:
    assert iban(text) is True
    assert iban(f"paid from {text}") is True
    last = "1" if text[-1] != "1" else "2"
    assert iban(text[:-1] + last) is False


@pytest.mark.parametrize("text", CARDS)
def test_cards_are_known_by_their_checksum(text: str) -> None:
    assert card(text) is True
    assert card(text[:-1] + str((int(text[-1]) + 1) % 10)) is False


@pytest.mark.parametrize("text", PHONES)
def test_phone_numbers(text: str) -> None:
    assert phone(text) is True


@pytest.mark.parametrize("text", ["a@b.fr", "Jean.Dupont+x@mail.example.org", "write to élise@exemple.fr please"])
def test_email_addresses(text: str) -> None:
    assert email(text) is True


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_is_left_alone(text: str) -> None:
    assert not is_personal(text)


@pytest.mark.parametrize("text", [*IBANS, *CARDS, *PHONES, "a@b.fr"])
def test_the_engine_is_shown_every_genuine_value(text: str) -> None:
    assert any(re.search(p.candidate, text) and p.genuine(text) for p in PATTERNS)
    assert re.search(CANDIDATE, text)


@given(st.text(max_size=60))
def test_any_text_is_judged_without_a_crash(text: str) -> None:
    assert is_personal(text) in (True, False)


def test_random_references_of_a_cards_length_do_not_make_a_column_personal() -> None:
    source = random.Random(3)
    references = [f"4{source.randrange(10**15):015d}" for _ in range(500)]
    pattern = next(p for p in PATTERNS if p.name == "card numbers")
    assert 10 < sum(card(text) is True for text in references) < 100  # one in ten passes the checksum by chance
    assert not pattern.present(references, 500, 500)
    assert pattern.present(["4111111111111111", *references[:1]], 2, 1_000_000)


def test_phone_numbers_count_among_all_values() -> None:
    pattern = next(p for p in PATTERNS if p.genuine is phone and p.share == 0.5)
    numbers = ["0612345678"] * 10
    assert pattern.present(numbers, 600, 1_000)
    assert not pattern.present(numbers, 400, 1_000)


@given(st.integers(1 - LEAST_NUMBER, LEAST_NUMBER - 1))
def test_no_number_below_the_least_is_a_candidate(number: int) -> None:
    assert not any(re.search(pattern.candidate, str(number)) for pattern in PATTERNS)


def test_the_least_number_is_no_larger_than_a_card_can_be() -> None:
    assert any(re.search(pattern.candidate, str(2 * LEAST_NUMBER)) for pattern in PATTERNS)


def test_a_column_is_named_by_what_it_holds():
    assert personal_kind(["a@b.org", "c@d.org"]) == "e-mail addresses"
    assert personal_kind(["FR7630006000011234567890189"]) == "IBANs"
    assert personal_kind(["2024-01-02", "K0001", "12"]) == ""
