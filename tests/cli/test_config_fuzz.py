"""Configurations at random: each loads or ends in one line, and commands end with exit code 0 or 2, never otherwise.

A sound configuration of a tiny business is broken in one to three places: values of other kinds and sizes, keys that
are mistyped, doubled or gone. Whatever remains loadable is put through commands on the business's tables.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
import re
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from servicelift.cli import main
from servicelift.core.config.business import load_config
from servicelift.core.errors import ConfigError
from servicelift.features.trials.config_check import check_config

SOUND: dict[str, Any] = {
    "business": "tiny",
    "currency": "EUR",
    "language": "en",
    "names": {"call": "a call"},
    "timezone": "Europe/Paris",
    "data_until": dt.date(2024, 1, 1),
    "seed": 7,
    "engine": {"name": "duckdb", "memory": "1GB", "threads": 1},
    "tables": {
        "customers": "customers.csv",
        "payments": {"csv": "payments.csv", "delimiter": ",", "encoding": "utf-8", "decimal": "."},
        "subscriptions": {"path": "subscriptions.csv", "dayfirst": False},
        "actions": "actions.csv",
        "contacts": "contacts.csv",
    },
    "columns": {"customers": {"signed_up_at": "since"}},
    "codes": {"payments.method": {"iban": ["SEPA"], "card": ["CB"]}},
    "static": ["city"],
    "drop": {"customers": ["email"]},
    "tolerate": {"unknown_customers": 0.1},
    "checks": {"one": {"column": "customers.city", "rule": "no city", "sql": "select 1 as k, false as broken"}},
    "lines": {"press": {"kind": "contractual"}, "shop": {"kind": "noncontractual", "payments.kind": "one_off"}},
    "snapshots": {"first": dt.date(2023, 6, 1), "last": dt.date(2023, 12, 1), "every_months": 1},
    "features": {"windows_days": [30, 90], "channels": ["phone"], "reasons": ["billing"]},
    "churn": {
        "horizon_days": 60,
        "grace_days": 10,
        "monotone": {"tenure_days": -1},
        "segments": ["method"],
        "campaign": {"clv": 100, "incentive_cost": 5, "contact_cost": 1, "accept_rate": 0.3},
        "tuning": {"trials": 0, "seconds": None, "file": "tuning.db"},
    },
    "value": {"margin_rate": 0.5, "annual_discount_rate": 0.1, "horizon_months": 12, "cost_per_contact": 1},
    "scales": {"csat": [1, 5], "nps": [0, 10], "ces": [1, 7]},
    "incremental": {
        "follow_up_days": 60,
        "cool_down_days": 10,
        "holdout": {"share": 0.1, "salt": "x"},
        "actions": {"call": {"cost": 1, "assignment": "mixed", "eligible": "tenure_days > 30", "team": "a"}},
        "capacities": {"team": {"a": 10}},
        "contrasts": {"move": {"exposure": "payment_method", "from": ["card"], "to": "iban"}},
        "cross_fits": 1,
        "folds": 2,
        "bootstrap": 10,
    },
    "models": {"max_rows": 1000, "explain_share": 0.1},
    "leakage": {"max_auc": 0.95, "allow": {"tenure_days": "it is known"}},
    "tracking": {"uri": "sqlite:///mlflow.db", "experiment": "tiny"},
    "nightly": {
        "out": "night",
        "look_back": 7,
        "keep": 30,
        "budget": 100,
        "files": "0600",
        "retrain": {"allowed": True},
    },
    "publish": {"connection": "duckdb:nights.duckdb", "schema": "nights", "timeout_seconds": 60},
}
VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 0.5, -0.5, 1.5, 10**6, 10**9, 10**30, -(10**30), 1e300, 1e-300),
    *(
        float("inf"),
        float("-inf"),
        float("nan"),
        "",
        " ",
        "x",
        "é",
        "😀",
        "a b",
        "a\nb",
        "a\0b",
        "'",
        '"',
        ";",
        "%",
        "\t",
        "0",
    ),
    *("2024-13-45", dt.date(2024, 2, 29), dt.date(9999, 12, 31), dt.date(1, 1, 1), dt.datetime(2024, 1, 1, 12, 30)),
    *([], [[]], {}, {"": ""}, {"a": {"b": {"c": 1}}}, ["x", "x"], ["X", "x"], [1, "1"], [None], [1, 5, 9], {1: 2}),
    *("method != 'iban'", "method >", "methd == 1", "tenure_days + 1", "tenure_days > method", "1/0 > tenure_days"),
    *("(tenure_days", "tenure_days > 1 and", "[tenure_days]", "tenure_days > [1]", "not method", "-method > 1"),
    *(
        "customers.csv",
        "none.csv",
        "*.csv",
        ".",
        "..",
        "/",
        "~",
        "mlflow.db",
        "sqlite:///",
        "http://",
        "file:./x",
        "x" * 500,
    ),
    *(
        "customers",
        "customer_id",
        "Customer_ID",
        "city",
        "CITY",
        "payments.method",
        "tenure_days",
        "Europe",
        "UTC",
        "de",
    ),
    *(
        "sqlite:///customers.csv",
        "${NOT_SET_ANYWHERE}",
        "$",
        "{}",
        "phone",
        "PHONE",
        "card",
        "iban",
        "one_off",
        "duckdb",
    ),
]
RAW = re.compile(r"Input should|Field required|validation error|pydantic|Traceback|for further information|\b1 errors")


def paths(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of every value in a document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [place for key, value in inner for place in ((*at, key), *paths(value, (*at, key)))]


def near(draw: random.Random, value: Any) -> Any:
    """Return a value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return draw.choice([0, value + 1, value * 10, value * 1000, value / 10, int(value * 2), 1, 2, 50_000])
    if isinstance(value, str):
        return draw.choice([text for text in VALUES if isinstance(text, str)])
    if isinstance(value, dt.date):
        return value + dt.timedelta(days=draw.choice([-20_000, -400, -1, 1, 31, 400, 20_000]))
    if isinstance(value, list):
        return draw.choice([value + value, value[:1], value[::-1], []])
    return value


