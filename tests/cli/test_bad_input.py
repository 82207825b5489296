"""Bad tables through the command line: exit code 2, one line on stderr, no traceback, no file half written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from servicelift.cli import main
from servicelift.core.output_lock import locked_file, locked_folder

CUSTOMERS = pd.DataFrame({"customer_id": [1, 2], "signed_up_at": ["2023-01-01", "2023-02-01"]})
REFERRALS = pd.DataFrame({"referrer_id": [1], "referred_id": [2], "referred_at": ["2023-06-01"]})
PAYMENTS = pd.DataFrame(
    {"payment_id": ["a", "b"], "customer_id": [1, 2], "paid_at": "2023-05-01", "amount": [1.5, 2], "method": "iban"}
)


def run(monkeypatch: pytest.MonkeyPatch, capsys: Any, *arguments: object) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["servicelift", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("customers", CUSTOMERS.head(0), "customers: empty table"),
        ("customers", b"PAR1 zebra", "customers: unreadable source"),
        ("payments", PAYMENTS.assign(amount=["1,5", "zebra"]), "payments.amount: unparseable number"),
        ("payments", PAYMENTS.assign(paid_at="31/12/2023"), "payments.paid_at: unparseable date"),
        ("payments", PAYMENTS.assign(payment_id="a\nb"), "payments.payment_id: duplicate key"),
        ("payments", PAYMENTS.assign(customer_id=[1.4, 2.0]), "payments.customer_id: unknown customer"),
        ("referrals", REFERRALS.assign(referrer_id=8, referred_id=9), "referrals.referrer_id: unknown customer"),
    ],
)
def test_bad_tables_end_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, name: str, content: Any, expected: str
) -> None:
    for table, frame in {"customers": CUSTOMERS, "payments": PAYMENTS, "referrals": REFERRALS}.items():
        frame.to_parquet(tmp_path / f"{table}.parquet")
    file = tmp_path / f"{name}.parquet"
    file.write_bytes(content) if isinstance(content, bytes) else content.to_parquet(file)
    config = tmp_path / "business.yaml"
    tables = ", ".join(f"{table}: {table}.parquet" for table in ("customers", "payments", "referrals"))
    config.write_text(f"tables: {{{tables}}}\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))

    code, out, err = run(monkeypatch, capsys, "validate", config)
    assert code == 2
    assert expected in out
    assert err.count("\n") == 1
    assert all(line.startswith(("error: ", "warning: ")) for line in out.splitlines()[:-1])

    code, _, err = run(
        monkeypatch, capsys, "features", config, "--as-of", "2023-05-01", "--out", tmp_path / "f.parquet"
    )
    assert code == 2
    assert expected in err
    assert not any(word in out + err for word in ("Traceback", "zebra", "31/12"))
    assert sorted(tmp_path.rglob("*")) == before


def test_two_runs_into_one_place_end_the_second_with_four(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    config = tmp_path / "business.yaml"
    config.write_text("tables: {customers: c.parquet, payments: p.parquet}\n", encoding="utf-8")
    out, period = tmp_path / "out", ("--since", "2024-01-01", "--until", "2024-02-01")
    for command in (("score", config, "--as-of", "2024-06-01"), ("roi", config, *period)):
        with locked_folder(out):
            code, said, err = run(monkeypatch, capsys, *command, "--out", out)
        assert (code, said) == (4, "")
        assert err.splitlines()[-1].startswith(f"servicelift: another run is at work in '{out}' (process ")
    with locked_file(tmp_path / "list.csv"):
        arguments = ("--scores", out, "--budget", 1, "--out", tmp_path / "list.csv")
        assert run(monkeypatch, capsys, "targets", config, *arguments)[0] == 4
    wish = ("plan", config, "--action", "offer", "--effect", 5, "--when", "agents call", "--then", "readers stay")
    for name, arguments in (("f.parquet", ("features", config, "--as-of", "2024-06-01")), ("p.json", wish)):
        with locked_file(tmp_path / name):
            assert run(monkeypatch, capsys, *arguments, "--out", tmp_path / name)[0] == 4
    assert list(tmp_path.iterdir()) == [config]
