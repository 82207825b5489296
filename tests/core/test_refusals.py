"""Reasons why something cannot be estimated: raised in English, said in both languages, each with its figures."""

import ast
import datetime as dt
import re
import string
from pathlib import Path

import pytest
from servicelift.core.errors import ConfigError, DataError, ModelError
from servicelift.core.locale import Locale
from servicelift.core.refusals import OTHER, REFUSALS, other_state, reason_of, refusal, within

ROOT = Path(__file__).resolve().parents[2]
ARMS = {"treated", "control"}
WORDS = ARMS | {"below", "above"}
FIGURES = {
    "text": "too few", "arm": "treated", "days": 180, "end": dt.date(2024, 1, 1), "n": 2, "column": "contacts.agent_id",
    "least": 10, "fewest": 3, "folds": 5, "controls": 7, "trimmed": 0.25, "trim": 0.9, "population": "treated",
    "left": 0, "action": "win_back", "side": "below", "cut": 0.0, "width": 2.5, "rise": 0.01,
}  # fmt: skip


def raised():
    """Codes and figures of every refusal that the code raises, read from its source."""
    calls = [
        node
        for room in ("core", "features", "models")
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refusal"
    ]
    for call in calls:
        code, figures = call.args[1], {keyword.arg for keyword in call.keywords}
        codes = [code.value] if isinstance(code, ast.Constant) else [f"no_{arm}" for arm in ARMS]
        yield from ((one, figures) for one in codes)


def test_every_reason_is_raised_somewhere_with_the_figures_that_its_sentences_tell():
    by_code = dict(raised())
    assert set(by_code) == set(REFUSALS) - {OTHER} - WORDS
    for code, figures in by_code.items():
        assert REFUSALS[code].figures("en") == REFUSALS[code].figures("fr") == figures


@pytest.mark.parametrize("code", sorted(set(REFUSALS) - WORDS))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_reason_is_one_whole_clause_in_either_language(code, language):
    names = {name for _, name, _, _ in string.Formatter().parse(REFUSALS[code].en) if name}
    text = REFUSALS.say(Locale(language), code, **{name: FIGURES[name] for name in names})
    assert not re.search(r"[{}|]|  |\.$", text)
    if language == "fr" and code != OTHER:
        assert not re.search(r"(?<!\u202f)[;?!]|(?<!\u00a0)[:%»]|«(?!\u00a0)", text)
        assert text != REFUSALS.say(Locale("en"), code, **{name: FIGURES[name] for name in names})


def test_a_cut_that_says_nothing_says_why_in_french():
    near = refusal(ModelError, "few_scores_near", least=20, side="above", cut=0.0, width=2.5, n=3)
    assert str(near).startswith("expected at least 20 different scores above the cut at 0 within 2.5, got 3")
    plain = {0xA0: " ", 0x202F: " "}
    french = REFUSALS.write(Locale("fr"), reason_of(near)).translate(plain)
    assert french.startswith("il faut au moins 20 scores différents au-dessus du seuil (0) à moins de 2,5 de celui-ci")
    jump = REFUSALS.say(Locale("fr"), "no_jump", rise=-0.0123, cut=0.4).translate(plain)
    assert "n'y change pas nettement (-0,012 au seuil de 0,4) ; vérifiez" in jump


def test_an_error_says_its_reason_in_english_and_carries_the_code():
    error = refusal(DataError, "immature", arm="control", days=180, end=dt.date(2024, 6, 30), n=1)
    assert isinstance(error, DataError)
    assert str(error) == (
        "expected control decisions 180 days before June 30, 2024, for their follow-up has to be over, got 1 later one"
        " only; choose an earlier period, or shorten incremental.follow_up_days"
    )
    assert dict(reason_of(error).figures) == {"arm": "control", "days": 180, "end": dt.date(2024, 6, 30), "n": 1}
    french = REFUSALS.write(Locale("fr"), reason_of(error)).replace("\u00a0", " ").replace("\u202f", " ")
    assert french.startswith("aucune décision témoin antérieure d'au moins 180 jours au 30 juin 2024")


def test_where_it_happened_leads_the_text_and_leaves_the_reason():
    error = within(refusal(ModelError, "few_customers", folds=5, n=3), "action 'gift'")
    assert isinstance(error, ModelError)
    assert str(error) == "action 'gift': expected at least 5 customers for 5 folds, got 3"
    assert reason_of(error).code == "few_customers"
    plain = within(ConfigError("no such feature"), "action 'gift'")
    assert isinstance(plain, ConfigError)
    assert REFUSALS.write(Locale("fr"), reason_of(plain)) == "action 'gift': no such feature"


@pytest.mark.parametrize(("lapsed", "measures"), [(False, "lapsed"), (True, "running")])
def test_decisions_on_customers_in_the_other_state_say_which_state_measures_them(lapsed, measures):
    error = other_state("win_back", left=3, elsewhere=497, lapsed=lapsed)
    assert f"497 more are on customers who had {'a' if lapsed else 'no'} running subscription" in str(error)
    assert f"`state: {measures}` under incremental.actions.win_back measures them" in str(error)
    french = REFUSALS.write(Locale("fr"), reason_of(error))
    assert f"donnez la valeur {measures} à incremental.actions.win_back.state" in french
