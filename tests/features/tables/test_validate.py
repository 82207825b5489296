from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.features.tables.tables import open_tables, validate
from servicelift.features.validation.findings import Finding, Report

BASE = {
    "customers": pd.DataFrame({"customer_id": [1, 2, 3, 4], "signed_up_at": ["2023-01-01"] * 4}),
    "payments": pd.DataFrame(
        {
            "payment_id": ["a", "b", "c", "d"],
            "customer_id": [1, 2, 3, 4],
            "paid_at": ["2023-05-01"] * 4,
            "amount": [1, 2, 3, 4],
            "method": ["iban"] * 4,
        }
    ),
}


@pytest.fixture
def report(tmp_path: Path) -> Any:
    """Return a function that validates CSV tables, written from frames."""

    def run(frames: dict[str, pd.DataFrame], extra: str = "") -> Report:
        sources = []
        for name, frame in {**BASE, **frames}.items():
            frame.to_csv(tmp_path / f"{name}.csv", index=False)
            sources.append(f"{name}: {name}.csv")
        (tmp_path / "b.yaml").write_text(f"tables: {{{', '.join(sources)}}}\n{extra}", encoding="utf-8")
        return validate(load_config(tmp_path / "b.yaml"))

    return run


def found(report: Report) -> dict[tuple[str, str, str, str], tuple[int, tuple[str, ...]]]:
    return {(f.level, f.table, f.column, f.rule): (f.rows, f.examples) for f in report.findings}


def payments(**columns: Any) -> dict[str, pd.DataFrame]:
    return {"payments": BASE["payments"].assign(**columns)}


def test_good_tables_find_nothing(report: Any) -> None:
    result = report({})
    assert result.findings == ()
    assert result.lines() == ("0 errors, 0 warnings; rows read: customers 4, payments 4",)


def test_values_that_cannot_be_read_are_counted_with_their_keys(report: Any) -> None:
    result = report(
        payments(
            paid_at=["2023-05-01", "01/05/2023", "soon", "2023-02-30"],
            amount=["1", "2,5", "1e300", ""],
            method=["iban", "SEPA", "Sepa", ""],
            status=["paid", "open", "", "failed"],
        )
    )
    assert found(result) == {
        ("error", "payments", "paid_at", "unparseable date"): (3, ("b", "c", "d")),
        ("error", "payments", "amount", "unparseable number"): (2, ("b", "c")),
        ("error", "payments", "amount", "missing value"): (1, ("d",)),
        ("error", "payments", "method", "unknown code"): (2, ("b", "c")),
        ("error", "payments", "method", "missing value"): (1, ("d",)),
        ("error", "payments", "status", "unknown code"): (1, ("b",)),
    }
    text = "\n".join(result.lines())
    assert "error: payments.paid_at: unparseable date: 3 of 4 rows (75.0%), e.g. b, c, d; there stands '99" in text
    assert not any(value in text for value in ("01/05/2023", "soon", "1e300", "2,5"))
    assert "there stands 'SEPA' (1), 'Sepa' (1); expected iban, " in text


def test_flags_and_whole_numbers_that_cannot_be_read(report: Any) -> None:
    rows = {"subscription_id": [1, 2, 3, 4], "customer_id": [1, 2, 3, 4], "product": "p", "price": 10}
    columns = {"started_at": "2023-02-01", "term_months": ["12", "1.5", "0", "x"], "auto_renew": ["yes", "?", "0", ""]}
    result = report({"subscriptions": pd.DataFrame({**rows, **columns})})
    assert found(result) == {
        ("error", "subscriptions", "term_months", "unparseable number"): (2, ("2", "4")),
        ("error", "subscriptions", "term_months", "terms not above 0 months"): (1, ("3",)),
        ("error", "subscriptions", "auto_renew", "unparseable yes or no"): (1, ("2",)),
    }


