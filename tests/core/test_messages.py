"""Sentences: every figure in its form, every code in both languages with the same figures."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.core.locale import LANGUAGES, Locale
from servicelift.core.messages import Catalogue, Message, Sentence, capitalised

ROOT = Path(__file__).resolve().parents[2]
FORMS = ["a:n1", "b:s2", "c:money", "d:money0", "e:percent", "f:percent1", "g:date", "h:name", "i:names", "i:or"]
PLACES = [f"{{{form}}}" for form in (*FORMS, "j:words", "k")]
WORDS = Catalogue(
    {
        "all": Sentence(" ".join(PLACES), "/".join(PLACES)),
        "many": Sentence("{n} {n:customer|customers}", "{n} {n:client|clients|de clients}"),
        "bare": Sentence("{x}", "{x}"),
    }
)
FIGURES = {
    "a": 1.25, "b": 2.0, "c": 3.5, "d": 1200.4, "e": 0.5, "f": 0.123, "g": pd.Timestamp("2024-01-01"), "h": "a_b",
    "i": ("x_y", "z"), "j": ("one", "two"), "k": 2000,
}  # fmt: skip


def catalogues() -> list[tuple[str, Catalogue]]:
    """Every catalogue of the package."""
    found = []
    for room in ("core", "features", "models", "scoring", "training", "business", "onboarding"):
        for file in sorted((ROOT / room).rglob("*.py")):
            if re.search(r"^\w+ = Catalogue\(", file.read_text(encoding="utf-8"), re.MULTILINE):
                name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
                module = importlib.import_module(f"servicelift.{name}")
                found += [(name, value) for value in vars(module).values() if isinstance(value, Catalogue)]
    return found


def test_every_form_of_a_figure():
    assert WORDS.say(Locale("en"), "all", **FIGURES) == (
        "1.2 +2.00 €3.50 €1,200 50% 12.3% January 1, 2024 a b x y and z x y or z one and two 2,000"
    )
    assert WORDS.say(Locale("fr"), "all", **FIGURES).replace("\u202f", "_").replace("\u00a0", "_") == (
        "1,2/+2,00/3,50_€/1_200_€/50_%/12,3_%/1er janvier 2024/a b/x y et z/x y ou z/one et two/2_000"
    )


def test_plural_forms_are_those_of_the_language():
    written = [WORDS.write(Locale("fr"), Message.of("many", n=n)) for n in (0, 1, 2)]
    assert written == ["0 client", "1 client", "2 clients"]
    assert WORDS.say(Locale("fr"), "many", n=1_000_000).endswith("de clients")
    assert WORDS.join(Locale("en"), [Message.of("many", n=n) for n in (0, 1)]) == "0 customers; 1 customer"


def test_french_marks_do_not_break_from_their_word():
    marks = Catalogue({"marks": Sentence("x: y; z?", "x : « y » ; z ?")})
    assert marks.say(Locale("en"), "marks") == "x: y; z?"
    assert marks.say(Locale("fr"), "marks") == "x\u00a0: «\u00a0y\u00a0»\u202f; z\u202f?"
    assert Locale("fr").clauses(["a", "b"]) == "a\u202f; b"
    assert capitalised("état") == "État"


def test_a_number_without_a_form_is_refused():
    with pytest.raises(ModelError, match="expected a form"):
        WORDS.say(Locale("en"), "bare", x=1.5)
    with pytest.raises(KeyError):
        WORDS.say(Locale("en"), "many")


def test_both_languages_tell_the_same_figures():
    for name, catalogue in [("here", WORDS), *catalogues()]:
        for code, sentence in catalogue.items():
            assert sentence.figures("en") == sentence.figures("fr"), f"{name}: {code}"
            for language in LANGUAGES:
                assert sentence.template(language).strip(), f"{name}: {code} has no {language}"
