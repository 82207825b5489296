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
