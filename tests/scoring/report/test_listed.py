"""What lies beside a list and what a point is worth, on the report: as written, in both languages, never another's."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from servicelift.core.errors import ConfigError
from servicelift.core.locale import Locale
from servicelift.scoring.indicators.worth import WORTH_COLUMNS
from servicelift.scoring.report.indicators import WORTH, worth_part
from servicelift.scoring.report.listed import ListFacts, list_facts_beside

EN, FR = Locale("en"), Locale("fr")
PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " "})
FIGURES = {"value": -1.5, "low": -5.7, "high": 2.65, "share": 0.05, "currency": "EUR", "unlimited": None}
ENDS = {"net_value_low": -20.0, "net_value_high": 90.0}


def told(**changes):
    """What `targets` leaves beside a list of two customers."""
    gift = {"effect": 17.5, "effect_low": 0.8, "effect_high": 34.3, "chance_pays": 0.93, "failed": [], "trial": False}
    call = {"effect": None, "effect_low": None, "effect_high": None, "chance_pays": None, "trial": True, **ENDS}
    left_out = [
        {"code": "left_out", "figures": {"day": "2024-07-01T00:00:00+00:00", "n": 3}},
        {"code": "left_consent", "figures": {"n": 1}},
        {"code": "left_gone", "figures": {"n": 2}},
    ]
    cuts = [{"code": "cut_one_sided", "figures": {"action": "gift", "n": 1, "least": 20}}]
    return {
        "business": "press", "contacted": 2, **ENDS,
        "actions": {"gift": {**gift, **ENDS}, "call": {**call, "failed": ["placebo"]}},
        "warnings": [{"code": "policy_unproven", "figures": FIGURES}, *left_out, *cuts], **changes,
    }  # fmt: skip


@pytest.fixture
def beside(tmp_path):
    def read(facts, locale=EN, business="press", contacted=2):
        text = facts if isinstance(facts, str) else json.dumps(facts)
        (tmp_path / "targets.list.json").write_text(text, encoding="utf-8")
        return list_facts_beside(tmp_path / "targets.csv", business, contacted, locale)

    return read


def test_the_policy_the_warnings_and_each_verdict_are_said(beside):
    found = beside(told())
    assert found.policy.startswith("Not shown to be better than contacting nobody: on decisions held out")
    assert "(95% interval -€5.70 to €2.65, at 5% of the cost" in found.policy
    assert not found.better
    assert found.net == "-€20 to €90"
    assert found.warnings == (
        "Looked at again on July 1, 2024: 3 customers come on no list.",
        "1 has withdrawn consent to be contacted.",
        "2 have left, or are about to, or came back since.",
    )
    gift, call = found.actions["gift"], found.actions["call"]
    assert (gift.effect, gift.between, gift.ruling) == ("€17.50", "€0.80 to €34.30", "")
    assert gift.chance == "chance that it pays, by the list's models: 93%"
    assert call.chance == ""
    assert found.quoted == ""
    assert (call.effect, call.between, call.net) == ("", "", "-€20 to €90")
    assert call.ruling == "on trial; failed a check: placebo before the decision"


def test_a_policy_that_is_better_says_so_and_nothing_beside_is_nothing(beside, tmp_path):
    assert beside(told(warnings=[{"code": "policy_better", "figures": FIGURES}])).better
    assert list_facts_beside(tmp_path / "other.csv", "press", 2, EN) == ListFacts()


def test_french_is_french(beside):
    found = beside(told(), FR)
    assert found.policy.translate(PLAIN).startswith("Pas démontré meilleur que ne contacter personne : sur des")
    assert found.warnings[0].translate(PLAIN).startswith("Nouvel examen au 1er juillet 2024 : 3 clients")
    assert found.net.translate(PLAIN) == "de -20 € à 90 €"
    assert found.actions["call"].ruling.translate(PLAIN) == "à l'essai ; contrôle non passé : placebo avant la décision"


def stated(action="gift", **changes):
    """A headline row of a statement."""
    ends = {"effect_per_treated": 11.0, "effect_per_treated_low": -3.0, "effect_per_treated_high": 25.0}
    return {"action": action, "n_treated": 100, "chance_pays": 0.75, **ends, **changes}


PERIOD = (pd.Timestamp("2022-09-01"), pd.Timestamp("2024-06-30 23:59:59.999999"))


def test_an_action_of_the_statement_has_one_effect_and_one_chance(beside):
    found = beside(told()).quoting([stated()], PERIOD, EN)
    gift = found.actions["gift"]
    assert (gift.effect, gift.between) == ("€11.00", "-€3.00 to €25.00")
    assert gift.chance == "chance that it pays, by the statement: 75%"
    assert gift.net == "-€20 to €90", "what the list itself is expected to bring stays"
    assert "of decisions from September 1, 2022 to June 30, 2024." in found.quoted
    assert "93%" not in str(found.actions)
    french = beside(told(), FR).quoting([stated()], PERIOD, FR)
    assert french.actions["gift"].chance.translate(PLAIN) == "probabilité d'être rentable, selon le bilan : 75 %"
    assert "du 1er septembre 2022 au 30 juin 2024" in french.quoted.translate(PLAIN)


def test_what_a_statement_does_not_know_stays_the_models(beside):
    found = beside(told())
    for rows in ([], [stated("mail")], [stated(chance_pays=float("nan"))]):
        assert found.quoting(rows, PERIOD, EN) == found
    both = [stated(n_treated=5, chance_pays=0.1), stated(), stated(n_treated=7, chance_pays=0.2)]
    assert "75%" in found.quoting(both, None, EN).actions["gift"].chance
    assert "those of the statement. The list" in found.quoting(both, None, EN).quoted


def test_another_business_another_list_and_another_file_are_refused(beside):
    with pytest.raises(ConfigError, match=r"expected a list of 'other', .* is of 'press'"):
        beside(told(), business="other")
    with pytest.raises(ConfigError, match=r"speaks of, with 2 customers, got 3 in"):
        beside(told(), contacted=3)
    for text in ("{", "{}", "[]"):
        with pytest.raises(ConfigError, match=r"not as `servicelift targets` writes it"):
            beside(text)


def test_what_a_point_is_worth_is_a_table_where_it_was_written(tmp_path):
    assert worth_part(None, EN) is worth_part(tmp_path, EN) is None
    row = dict.fromkeys(WORTH_COLUMNS, 1.0) | {"indicator": "csat", "contrast": "quick_answer", "reason": ""}
    row |= {"verdict": "effect shown", "unit": "money", "per_point": 100.0, "per_point_low": 40.0}
    pd.DataFrame([row | {"per_point_high": 160.0}]).to_parquet(tmp_path / WORTH)
    cells = worth_part(tmp_path, EN).rows[0]
    assert [cells[0].text, cells[1].text] == ["Satisfaction (CSAT)", "quick answer"]
    assert cells[-1].text == "€100 a year (€40 to €160)"
    pd.DataFrame(columns=list(WORTH_COLUMNS)).to_parquet(tmp_path / WORTH)
    assert worth_part(tmp_path, EN) is None
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / WORTH)
    with pytest.raises(ConfigError, match=r"--indicators: .* no column indicator"):
        worth_part(tmp_path, EN)
