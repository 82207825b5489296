"""What people decide is kept, shown, taken back, and comes back as a table of the contract."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from servicelift.cli import app
from servicelift.console.app import Console
from servicelift.console.decisions import Decided, DecisionStore, Written, as_actions, as_contacts, write_decisions
from servicelift.console.reading.places import places_of
from servicelift.core.config.business import Config, load_config
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import tables_from_frames
from typer.testing import CliRunner

from .conftest import HELD, Browser, made_up


def decide(browser, customer: str, decision: str, **more: str):
    form = {"token": browser.token(), "action_id": f"a-20240701-{customer}", "decision": decision, **more}
    return browser.post("/decide", form)


def test_a_decision_is_kept_shown_and_taken_back(browser):
    went = decide(browser, "C1", "done", back="/targets?text=c1&lang=fr")
    assert went.status == 303
    page = browser.get(went.header("location"))
    assert "Noté" in page.text
    assert "Annuler" in page.text
    assert "1 done" in browser.get("/").text
    assert ">C1<" not in browser.get("/targets?state=open").text
    assert ">C1<" in browser.get("/targets?state=done").text
    assert decide(browser, "C1", "open").status == 303
    assert ">C1<" in browser.get("/targets?state=open").text
    assert [each.decision for each in browser.console.desk.decisions.all()] == ["done", "open"]


@pytest.mark.parametrize(
    ("customer", "decision", "status"), [(HELD, "done", 404), ("C1", "sold", 400), ("C1", "note", 400)]
)
def test_what_cannot_be_decided_is_refused(browser, customer, decision, status):
    assert decide(browser, customer, decision).status == status
    assert browser.console.desk.decisions.all() == []


def test_whole_lists_come_back_as_actions(browser):
    config = browser.console.config
    for customer, decision in (("C1", "done"), ("C2", "refused"), ("N000", "done"), ("N000", "open")):
        decide(browser, customer, decision)
    decide(browser, "C2", "note", note="calls back on Monday")
    rows, lost = as_actions(places_of(config), DecisionStore(config).all())
    assert lost == 0
    assert rows["arm"].value_counts().to_dict() == {"treated": 64, "control": 2}
    accepted = rows.set_index("customer_id")["accepted"]
    assert accepted["C1"]
    assert not accepted["C2"]
    assert accepted.drop(["C1", "C2"]).isna().all()
    assert "Monday" not in rows.to_csv()


def test_they_are_a_table_of_the_contract(browser, tmp_path):
    config = browser.console.config
    decide(browser, "C1", "done")
    assert write_decisions(config, places_of(config), tmp_path / "decided") == Written(66, 0, 0, ("retention_offer",))
    assert not (tmp_path / "decided" / "contacts.parquet").exists()
    back = pd.read_parquet(tmp_path / "decided" / "actions.parquet")
    known = pd.DataFrame({"customer_id": back["customer_id"].unique(), "signed_up_at": pd.Timestamp("2023-01-01")})
    payments = pd.read_parquet(config.folder / "payments.parquet")
    later = config.model_copy(update={"data_until": pd.Timestamp("2100-01-01").date()})
    tables = tables_from_frames({"customers": known, "payments": payments, "actions": back}, later)
    read = tables.execute(tables["actions"])
    assert len(read) == 66
    assert read["accepted"].sum() == 1


CHANNELS = "incremental: {actions: {retention_offer: {cost: 5, team: desk, channel: phone}, iban_switch: {cost: 5}}}"


def test_who_said_yes_or_no_was_reached_and_nobody_else(desk_folder):
    made_up(desk_folder)
    (desk_folder / "b.yaml").write_text(
        re.sub(r"(?m)^incremental: .*$", CHANNELS, (desk_folder / "b.yaml").read_text(encoding="utf-8")),
        encoding="utf-8",
    )
    config = load_config(desk_folder / "b.yaml")
    at = datetime(2024, 7, 2, 9, 30, tzinfo=UTC)

    def said(n: int, decision: str, action: str = "retention_offer", by: str = "") -> Decided:
        return Decided(f"a-{n}", f"C{n}", action, decision, "rings at noon", by, at + timedelta(hours=n))

    made = [said(1, "done", by="Zoë"), said(2, "done"), said(2, "refused"), said(3, "done"), said(3, "open")]
    made += [said(4, "note"), said(5, "done", "iban_switch"), said(6, "done", "gone_from_the_config")]
    contacts, without = as_contacts(config, made)
    assert without == ("gone_from_the_config", "iban_switch")
    assert contacts["contact_id"].tolist() == ["console-a-1", "console-a-2"]
    assert contacts["opened_at"].tolist() == [pd.Timestamp("2024-07-02 10:30Z"), pd.Timestamp("2024-07-02 11:30Z")]
    assert set(contacts["channel"]) == {"phone"}
    assert set(contacts["reason"]) == {"retention_offer"}
    assert set(contacts["direction"]) == {"outbound"}
    assert set(contacts["team"]) == {"desk"}
    assert contacts["agent_id"].tolist() == ["Zoë", pd.NA]
    assert "noon" not in contacts.to_csv()
    assert "agent_id" not in as_contacts(config, [said(2, "done")])[0]


def test_validate_takes_both_tables_as_a_user_names_them(desk_folder, monkeypatch):
    made_up(desk_folder)
    file = desk_folder / "b.yaml"
    text = re.sub(r"(?m)^incremental: .*$", CHANNELS, file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    browser = Browser(Console(load_config(file)))
    for customer, decision in (("C1", "done"), ("N000", "refused"), ("C2", "done")):
        decide(browser, customer, decision)
    runner = CliRunner()
    monkeypatch.chdir(desk_folder)
    made = runner.invoke(app, ["console", "b.yaml", "--decisions", "decided"])
    assert made.exit_code == 0, made.output
    assert "66 rows of actions" in made.output
    assert "2 contacts: decided" in made.output
    assert "decisions about iban_switch are no contacts" in made.output
    rows = pd.read_parquet("decided/actions.parquet")
    known = pd.DataFrame({"customer_id": rows["customer_id"].unique(), "signed_up_at": pd.Timestamp("2023-01-01")})
    known.to_parquet("customers.parquet")
    decided = "actions: decided/actions.parquet, contacts: decided/contacts.parquet, payments:"
    text = text.replace("payments:", decided).replace("2024-07-01", "2100-01-01")
    file.write_text(text, encoding="utf-8")
    checked = runner.invoke(app, ["validate", "b.yaml"])
    assert checked.exit_code == 0, checked.output
    assert "0 errors" in checked.output
    assert "actions 66, contacts 2" in checked.output


def test_decisions_about_a_list_that_is_gone_are_counted_not_lost_in_silence(browser, desk_folder, tmp_path):
    decide(browser, "C1", "done")
    (desk_folder / "targets.csv").unlink()
    with pytest.raises(DataError, match=r"found none \(1 about lists that are gone\)"):
        write_decisions(browser.console.config, places_of(browser.console.config), tmp_path / "decided")


@pytest.mark.slow
def test_decisions_are_kept_on_a_real_server_and_no_message_holds_its_password(postgres, monkeypatch):
    pytest.importorskip("psycopg2", reason="the driver is not installed: servicelift[server]")
    monkeypatch.setenv("DESK_PASSWORD", postgres.password)
    where = f"postgresql://owner:${{DESK_PASSWORD}}@{postgres.place}"
    tables = {"customers": "-", "payments": "-"}
    store = DecisionStore(Config.model_validate({"tables": tables, "console": {"decisions": where}}))
    assert store.all() == []
    for decision in ("done", "open", "refused"):
        store.add(Decided("a-1", "C1", "call", decision, "", "Zoë", datetime(2024, 7, 1, 12, tzinfo=UTC)))
    store.add(Decided("a-2", "C2", "call", "note", "rappeler l'après-midi", "", datetime(2024, 7, 2, tzinfo=UTC)))
    assert store.latest() == {"a-1": "refused"}
    assert [each.by for each in store.of_customer("C1")] == ["Zoë"] * 3
    assert store.of_customer("C2")[0].note == "rappeler l'après-midi"
    monkeypatch.setenv("DESK_PASSWORD", "not-this-secret")
    stranger = DecisionStore(Config.model_validate({"tables": tables, "console": {"decisions": where}}))
    with pytest.raises(DataError, match=r"decisions cannot be read from") as refused:
        stranger.all()
    assert "not-this-secret" not in str(refused.value)
