"""The words of a plan, in both languages."""

from __future__ import annotations

import re

from servicelift.core.locale import Locale
from servicelift.scoring.experiments.plan_page import plan_lines, plan_page

EN, FR = Locale("en"), Locale("fr", names={"iban_switch": "passage au prélèvement"})
PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " "})


def test_the_words_of_a_plan(a_plan):
    text = " ".join(plan_lines(a_plan(), EN))
    assert "iban switch: when agents propose direct debit, our customers will stay longer" in text
    assert "an effect of €8.00 a customer over 36 months; power 80%, level 5%" in text
    assert "700 customers, 630 contacted and 70 held out (10%)" in text
    assert "6 months of decisions from July 1, 2024" in text
    assert "cost €1,260.00 (€2.00 a contact)" in text
    assert "return 300%, and a result as expected would read 20% to 580%" in text
    assert "shown to exceed its cost of €2.00" in " ".join(plan_lines(a_plan(prove="pays"), EN))
    assert "take more agents" in " ".join(plan_lines(a_plan(customers=None, agents=8, months=None), EN))
    assert "more than ten years" in " ".join(plan_lines(a_plan(months=None), EN))
    assert "1 month of decisions" in " ".join(plan_lines(a_plan(months=1), EN))
    assert plan_page(a_plan(), EN).startswith("# Plan: iban switch (press)\n\n> When agents propose direct debit")


def test_looks_are_told_one_by_one(a_plan, a_look):
    looks = {"looks": (a_look(200, 4.333), a_look(700, 2.014)), "inflation": 1.02}
    plan = a_plan(**looks, expected_months=9.26, expected_months_without=11.9)
    lines = plan_lines(plan, EN)
    at = next(i for i, line in enumerate(lines) if line.startswith("read every month"))
    assert lines[at] == (
        "read every month: 2 looks at most, for 2.0% more customers than one look takes; expected to end 9.3 months"
        " after the first decision if the effect is as assumed, 11.9 months after it if there is none"
    )
    assert lines[at + 1] == (
        "look 1, February 1, 2025: 200 customers (29% of the information); ends it at 4.33 standard errors, an effect"
        " of €9.50 either way"
    )
    pays = plan_lines(plan.model_copy(update={"prove": "pays"}), EN)[at + 2]
    assert pays.endswith("ends it at 2.01 standard errors from the cost, €9.50 either way")
    french = "\n".join(plan_lines(plan, FR)).translate(PLAIN)
    assert "lecture 1, 1er février 2025 : 200 clients (29 % de l'information)" in french
    assert "9,3 mois après la première décision" in french


def test_a_french_plan_is_french(a_plan):
    plan = a_plan(when="les conseillers proposent le prélèvement", then="resteront plus longtemps")
    lines = [line.translate(PLAIN) for line in plan_lines(plan, FR)]
    assert lines[0] == (
        "passage au prélèvement : quand les conseillers proposent le prélèvement, nos clients resteront plus longtemps"
    )
    assert "il faut 700 clients : 630 contactés et 70 témoins (10 %)" in lines
    assert "durée : 6 mois de décisions à partir du 1er juillet 2024" in " ".join(lines)
    page = plan_page(plan, FR).translate(PLAIN)
    assert page.startswith("# Plan : passage au prélèvement (press)\n\n> Quand les conseillers")
    assert not re.search(r"\b(the|customers|cost|with|and|of|months)\b", page)
