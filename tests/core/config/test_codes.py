from __future__ import annotations

import pytest
from servicelift.core.config.codes import check_codes, codes_as_texts


def test_single_values_numbers_and_flags_become_lists_of_texts():
    assert codes_as_texts({"x": {True: 1, "no": [0, False]}}) == {"x": {"true": ["1"], "no": ["0", "false"]}}
    assert codes_as_texts(None) is None


@pytest.mark.parametrize(
    ("key", "mapping", "expected"),
    [
        ("customers.contactable", {"true": ("1",), "false": ("1",)}, "the word '1' means both 'true' and 'false'"),
        ("payments.method", {"iban": ("SEPA", "CB"), "card": (" cb ",)}, "means both 'iban' and 'card'"),
        ("payments.methd", {}, "did you mean 'payments.method'?"),
        ("payments", {}, "unknown column 'payments'"),
        ("payments.method", {"sepa": ("x",)}, "unknown code 'sepa'; expected one of iban"),
    ],
)
def test_a_word_has_one_meaning_and_a_code_is_the_contracts(key, mapping, expected):
    with pytest.raises(ValueError, match="codes") as error:
        check_codes(key, mapping)
    assert expected in str(error.value)


def test_a_word_may_stand_twice_under_one_code():
    check_codes("payments.method", {"iban": ("SEPA", "sepa"), "card": ("CB",)})