def test_keys_are_there_and_unique(report: Any) -> None:
    result = report(payments(payment_id=["a", "a", "a", ""]))
    assert found(result) == {
        ("error", "payments", "payment_id", "duplicate key"): (2, ("a",)),
        ("error", "payments", "payment_id", "missing key"): (1, ()),
    }


def test_numbers_that_features_cannot_hold(report: Any) -> None:
    terms = {"subscription_id": [1, 2], "customer_id": 1, "product": "p", "price": 10, "started_at": "2023-02-01"}
    contacts = {"contact_id": [1, 2], "customer_id": 1, "channel": "mail", "opened_at": "2023-02-01"}
    result = report(
        {
            "subscriptions": pd.DataFrame({**terms, "term_months": [1_200, 1_201]}),
            "contacts": pd.DataFrame({**contacts, "closed_at": "2023-02-02", "handle_seconds": [1e12, 2e12]}),
        }
    )
    assert found(result) == {
        ("error", "subscriptions", "term_months", "terms above 100 years"): (1, ("2",)),
        ("error", "contacts", "handle_seconds", "number too large"): (1, ("2",)),
    }


def subscriptions(**columns: Any) -> dict[str, pd.DataFrame]:
    row = {"subscription_id": [1, 2, 3], "customer_id": 1, "product": "p", "price": 10, "started_at": "2023-02-01"}
    return {"subscriptions": pd.DataFrame({**row, **columns})}


def test_a_term_is_in_months_or_in_days(report: Any) -> None:
    assert report(subscriptions(term_days=[7, 28, 36_525])).findings == ()
    assert report(subscriptions(term_months=[12, None, 1], term_days=[None, 7, None])).findings == ()
    assert found(report(subscriptions(term_months=[12, 1, None], term_days=[None, 30, None]))) == {
        ("error", "subscriptions", "term_days", "both term_months and term_days"): (1, ("2",)),
        ("error", "subscriptions", "term_months", "missing value"): (1, ("3",)),
    }
    assert found(report(subscriptions(term_days=["0", "x", None]))) == {
        ("error", "subscriptions", "term_days", "terms not above 0 days"): (1, ("1",)),
        ("error", "subscriptions", "term_days", "unparseable number"): (1, ("2",)),
        ("error", "subscriptions", "term_days", "missing value"): (1, ("3",)),
    }
    assert found(report(subscriptions(term_days=[36_526, 1, 1]))) == {
        ("error", "subscriptions", "term_days", "terms above 100 years"): (1, ("1",)),
    }
    assert found(report(subscriptions())) == {("error", "subscriptions", "term_months", "missing column"): (0, ())}


def test_trials_and_pauses_that_contradict_the_subscription_are_counted(report: Any) -> None:
    result = report(
        subscriptions(
            term_months=1,
            ended_at=["2023-03-01", "2023-03-01", None],
            trial_until=["2023-03-02", "2023-01-31", "2023-02-01"],
            paused_from=["2023-03-01", "2023-01-15", None],
            paused_until=["2023-03-02", "2023-01-14", "2023-02-10"],
        )
    )
    assert found(result) == {
        ("warning", "subscriptions", "trial_until", "a trial longer than the subscription"): (1, ("1",)),
        ("warning", "subscriptions", "trial_until", "trial over before start"): (1, ("2",)),
        ("warning", "subscriptions", "paused_from", "paused after the end"): (1, ("1",)),
        ("warning", "subscriptions", "paused_from", "paused before start"): (1, ("2",)),
        ("warning", "subscriptions", "paused_until", "a pause over before it began"): (1, ("2",)),
        ("warning", "subscriptions", "paused_until", "a pause over that never began"): (1, ("3",)),
    }


def test_trials_and_pauses_agreed_in_advance_do_not_move_the_end_of_the_data(report: Any, tmp_path: Path) -> None:
    frames = subscriptions(term_months=1, trial_until="2031-01-01", paused_from="2031-01-01", paused_until="2032-01-01")
    assert report(frames).findings == ()
    assert open_tables(load_config(tmp_path / "b.yaml")).data_until < pd.Timestamp("2024-01-01")


