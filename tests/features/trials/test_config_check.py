"""A configuration is checked as a whole: every name in it stands for something, every condition can be judged."""

from __future__ import annotations

import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.core.errors import ConfigError
from servicelift.features.trials.config_check import check_config

ALL = "tables: {customers: c, subscriptions: s, payments: p, contacts: k, actions: a}\n"
FEW = "tables: {customers: c, payments: p}\n"


def condition(text):
    return ALL + f"incremental: {{actions: {{call: {{eligible: {text!r}}}}}}}"


def check(tmp_path, text):
    path = tmp_path / "business.yaml"
    path.write_text(text, encoding="utf-8")
    check_config(load_config(path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (condition("method !="), "incremental.actions.call.eligible: expected a condition on features"),
        (condition("methd == 'iban'"), "eligible: unknown feature 'methd'; did you mean 'method'?"),
        (condition("method > 3"), "which cannot be judged"),
        (condition("tenure_days + 1"), "which is neither true nor false"),
        (condition("tenure_days"), "which is neither true nor false"),
        (condition("3 > 2"), "which uses no feature"),
        (condition("__import__('os').system('true')"), "which holds"),
        (condition("(" * 300 + "tenure_days > 1" + ")" * 300), "which does not parse"),
        (condition("complaints_45d > 0"), "unknown feature 'complaints_45d'"),
        (FEW + "incremental: {actions: {x: {eligible: contacts_90d > 1}}}", "'contacts_90d' needs a table that is not"),
        (
            ALL + "incremental: {contrasts: {x: {exposure: agent_training, eligible: methd == 1}}}",
            "incremental.contrasts.x.eligible: unknown feature 'methd'",
        ),
        (
            ALL + "churn: {segments: [methd]}",
            "churn.segments: expected features of this business, got 'methd'; did you",
        ),
        (ALL + "churn: {monotone: {tenure: -1}}", "churn.monotone: expected features of this business, got 'tenure'"),
        (ALL + "churn: {monotone: {method: 1}}", "churn.monotone: 'method' holds words, which have no order"),
        (FEW + "churn: {monotone: {contacts_90d: 1}}", "churn.monotone: expected features of this business"),
        (ALL + "leakage: {allow: {nonsense: a good reason}}", "leakage.allow: expected features of this business"),
        (ALL + "static: [Tenure_Days]", "feature 'Tenure_Days' would stand for two things"),
        (ALL + "features: {channels: [web], reasons: [web]}", "would stand for two things"),
        (FEW + "features: {channels: [phone]}", "features.channels: needs the table 'contacts'"),
        (ALL + "churn: {tuning: {file: folder}}", "churn.tuning.file: expected a file, got the folder 'folder'"),
        (ALL + f"churn: {{tuning: {{file: {'x' * 500}}}}}", "churn.tuning.file: expected the name of a file"),
        (ALL + 'churn: {tuning: {file: "a\\0b"}}', "churn.tuning.file: expected the name of a file"),
        (ALL + "tracking: {uri: 'sqlite:///folder'}", "tracking.uri: expected a file, got the folder"),
    ],
)
def test_a_fault_is_named_before_any_table_is_read(tmp_path, text, expected):
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError) as error:
        check(tmp_path, text)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        condition("method != 'iban' and (tenure_days > 30 or method.isna())"),
        condition("method in ['iban', 'card'] & (contacts_90d >= 1)"),
        condition("not complaints_90d > 0"),
        ALL + "static: [city]\nincremental: {actions: {x: {eligible: city == 'Paris'}}}",
        ALL + "churn: {segments: [method], monotone: {tenure_days: -1}}\nleakage: {allow: {method: known at sign-up}}",
        FEW,
    ],
)
def test_what_is_sound_passes(tmp_path, text):
    check(tmp_path, text)


def test_lapsed_needs_subscriptions():
    actions = {"win_back": {"state": "lapsed"}}
    shop = {"tables": {"customers": "-", "payments": "-"}, "incremental": {"actions": actions}}
    with pytest.raises(ConfigError, match=r"incremental.actions.win_back.state: lapsed customers are those whose"):
        check_config(Config.model_validate(shop))
    check_config(Config.model_validate(shop | {"tables": {"customers": "-", "subscriptions": "-"}}))
