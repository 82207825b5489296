"""Values that would only fail later, or be silently wrong, are refused where they are written."""

from __future__ import annotations

import pytest
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError

MINIMAL = "tables: {customers: c.parquet, payments: p.parquet}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed: -1", "seed: expected at least 0, got -1"),
        ("seed: 99999999999", "seed: expected at most 2,147,483,647"),
        ("timezone: Europe", "'Europe' is no time zone such as Europe/Paris"),
        ("timezone: ''", "'' is no time zone"),
        ("timezone: ../UTC", "is no time zone"),
        ("static: [birth_year, birth_year]", "static: expected each word once, got 'birth_year' twice"),
        ("features: {channels: [phone, PHONE]}", "features.channels: expected each word once, got 'PHONE' twice"),
        ("features: {without: [review]}", "features.without: expected some of actions, agent_surveys, agents,"),
        ("features: {without: [customers]}", "got 'customers'; correct it"),
        ("targets: {days_off: [sonday]}", "targets.days_off: expected a day of the week such as sunday, or a day such"),
        ("targets: {days_off: ['2024-02-30']}", "got '2024-02-30'"),
        (
            "targets: {days_off: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]}",
            "to contact customers on, got all seven",
        ),
        (
            "incremental: {actions: {call: {channel: phone}}, capacities: {channel_per_day: {fone: 3}}}",
            "capacities.channel_per_day: no action has channel 'fone'; did you mean 'phone'?",
        ),
        ("features: {windows_days: [30, 30]}", "features.windows_days: expected each window once, got 30 twice"),
        ("features: {windows_days: [99999999]}", "features.windows_days.0: expected at most 36,525"),
        ("churn: {segments: [method, method]}", "churn.segments: expected each word once"),
        ("churn: {horizon_days: 1000000000}", "churn.horizon_days: expected at most 36,525"),
        ("data_until: 9999-12-31", "data_until: expected a day from 1900-01-01 to 2199-12-31"),
        ("value: {annual_discount_rate: .inf}", "value.annual_discount_rate: expected a finite number"),
        ("value: {annual_discount_rate: .nan}", "value.annual_discount_rate: expected a finite number"),
        ("incremental: {actions: {call: {cost: .inf}}}", "incremental.actions.call.cost: expected a finite number"),
        ("incremental: {actions: {call: {}, Call: {}}}", "'Call' names two actions, contrasts or rollouts"),
        ("incremental: {actions: {'': {}}}", "expected a name for each"),
        ("scales: {csat: [5, 1]}", "scales.csat: expected the lowest answer before the highest, got [5, 1]"),
        ("scales: {nps: [0]}", "scales.nps.1: expected it, found none"),
        ("snapshots: {first: 2024-02-01, last: 2024-01-01}", "snapshots: expected first no later than last"),
        ("data_until: 2024-01-01\nsnapshots: {first: 2024-02-01}", "snapshots.first: expected a day no later than"),
        ("static: [customer_id]", "static: 'customer_id' names the customer"),
        ("static: [Customer_ID]", "static: 'Customer_ID' names the customer"),
        ("columns: {customers: {customer_id: client}}\nstatic: [client]", "static: 'client' names the customer"),
        ("codes: {customers.contactable: {true: [1], false: [1]}}", "the word '1' means both 'true' and 'false'"),
        ("tracking: {uri: ./mlruns}", "tracking.uri: got a path"),
        ("engine: {memory: a lot}", "engine.memory: expected a size such as 4GB or 512MB, got 'a lot'"),
        ("lines: {a: {payments.kind: regular}}", "lines.a.payments.kind: expected one of renewal, upsell"),
        ("lines: {}", "lines: expected at least 1 of them"),
        ("names: {a: ''}", "names.a: expected a text of at least 1 characters"),
        ("1: 2", "1: expected a text as a key; write it in quotes, got 1"),
        ("churn: 3", "churn: expected keys and values below it, got 3"),
        ("churn: [3]", "churn: expected keys and values below it, got a list"),
    ],
)
def test_a_value_that_would_fail_later_is_named_by_its_key(tmp_path, text, expected):
    path = tmp_path / "business.yaml"
    path.write_text(MINIMAL + text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert expected in str(error.value)
    assert "\n" not in str(error.value)
