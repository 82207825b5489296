"""The list for people: only whom to call, rounded, in their language, with columns of the business's own."""

from __future__ import annotations

import logging
import stat

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.config.listing import PeopleConfig
from servicelift.core.errors import ConfigError, DataError
from servicelift.core.locale import Locale
from servicelift.scoring.targets.own_table import own_columns
from servicelift.scoring.targets.people import for_people, remove_stale, write_people
from servicelift.scoring.targets.people_words import PEOPLE_WORDS

N = 6


def business(folder, language="fr", **people):
    return Config(
        tables={"customers": "c", "payments": "p"},
        language=language,
        names={"call": "appel de courtoisie"},
        incremental={"actions": {"call": {"cost": 4.0, "script": "Dire merci."}, "letter": {"cost": 1.0}}},
        targets={"people": people},
        folder=folder,
    )


def machine():
    """Return a list as machines read it, the last of its customers left alone."""
    return pd.DataFrame(
        {
            "rank": np.arange(1, N + 1),
            "customer_id": [f"C{i}" for i in range(N)],
            "action": ["call", "letter"] * (N // 2),
            "net_value": np.linspace(9.87654, 1.23456, N),
            "cost": 4.0,
            "churn_probability": [0.12345, np.nan] * (N // 2),
            "clv": 100.123,
            "reason_1": "paie par carte",
            "reason_2": None,
            "reason_3": None,
            "decided_at": "2024-05-31T22:00:00Z",
            "arm": ["treated"] * (N - 1) + ["control"],
            "propensity": 0.9,
            "action_id": [f"call-{i}" for i in range(N)],
            "evidence": "randomised",
            "trial": False,
            "action_reason_1": "paie par carte : le prélèvement l'évite",
            "action_reason_2": None,
        }
    )


@pytest.fixture
def crm(tmp_path):
    """A table of the business's own; one customer of the list is not in it, and one name begins as a formula."""
    names = ["=1+1", "Élodie", "Zoé", "Max"]
    frame = pd.DataFrame({"client": [f"C{i}" for i in range(4)], "nom": names, "iban": "secret"})
    frame.to_csv(tmp_path / "crm.csv", sep=";", index=False)
    return {"table": "crm.csv", "key": "client", "columns": {"nom": "Nom"}}


@pytest.mark.parametrize("code", PEOPLE_WORDS)
def test_both_languages_tell_the_same_figures(code):
    assert PEOPLE_WORDS[code].figures("en") == PEOPLE_WORDS[code].figures("fr")


def test_nobody_who_is_left_alone_stands_on_it(tmp_path):
    people = for_people(business(tmp_path), machine(), 0.1)
    assert people.frame["Client"].tolist() == [f"C{i}" for i in range(N - 1)]
    assert people.frame["Action"].tolist()[:2] == ["appel de courtoisie", "letter"]
    assert people.frame["Ce qu'il faut dire"].isna().tolist() == [False, True, False, True, False]
    assert "et parce que" not in people.frame  # no value in it
    assert "À l'essai" not in people.frame


def test_nothing_is_a_reason_to_leave_where_there_is_little_risk(tmp_path):
    listed = machine().assign(churn_probability=[0.01, 0.2] * (N // 2))
    people = for_people(business(tmp_path), listed, 0.05)
    assert people.frame["À risque parce que"].isna().tolist() == [True, False, True, False, True]
    assert people.frame["Pourquoi cette action"].notna().all()
    assert "À risque parce que" not in for_people(business(tmp_path), listed, 0.5).frame


def test_the_day_is_that_of_the_business(tmp_path):
    config = business(tmp_path).model_copy(update={"timezone": "Europe/Paris"})
    assert for_people(config, machine(), 0.1).frame["Décidé le"].astype(str).unique().tolist() == ["2024-06-01"]


def test_the_file_opens_in_a_french_spreadsheet_rounded_and_without_formulas(tmp_path, crm):
    config = business(tmp_path, **crm)
    people = for_people(config, machine(), 0.1)
    files = write_people(tmp_path, "list", people, config, ["une ligne"])
    assert files == ("list.people.xlsx", "list.people.csv")
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in files} == {0o640}
    text = (tmp_path / "list.people.csv").read_bytes().decode("utf-8")
    assert text.startswith("\ufeffRang;Client;Nom;Action;")
    first = text.splitlines()[1].split(";")
    assert first[:3] == ["1", "C0", "'=1+1"]
    assert "9,88" in first
    assert "12,3" in first
    assert "secret" not in text


def test_an_english_file_is_written_too(tmp_path):
    config = business(tmp_path, language="en")
    write_people(tmp_path, "list", for_people(config, machine(), 0.1), config, [])
    back = pd.read_csv(tmp_path / "list.people.csv", encoding="utf-8-sig")
    assert back["Expected net gain (EUR)"].tolist() == machine()["net_value"].round(2).tolist()[: N - 1]


def test_whom_the_table_does_not_know_is_counted_and_nothing_of_it_reaches_a_log(tmp_path, crm, caplog):
    with caplog.at_level(logging.DEBUG):
        people = for_people(business(tmp_path, **crm), machine(), 0.1)
    assert people.frame["Nom"].isna().sum() == 1
    assert people.notes[0].startswith("1 client de la liste n'est pas dans crm.csv")
    assert not any("Élodie" in text for text in (*people.notes, caplog.text, repr(people)))


def test_what_cannot_be_joined_is_refused_with_its_cause(tmp_path, crm):
    customers = machine()["customer_id"]
    with pytest.raises(ConfigError, match=r"'crm\.csv' has no column 'prenom'"):
        own_columns(business(tmp_path, **{**crm, "columns": {"prenom": "Prénom"}}), customers)
    with pytest.raises(ConfigError, match=r"'Action' heads a column of the list already"):
        for_people(business(tmp_path, **{**crm, "columns": {"nom": "Action"}}), machine(), 0.1)
    with pytest.raises(DataError, match=r"expected a file at"):
        own_columns(business(tmp_path, **{**crm, "table": "absent.csv"}), customers)
    (tmp_path / "crm.csv").write_text("client;nom\nC1;a\nC1;b\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"client 'C1' stands twice"):
        own_columns(business(tmp_path, **crm), customers)
    with pytest.raises(ValueError, match=r"expected columns beside table"):
        PeopleConfig(table="crm.csv")


def test_a_key_that_is_a_number_in_one_place_and_a_text_in_the_other_is_the_same_customer(tmp_path):
    (tmp_path / "crm.csv").write_text("client,nom\n7,a\n8,b\n", encoding="utf-8")
    config = business(tmp_path, table="crm.csv", key="client", columns={"nom": "Nom"})
    found = own_columns(config, pd.Series([8, 7, 9]))
    assert found.columns["Nom"].tolist()[:2] == ["b", "a"]
    assert found.unknown == 1


def test_without_openpyxl_it_says_so_and_no_old_workbook_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("servicelift.scoring.targets.people.can_write", lambda: False)
    config = business(tmp_path, language="en")
    (tmp_path / "list.people.xlsx").touch()
    people = for_people(config, machine(), 0.1)
    written = write_people(tmp_path, "list", people, config, [])
    assert written == ("list.people.csv",)
    assert "openpyxl is not installed" in people.notes[0]
    remove_stale(tmp_path / "list.csv", written)
    assert not (tmp_path / "list.people.xlsx").exists()
    assert PEOPLE_WORDS.say(Locale("fr"), "sheet") == "Liste"