def test_rows_that_name_two_unknown_customers(report: Any) -> None:
    referrals = {"referrer_id": [1, 98], "referred_id": [2, 99], "referred_at": "2023-03-01"}
    tolerated = report({"referrals": pd.DataFrame(referrals)}, "tolerate: {unknown_customers: 0.5}")
    assert found(tolerated) == {
        ("warning", "referrals", "referrer_id", "unknown customer"): (1, ("98/99",)),
        ("warning", "referrals", "referred_id", "unknown customer"): (1, ("98/99",)),
    }


def test_keys_are_shown_in_one_line(report: Any) -> None:
    odd = report(payments(payment_id=["a\n\x1b[31mb", "k" * 300, "c", "d"], paid_at=["x", "x", *["2023-05-01"] * 2]))
    assert odd.findings[0].message.startswith(
        "payments.paid_at: unparseable date: 2 of 4 rows (50.0%), e.g. a\ufffd\ufffd[31mb, kkk"
    )
    assert len(odd.findings[0].message) < 300


def test_a_key_of_two_columns(report: Any) -> None:
    methods = {"customer_id": [1, 1, 2], "valid_from": "2023-02-01", "method": ["iban", "card", "iban"]}
    result = report({"payment_methods": pd.DataFrame(methods)})
    assert found(result) == {
        ("error", "payment_methods", "customer_id/valid_from", "duplicate key"): (1, ("1/2023-02-01 00:00:00",))
    }


def test_unknown_customers_stop_above_the_tolerated_share_and_are_counted_below(report: Any) -> None:
    strangers = payments(customer_id=["1", "2", "77", None])
    key = ("payments", "customer_id", "unknown customer")
    assert found(report(strangers)) == {("error", *key): (2, ("c", "d"))}
    assert found(report(strangers, "tolerate: {unknown_customers: 0.49}")) == {("error", *key): (2, ("c", "d"))}
    tolerated = report(strangers, "tolerate: {unknown_customers: 0.5}")
    assert found(tolerated) == {("warning", *key): (2, ("c", "d"))}
    assert "left out, as tolerated" in tolerated.lines()[0]


def test_missing_columns_tables_and_files_are_all_reported_at_once(report: Any, tmp_path: Path) -> None:
    result = report({"payments": BASE["payments"].drop(columns=["amount", "method"])})
    assert [f.message for f in result.errors] == [
        f"payments.{name}: missing column; the source has no column '{name}'; it has payment_id, customer_id, paid_at;"
        " map yours under columns:"
        for name in ("amount", "method")
    ]
    (tmp_path / "customers.csv").unlink()
    again = validate(load_config(tmp_path / "b.yaml"))
    assert [(f.table, f.rule) for f in again.errors] == [
        ("customers", "unreadable source"),
        ("payments", "missing column"),
        ("payments", "missing column"),
    ]


def test_empty_tables(report: Any) -> None:
    nobody = report({"customers": BASE["customers"].head(0)}, "tolerate: {unknown_customers: 1}")
    assert ("error", "customers", "", "empty table") in found(nobody)
    nothing = report({"payments": BASE["payments"].head(0)})
    assert found(nothing) == {("warning", "payments", "", "empty table"): (0, ())}


def test_a_column_of_nothing_but_nulls(report: Any) -> None:
    assert found(report(payments(status=None, kind=None))) == {}
    assert found(report(payments(amount=None))) == {
        ("error", "payments", "amount", "missing value"): (4, ("a", "b", "c"))
    }


def test_events_before_sign_up_and_after_the_end_of_the_data(report: Any) -> None:
    dates = ["2022-12-31 23:59:59", "2023-01-01", "2023-06-01", "2023-07-01"]
    result = report(payments(paid_at=dates), "data_until: 2023-06-01")
    assert found(result) == {
        ("warning", "payments", "paid_at", "before sign-up"): (1, ("a",)),
        ("warning", "payments", "paid_at", "dates after data_until (2023-06-01 00:00 UTC)"): (2, ("c", "d")),
    }


