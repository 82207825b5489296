"""What a scoring run says, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.locale import Locale
from servicelift.core.messages import Message
from servicelift.models.evaluation.grade import GRADE_WORDS
from servicelift.scoring.scores.champions import Champions
from servicelift.scoring.scores.inputs import UnknownInput
from servicelift.scoring.scores.score import ScoreOutcome
from servicelift.scoring.scores.words import SCORE_WORDS

PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " "})
EN, FR = Locale("en"), Locale("fr")


def test_grades_mean_what_the_rule_says():
    assert {letter: SCORE_WORDS.say(EN, letter) for letter in GRADE_WORDS} == GRADE_WORDS


@pytest.mark.parametrize(
    ("grade", "english", "french"),
    [
        ("B", "churn model: grade B (good)", "modèle d'attrition : note B (bon)"),
        ("-", "churn model: grade - (not graded)", "modèle d'attrition : note - (non noté)"),
    ],
)
def test_champions_say_grade_and_gaps(grade, english, french):
    lacking = {"clv": Message.of("untrained", name="shop-clv"), "incremental": Message.of("no_value_at_risk")}
    champions = Champions({"churn": None}, lacking, grade)
    assert champions.lines(EN)[:2] == [
        english,
        "clv: not scored: no champion 'shop-clv'; `servicelift train` says what its training lacks",
    ]
    said = [line.translate(PLAIN) for line in champions.lines(FR)]
    assert said[0] == french
    assert said[1].startswith("clv : non évalué : pas de champion « shop-clv » ; ")
    assert said[2].startswith("incremental : non évalué : il répartit les effets")
    assert len(Champions({}, {}, "").lines(FR)) == 0


@pytest.mark.parametrize(
    ("kind", "rows", "english", "french"),
    [
        (
            "text",
            1,
            "birth_year: 1 row (0.1%) without a number where numbers belong: counted as missing",
            "birth_year : 1 ligne (0,1 %) sans nombre là où il en faut un : comptée comme manquante",
        ),
        (
            "empty",
            1_200,
            "birth_year: 1,200 rows (100.0%), all there are, without a value: counted as missing; check that its source"
            " still fills it",
            "birth_year : 1 200 lignes (100,0 %), c'est-à-dire toutes, sans valeur : comptées comme manquantes ;"
            " vérifiez que sa source la remplit encore",
        ),
        (
            "levels",
            30,
            "birth_year: 30 rows (2.5%) with levels unknown to churn and clv: counted as missing; map renamed codes"
            " under codes:, or train again",
            "birth_year : 30 lignes (2,5 %) avec des modalités inconnues de churn et clv : comptées comme manquantes ;"
            " traduisez les codes renommés sous la clé codes, ou relancez l'apprentissage",
        ),
    ],
)
def test_what_models_cannot_use_is_counted(kind, rows, english, french):
    one = UnknownInput("birth_year", kind, rows, rows / 1_200, ("churn", "clv"))
    assert one.line(EN) == english
    assert one.line(FR).translate(PLAIN) == french


def test_the_first_line_counts_customers_and_values():
    outcome = ScoreOutcome(Path("scores"), 1, 2_000, {"churn": 3, "clv": None}, ("note",))
    assert outcome.lines() == ["1 customer scored, 2,000 customer-action values: scores (churn 3)", "note"]
    french = ScoreOutcome(Path("scores"), 2_000, 1, {"churn": 3, "clv": 1}, (), FR)
    assert [line.translate(PLAIN) for line in french.lines()] == [
        "2 000 clients évalués, 1 valeur d'action par client : scores (churn 3, clv 1)"
    ]
