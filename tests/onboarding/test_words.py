from __future__ import annotations

import pytest
from servicelift.core.contract import CONTRACT
from servicelift.onboarding.words import NAMES, TABLE_NAMES, name_score, table_score, tokens


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("DateInscription", ("date", "signup")),
        ("KUNDENNUMMER", ("customer", "id")),
        ("Vertragsnummer", ("subscription", "id")),
        ("numéro_client", ("id", "customer")),
        ("SIGNEDUPAT", ("signup", "up", "date")),
    ],
)
def test_names_are_taken_apart_whatever_their_case_language_and_joints(name, folded):
    assert tokens(name) == folded


def test_every_name_is_for_a_column_of_the_contract():
    known = {f"{t.name}.{c.name}" for t in CONTRACT.values() for c in t.columns}
    assert set(NAMES) <= known
    assert set(TABLE_NAMES) == set(CONTRACT)


def test_every_required_column_has_a_name():
    needed = {f"{t.name}.{c.name}" for t in CONTRACT.values() for c in t.columns if not c.optional}
    assert needed <= set(NAMES)


def test_the_contracts_own_name_is_sure():
    for table in CONTRACT.values():
        assert {name_score(table.name, c.name, c.name) for c in table.columns} == {1.0}


@pytest.mark.parametrize("name", ["UnitPrice", "refund_amount", "tax_amount", "discount", "amount_due"])
def test_other_money_is_not_the_amount_paid(name):
    assert name_score("payments", "amount", name) == 0.0


@pytest.mark.parametrize("name", ["birth_date", "updated_at", "churn_date", "last_login"])
def test_other_dates_are_not_the_date_of_sign_up(name):
    assert name_score("customers", "signed_up_at", name) == 0.0


def test_a_table_is_known_by_its_name_among_other_words():
    assert table_score("contacts", "crm_support_tickets") > 0.5
    assert table_score("payments", "churn_events") == 0.0


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("term_days", ["term_days"]),
        ("trial_until", ["trial_end", "Trial End (UTC)", "trial_until"]),
        ("paused_from", ["pause_date", "paused_from"]),
        ("paused_until", ["resume_date", "Resume Date", "paused_until"]),
    ],
)
def test_trials_pauses_and_terms_in_days_are_known_by_name(column, names):
    assert [name_score("subscriptions", column, name) for name in names] == [1.0] * len(names)
    assert name_score("subscriptions", "ended_at", names[0]) == 0.0