def test_the_end_of_the_data_is_told_in_the_time_of_the_config(report: Any) -> None:
    dates = ["2023-05-31 23:59:59", "2023-06-01", "2023-05-31", "2023-05-31"]
    result = report(payments(paid_at=dates), "data_until: 2023-06-01\ntimezone: Europe/Paris")
    assert found(result) == {
        ("warning", "payments", "paid_at", "dates after data_until (2023-06-01 00:00 Europe/Paris)"): (1, ("b",)),
    }


def test_contradictions_inside_a_row_are_warnings(report: Any) -> None:
    subscriptions = pd.DataFrame(
        {
            "subscription_id": [1, 2, 3, 4, 5],
            "customer_id": [1, 2, 3, 4, 1],
            "product": "p",
            "started_at": "2023-03-01",
            "ended_at": ["2023-02-01", None, "2023-03-01", None, None],
            "term_months": 12,
            "price": [10, 10, 10, 10, -1],
            "cancel_requested_at": [None, "2023-02-01", None, None, "2023-04-01"],
            "cancel_withdrawn_at": [None, None, "2023-03-01", None, "2023-03-15"],
            "end_reason": [None, "voluntary", "other", None, None],
            "previous_subscription_id": [None, None, None, "4", None],
        }
    )
    money = payments(kind=["refund", "renewal", "refund", None], amount=[1, -2, -3, 4])
    result = report({"subscriptions": subscriptions, **money})
    assert found(result) == {
        ("warning", "subscriptions", "ended_at", "end before start"): (1, ("1",)),
        ("warning", "subscriptions", "cancel_requested_at", "cancellation before start"): (1, ("2",)),
        ("warning", "subscriptions", "end_reason", "a reason but no end"): (1, ("2",)),
        ("warning", "subscriptions", "cancel_withdrawn_at", "withdrawn but never requested"): (1, ("3",)),
        ("warning", "subscriptions", "cancel_withdrawn_at", "withdrawn before it was requested"): (1, ("5",)),
        ("warning", "subscriptions", "previous_subscription_id", "a subscription that continues itself"): (1, ("4",)),
        ("warning", "subscriptions", "price", "below 0"): (1, ("5",)),
        ("warning", "payments", "kind", "refund with a positive amount"): (1, ("a",)),
        ("warning", "payments", "amount", "negative amount that is no refund"): (1, ("b",)),
    }


def test_contacts_surveys_and_actions_that_contradict_themselves(report: Any) -> None:
    contacts = {
        "contact_id": [1, 2, 3],
        "customer_id": 1,
        "opened_at": "2023-03-02",
        "answered_at": ["2023-03-01", "2023-03-05", None],
        "closed_at": ["2023-03-01", "2023-03-04", None],
        "channel": "phone",
        "resolved": [False, True, True],
        "handle_seconds": [-1, 2, 3],
    }
    surveys = {
        "survey_id": [1, 2, 3, 4],
        "customer_id": 1,
        "sent_at": "2023-03-02",
        "responded_at": ["2023-03-01", None, "2023-03-03", "2023-03-03"],
        "metric": ["csat", "nps", "ces", "nps"],
        "score": [6, 3, None, 0],
        "contact_id": ["1", "9", None, "2"],
    }
    actions = {
        "action_id": [1, 2, 3],
        "customer_id": 1,
        "action": "offer",
        "decided_at": "2023-03-02",
        "arm": ["control", "treated", "treated"],
        "propensity": [0.5, 1.5, 0.5],
        "accepted": [True, False, True],
        "accepted_at": ["2023-03-03", "2023-03-01", None],
    }
    frames = {"contacts": contacts, "surveys": surveys, "actions": actions}
    assert found(report({name: pd.DataFrame(frame) for name, frame in frames.items()})) == {
        ("warning", "actions", "arm", "held out and treated by the same action at the same instant"): (1, ("1",)),
        ("warning", "contacts", "answered_at", "answered before it was opened"): (1, ("1",)),
        ("warning", "contacts", "closed_at", "closed before it was opened"): (1, ("1",)),
        ("warning", "contacts", "closed_at", "closed before it was answered"): (1, ("2",)),
        ("warning", "contacts", "resolved", "resolved but not closed"): (1, ("3",)),
        ("warning", "contacts", "handle_seconds", "below 0"): (1, ("1",)),
        ("warning", "surveys", "responded_at", "answered before it was sent"): (1, ("1",)),
        ("warning", "surveys", "score", "csat outside its scale 1 to 5"): (1, ("1",)),
        ("warning", "surveys", "score", "a score but no answer"): (1, ("2",)),
        ("warning", "surveys", "responded_at", "an answer but no score"): (1, ("3",)),
        ("warning", "surveys", "contact_id", "not among contacts"): (1, ("2",)),
        ("warning", "actions", "accepted", "accepted although held out"): (1, ("1",)),
        ("error", "actions", "propensity", "outside 0 to 1"): (1, ("2",)),
        ("warning", "actions", "accepted_at", "accepted before it was decided"): (1, ("2",)),
        ("warning", "actions", "accepted", "an acceptance date but not accepted"): (1, ("2",)),
        ("warning", "actions", "accepted", "accepted but not when"): (1, ("3",)),
    }


