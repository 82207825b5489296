from __future__ import annotations

import time

import pytest
from servicelift.core.config.document import read_document
from servicelift.core.errors import ConfigError

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1, y: 2}\n" + "".join(
    f"{b}: &{b} {{<<: [{', '.join(['*' + a] * 20)}]}}\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def read(tmp_path, text):
    path = tmp_path / "business.yaml"
    path.write_text(text, encoding="utf-8")
    return read_document(path)


def test_aliases_and_merges_are_taken(tmp_path):
    text = "base: &base {x: 1}\ntwo: {<<: *base, y: 2}\nthree: [*base, *base]\n"
    assert read(tmp_path, text) == {"base": {"x": 1}, "two": {"x": 1, "y": 2}, "three": [{"x": 1}, {"x": 1}]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOMB, "expected at most 100,000 values"),
        (MERGES, "expected at most 100,000 values"),
        ("a: &a [*a]\n", "expected at most 100,000 values"),
        ("? [a, b]\n: c\n", "expected a word as a key, got a list or a mapping"),
        ("tables: {? {a: b} : c}\n", "expected a word as a key"),
        ("a: [" * 3000, "too deep"),
        ("a: !!timestamp x\n", "does not fit the tag"),
        ("a: !!bool x\n", "does not fit the tag"),
        ("a: !!int x\n", "is not readable YAML"),
        ("a: !!python/object:os.system x\n", "could not determine a constructor"),
        ("a: 2024-13-45\n", "month must be in 1..12"),
        ("a: 1\na: 2\n", "key 'a' stands twice"),
        ("", "got an empty file"),
        ("- a\n", "got a list"),
        ("a\n", "got a single value"),
    ],
)
def test_what_is_no_configuration_is_named_at_once(tmp_path, text, expected):
    began = time.perf_counter()
    with pytest.raises(ConfigError) as error:
        read(tmp_path, text)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)
    assert time.perf_counter() - began < 5


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigError, match="found a folder"):
        read_document(tmp_path)


def test_variables_are_filled_in_anywhere_but_in_connections(tmp_path, monkeypatch):
    monkeypatch.setenv("SITE", "press")
    monkeypatch.setenv("N", "9")
    text = (
        "business: ${SITE}\nseed: ${N}\nnames: {a: '${SITE}-${N}'}\nlines: [{x: ['${N}']}]\n"
        "tables: {payments: {connection: 'postgresql://${SITE}@h/d', table: '${SITE}.p'}}\n"
    )
    raw = read(tmp_path, text)
    assert (raw["business"], raw["seed"], raw["names"], raw["lines"]) == (
        "press",
        "9",
        {"a": "press-9"},
        [{"x": ["9"]}],
    )
    assert raw["tables"]["payments"] == {"connection": "postgresql://${SITE}@h/d", "table": "press.p"}


def test_a_variable_that_is_not_set_is_one_line(tmp_path, monkeypatch):
    monkeypatch.delenv("NOWHERE", raising=False)
    with pytest.raises(ConfigError, match=r"^churn\.horizon_days: the environment variable NOWHERE is not set; set it"):
        read(tmp_path, "churn: {horizon_days: '${NOWHERE}'}\n")


def test_what_was_filled_in_is_hidden_again(tmp_path, monkeypatch):
    monkeypatch.setenv("KEY", "hunter(2")
    monkeypatch.setenv("ONE", "7")
    raw = read(tmp_path, "a: 'x ${KEY}'\nb: ${ONE}\n")
    assert raw.hidden("got 'x hunter(2' at 17, 7") == "got 'x ${KEY}' at 17, ${ONE}"
    assert read(tmp_path, "a: b\n").hidden("got 'b'") == "got 'b'"
