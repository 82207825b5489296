"""Sentences of rows: made from codes and figures, in the config's language, with its own names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError, ModelError
from servicelift.core.locale import Locale
from servicelift.core.messages import Message
from servicelift.core.records import StudyDesign
from servicelift.core.refusals import reason_of, refusal
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.refutation.verdict import Among, Check, Verdict, judge
from servicelift.scoring.statement.contrasts import ContrastRuling, ruling_of
from servicelift.scoring.statement.pending import LeftOut
from servicelift.scoring.statement.rows import Arranged
from servicelift.scoring.statement.sentences import (
    english_names,
    forecast_sentence,
    in_short,
    left_out_in_words,
    read_again,
    row_sentence,
    with_sentences,
)

PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " "})
CONTRASTS = {
    "quick": {"exposure": "answered_within", "hours": 2},
    "to_iban": {"exposure": "payment_method", "from": ["card", "cheque"], "to": "iban"},
    "moved": {"exposure": "payment_method", "to": "iban"},
    "solved": {"exposure": "resolved_at_first_contact"},
    "early": {"exposure": "contact_in_first_month", "days": 1},
    "trained": {"exposure": "agent_training"},
}


def config(language: str = "en", **changes: object) -> Config:
    base = {"tables": {"customers": "-", "payments": "-"}, "incremental": {"contrasts": CONTRASTS}}
    return Config.model_validate({**base, "language": language, **changes})


def judged(estimate: float, cost: float = 0.0, *, failed: tuple[Message, ...] = (), p: float = 0.001) -> Verdict:
    """The verdict on an effect with error 1, one of five judged together."""
    effect = EffectEstimate(estimate, 1.0, estimate - 2, estimate + 2, "treated", 10, 10, 10.0, 10.0, 0.0, 0.0, 0.0)
    return judge(effect, cost, failed=failed, among=Among(5, p, p))


def row(**changes: object) -> pd.Series:
    return pd.Series(
        {
            "kind": "action", "action": "retention_offer", "design": "randomised", "headline": True, "n_treated": 10,
            "cost": 20.0, "effect_per_treated": 5.0, "effect_per_treated_low": 3.0, "effect_per_treated_high": 7.0,
            "naive_incremental_clv": 90.0, "verdict": "pays", "payback_month": 18.0, "incremental_clv": 50.0,
            "realised_incremental_clv": 15.0, "roi_percent": 150.0, "roi_percent_low": 50.0, "roi_percent_high": 250.0,
            "cost_source": "recorded", "n_cost_recorded": 10, "effect_per_treated_always_low": 1.5,
            "effect_per_treated_always_high": 8.5, "verdict_always": "not proven", "earlier_readings": 0.0,
            "earlier_readings_complete": True,
            "mature_verdict": None, "mature_verdict_foreseen": None,
            **changes,
        }
    )  # fmt: skip


def contrast(name: str, verdict: Verdict, language: str = "en") -> str:
    one = row(kind="contrast", action=name, design="observational", cost=np.nan)
    return row_sentence(one, verdict, config(language)).translate(PLAIN)


def test_an_action_says_what_happened_to_whom_at_what_cost():
    assert row_sentence(row(), judged(5.0, 2.0), config()) == (
        "Being offered retention offer changed a customer's value over 36 months by €5.00, compared with customers held"
        " out at random. The 95% interval goes from €3.00 to €7.00. It cost €2.00 a customer. Pays: even the low end of"
        " €3.00 to €7.00 is above the cost of €2.00. The plain difference to untreated customers, €9.00, mixes the"
        " effect with who was chosen."
    )
    french = row_sentence(row(), judged(5.0, 2.0), config("fr", names={"retention_offer": "offre de fidélité"}))
    assert french.translate(PLAIN) == (
        "Se voir proposer l'action « offre de fidélité » a changé la valeur d'un client de 5,00 € sur 36 mois, par"
        " rapport à des clients témoins tirés au sort. L'intervalle à 95 % va de 3,00 € à 7,00 €. Le coût a été de"
        " 2,00 € par client. Rentable : même la borne basse de l'intervalle, de 3,00 € à 7,00 €, est au-dessus du coût"
        " de 2,00 €. L'écart brut avec les clients non traités, 9,00 €, mêle l'effet au choix des clients."
    )


def test_a_contrast_is_held_against_nothing_and_says_why_it_is_not_shown():
    assert ruling_of(judged(5.0)) == ruling_of(judged(-5.0)) == ContrastRuling.SHOWN
    assert ruling_of(judged(1.0)) == ruling_of(judged(5.0, p=0.06)) == ContrastRuling.NOT_SHOWN
    sentence = contrast("quick", judged(1.0))
    assert "A first answer within 2 hours changed" in sentence
    assert "includes 0" in sentence
    assert "cost" not in sentence
    assert "5 contrasts judged together" in contrast("quick", judged(5.0, p=0.06))
    assert "placebo" in contrast("quick", judged(5.0, failed=(Message.of(Check.PLACEBO),)))
    assert "coût" not in contrast("quick", judged(1.0), "fr")


@pytest.mark.parametrize("name", list(CONTRASTS))
def test_every_exposure_has_its_words_in_both_languages(name):
    english, french = (contrast(name, judged(5.0), language) for language in ("en", "fr"))
    assert "changed a customer's value" in english
    assert "a changé la valeur d'un client" in french


def test_methods_and_plurals_are_words():
    assert "Moving from card or cheque to direct debit changed" in contrast("to_iban", judged(5.0))
    assert "(carte ou chèque → prélèvement)" in contrast("to_iban", judged(5.0), "fr")
    assert "from another method to direct debit" in contrast("moved", judged(5.0))
    assert "within 1 day of" in contrast("early", judged(5.0))
    assert "dans les 7 jours" in contrast("solved", judged(5.0), "fr")


def test_rows_get_their_sentences_and_warnings_last():
    few = Message.of("few_controls", controls=9.0)
    arranged = Arranged(row().to_frame().T, (judged(5.0, 2.0),), ((few,),))
    general = (Message.of("short_horizon", months=6, least=12),)
    rows = with_sentences(arranged, general, config())
    assert list(rows.columns)[-2:] == ["warnings", "sentence"]
    assert rows["warnings"].iloc[0].count("; ") == 1
    assert "9 customers" in rows["warnings"].iloc[0]


def test_what_was_read_before_and_does_not_hold_over_all_readings_is_said():
    again = row(earlier_readings=5.0)
    assert read_again(again, Locale("en")) == (
        " It was read 5 times before, and the more often one looks, the more often luck looks like an effect: over all"
        " readings together the 95% interval goes from €1.50 to €8.50, which does not rule out €2.00."
    )
    french = read_again(row(earlier_readings=5.0, earlier_readings_complete=False), Locale("fr")).translate(PLAIN)
    assert french.startswith(" Déjà lu au moins 5 fois : plus on regarde,")
    assert french.endswith("va de 1,50 € à 8,50 €, ce qui n'exclut pas 2,00 €.")
    happened = row(kind="contrast", cost=np.nan, verdict="effect shown", verdict_always="effect not shown")
    assert read_again(happened.replace(0.0, 1.0), Locale("en")).endswith("which does not rule out €0.00.")


@pytest.mark.parametrize(
    "agrees", [{}, {"earlier_readings": np.nan}, {"earlier_readings": 5.0, "verdict_always": "pays"}]
)
def test_one_reading_or_two_intervals_that_agree_need_no_word(agrees):
    assert read_again(row(**agrees), Locale("en")) == ""


def test_a_statement_in_short():
    rows = pd.DataFrame(
        [row(sentence="S."), row(headline=False, kind="contrast", verdict="effect shown", sentence="T.")]
    )
    total = row(initiative="all", left_out_actions="").to_frame().T
    lines = in_short(rows, total, {"gift": "too few"}, Locale("en"))
    assert lines == [
        "retention_offer: pays. €20 spent, €50 earned, of it €15 realised so far; return 150% (50% to 250%), payback in"
        " month 18 by the estimate; costs of offers as recorded over 10 decisions. S.",
        "retention_offer: effect shown. T.",
        "all actions together: €20 spent, €50 earned, of it €15 realised so far; return 150% (50% to 250%).",
        "gift: not estimated: too few",
    ]
    refused = {"left_out_actions": "offer, retention_offer", "left_out_cost": 20.0, "left_out_incremental_clv": 50.0}
    total = row(initiative="all", **refused).to_frame().T
    assert in_short(rows, total, {}, Locale("en"))[-1].startswith(
        "all actions together but offer and retention offer, whose effect failed a check (€20 spent, estimated at €50):"
    )
    free = pd.DataFrame([row(roi_percent=None, payback_month=np.nan, sentence="S.")])
    (line,) = in_short(free, total.iloc[:0], {}, Locale("fr"))
    assert "pas de retour sans coût, non amorti sur l'horizon selon l'estimation" in line
    assert "coût des offres constaté sur 10 décisions" in line


def test_the_rule_behind_the_costs_is_told():
    def basis(**changes: object) -> str:
        (line,) = in_short(pd.DataFrame([row(sentence="S.", **changes)]), pd.DataFrame(), {}, Locale("en"))
        return line.split("; ")[-1]

    assert basis(n_cost_recorded=9).startswith("costs of offers as recorded over 9 decisions, 1 without one filled")
    assert basis(cost_source="configured", n_cost_recorded=0).startswith("costs of offers as configured, none of 10")


def test_what_was_left_out_has_its_name_and_reason_in_words():
    few = refusal(ModelError, "few_customers", folds=5, n=3)
    one = LeftOut("retention_offer", StudyDesign.RANDOMISED, reason_of(few))
    rest = LeftOut("quick", None, reason_of(DataError("no table")))
    named = Locale("fr", names={"quick": "réponse rapide"})
    words = left_out_in_words((one, rest), named)
    assert {name: text.translate(PLAIN) for name, text in words.items()} == {
        "retention offer (tirage au sort)": "il faut au moins 5 clients pour 5 parties (incremental.folds), il y en"
        " a 3",
        "réponse rapide": "no table",
    }
    assert english_names((one, rest), named) == {"réponse rapide"}
    assert left_out_in_words((replace(one, initiative="spring"),), Locale()) == {
        "retention offer, spring (randomised)": str(few)
    }


def test_forecasts_beside_what_came_count_headlines_alone():
    rows = pd.DataFrame(
        {
            "headline": [True, True, True, False],
            "kind": "action",
            "mature_verdict": ["pays", "pays", None, "loses"],
            "mature_verdict_foreseen": ["pays", "not proven", None, "pays"],
        }
    )
    assert forecast_sentence(rows, Locale("en")) == (
        "forecast beside what came: on 2 actions with decisions old enough, 2 are judged to pay or lose by what came, 1"
        " by the forecast alone; both say the same of 1."
    )
    assert "1 d'après la seule prévision" in forecast_sentence(rows, Locale("fr"))
    assert forecast_sentence(rows[rows["mature_verdict"].isna()], Locale("en")) is None