def test_tables_without_a_key_show_their_identifiers(report: Any) -> None:
    referrals = {"referrer_id": [1, 2], "referred_id": [1, 99], "referred_at": "2023-03-01"}
    assert found(report({"referrals": pd.DataFrame(referrals)})) == {
        ("warning", "referrals", "referred_id", "a customer who referred themselves"): (1, ("1/1",)),
        ("error", "referrals", "referred_id", "unknown customer"): (1, ("2/99",)),
    }


CHECK = """
checks:
  vip:
    column: customers.vip
    rule: flagged as left, but paid
    sql: select payment_id, amount::int > 2 as broken from read_csv('payments.csv', all_varchar = true)
"""


def test_a_business_s_own_checks_are_warnings_with_their_share(report: Any) -> None:
    result = report({}, CHECK)
    expected = "warning: customers.vip: flagged as left, but paid: 2 of 4 rows (50.0%), e.g. c, d"
    assert result.lines()[0] == expected
    assert report({}, CHECK.replace("> 2", "> 9")).findings == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select 1 as a, 2 as b", "expected a key and a boolean column broken, got a, b"),
        ("select true as broken", "expected a key and a boolean column broken, got broken"),
        ("select nothing from nowhere", "checks.vip: Catalog Error"),
        ("select payment_id, payment_id::int > 1 as broken from 'payments.csv'", "customers.vip"),
    ],
)
def test_a_check_that_cannot_run_is_an_error(report: Any, query: str, expected: str) -> None:
    lines = CHECK.splitlines()
    result = report({}, "\n".join([*lines[:-1], f"    sql: {query}"]))
    assert len(result.errors) == 1
    assert expected in result.errors[0].message
    assert "'a'" not in result.errors[0].message


def test_shares_are_rounded_half_up_and_personal_keys_never_shown() -> None:
    finding = Finding("warning", "contacts", "opened_at", "before sign-up", 1_077, ("T-1", "a@b.fr"), 2_000)
    assert finding.message == "contacts.opened_at: before sign-up: 1,077 of 2,000 rows (53.9%), e.g. T-1"


def test_validation_leaves_the_order_of_errors_first() -> None:
    findings = (Finding("warning", "a", "", "w"), Finding("error", "b", "", "e"))
    report = Report(findings, {"a": 1_000})
    assert report.lines() == ("error: b: e", "warning: a: w", "1 error, 1 warning; rows read: a 1,000")


def test_a_config_made_in_code_is_validated_too() -> None:
    config = Config.model_validate({"tables": {"customers": "/nowhere/c.csv", "payments": "/nowhere/p.csv"}})
    assert [f.rule for f in validate(config).errors] == ["unreadable source", "unreadable source"]
