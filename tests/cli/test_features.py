"""`servicelift features`: a file to write, a feature to explain, or one clear line."""

from __future__ import annotations

import sys

import pytest
from servicelift.cli import main


@pytest.fixture
def features(tmp_path, monkeypatch, capsys):
    """Run the command on a business of one customer; returns exit code, stdout and stderr."""
    (tmp_path / "customers.csv").write_text("customer_id,signed_up_at\n1,2024-01-01\n")
    (tmp_path / "payments.csv").write_text("payment_id,customer_id,paid_at,amount,method\n1,1,2024-02-01,5,iban\n")
    (tmp_path / "business.yaml").write_text("tables: {customers: customers.csv, payments: payments.csv}\n")

    def run(*arguments):
        command = ["servicelift", "features", str(tmp_path / "business.yaml"), "--as-of", "2024-02-01", *arguments]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as end:
            main()
        shown = capsys.readouterr()
        return end.value.code or 0, shown.out, shown.err

    return run


def test_a_feature_is_explained_on_stdout_alone(features):
    code, out, err = features("--explain", "payments_30d")
    assert (code, err) == (0, "")
    assert out.startswith("payments_30d\n  meaning  ")
    assert "2024-01-02 00:00 UTC on" in out


def test_both_may_be_asked_for(features, tmp_path):
    code, out, _ = features("--explain", "tenure_days", "--out", str(tmp_path / "f.parquet"))
    assert code == 0
    assert out.startswith("tenure_days\n")
    assert "1 rows: " in out
    assert (tmp_path / "f.parquet").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected --out FILE.parquet to write the features, or --explain FEATURE; got neither"),
        (("--explain", "tenure_day"), "unknown feature 'tenure_day'; did you mean 'tenure_days'?"),
    ],
)
def test_otherwise_one_clear_line(features, arguments, message):
    code, out, err = features(*arguments)
    assert (code, out) == (2, "")
    assert err == f"servicelift: {message}\n"