def broken(draw: random.Random) -> dict[str, Any]:
    """Return the sound configuration, broken in one to three places."""
    document = copy.deepcopy(SOUND)
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        *above, key = draw.choice(paths(document))
        parent: Any = document
        for step in above:
            parent = parent[step]
        how = draw.choice(["near", "near", "near", "value", "value", "typo", "gone", "doubled", "other"])
        if how == "near":
            parent[key] = near(draw, parent[key])
        elif how == "value":
            parent[key] = copy.deepcopy(draw.choice(VALUES))
        elif how == "gone" or isinstance(parent, list):
            del parent[key]
        elif how == "typo":
            parent[f"{str(key)[:-1]}{draw.choice('xyz')}"] = parent.pop(key)
        elif how == "doubled":
            parent[f"{key} "] = copy.deepcopy(parent[key])
        else:
            parent[key] = copy.deepcopy(SOUND[draw.choice(sorted(SOUND))])
    return document


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the tables of a tiny business."""
    folder, n = tmp_path_factory.mktemp("tiny"), 120
    who = list(range(1, n + 1))
    day = pd.Timestamp("2023-01-01")
    since = [day + pd.Timedelta(days=i) for i in who]
    ends = [day + pd.Timedelta(days=150 + 3 * i) if i % 2 else None for i in who]
    tables = {
        "customers": pd.DataFrame(
            {
                "customer_id": who,
                "since": since,
                "city": ["Lyon", "Lyon", "Nice", "Nice"] * (n // 4),
                "email": ["x"] * n,
            }
        ),
        "subscriptions": pd.DataFrame(
            {"subscription_id": who, "customer_id": who, "product": "paper", "started_at": since, "ended_at": ends}
        ).assign(term_months=1, price=10.0),
        "payments": pd.DataFrame({"payment_id": who, "customer_id": who, "paid_at": since, "amount": 10.0}).assign(
            method=["SEPA", "CB", "SEPA"] * (n // 3), kind="one_off"
        ),
        "actions": pd.DataFrame({"action_id": who, "customer_id": who, "action": "call", "arm": "treated"}).assign(
            decided_at=[moment + pd.Timedelta(days=60) for moment in since]
        ),
        "contacts": pd.DataFrame({"contact_id": who, "customer_id": who, "opened_at": since}).assign(
            channel="phone", reason="billing"
        ),
    }
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def one_line(text: str) -> None:
    assert text.strip()
    assert len(text.strip().splitlines()) == 1, text
    assert not RAW.search(text), text


def loads(path: Path) -> bool:
    """Return whether a configuration loads and is sound as a whole; it has to end in one line otherwise."""
    try:
        check_config(load_config(path))
    except ConfigError as error:
        one_line(str(error))
        return False
    return True


def run(monkeypatch: pytest.MonkeyPatch, capsys: Any, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["servicelift", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    _, err = capsys.readouterr()
    assert stop.value.code in (0, 2, None), arguments
    if stop.value.code == 2:
        one_line(err.splitlines()[-1])
        assert not RAW.search(err), err


def case(folder: Path, seed: int) -> Path:
    path = folder / "broken.yaml"
    path.write_text(yaml.safe_dump(broken(random.Random(seed)), allow_unicode=True), encoding="utf-8")
    return path


def commands(path: Path) -> list[tuple[object, ...]]:
    return [
        ("validate", path),
        ("features", path, "--as-of", "2023-11-01", "--out", path.with_name("features.parquet")),
    ]


def test_the_sound_one_passes(business, monkeypatch, capsys):
    path = business / "sound.yaml"
    path.write_text(yaml.safe_dump(SOUND), encoding="utf-8")
    assert loads(path)
    for command in commands(path):
        monkeypatch.setattr(sys, "argv", ["servicelift", *map(str, command)])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code, capsys.readouterr()


@pytest.mark.parametrize("seed", range(60))
def test_a_broken_one_ends_in_one_line_or_works(business, monkeypatch, capsys, seed):
    path = case(business, seed)
    if loads(path) and seed % 4 == 0:
        for command in commands(path):
            run(monkeypatch, capsys, *command)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_a_thousand_broken_ones(business, monkeypatch, capsys, block):
    """Each is loaded and checked whole; every fifth goes through the quick commands, every fiftieth through all."""
    period = ("--since", "2023-02-01", "--until", "2023-10-01", "--out", business / "r")
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        path = case(business, seed)
        if not loads(path) or seed % 5:
            continue
        for command in commands(path):
            run(monkeypatch, capsys, *command)
        if seed % 50 == 0:
            run(monkeypatch, capsys, "train", path)
            run(monkeypatch, capsys, "roi", path, *period)
