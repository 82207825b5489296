"""Connection URIs: what is refused, what the environment fills in, what is never shown."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.core.config.business import load_config
from servicelift.core.config.connection import check_connection, filled, place, without_userinfo
from servicelift.core.errors import ConfigError


@pytest.mark.parametrize(
    "template",
    [
        "postgresql://host/db",
        "postgres://host/db",
        "postgresql://user@host:5432/db?sslmode=require",
        "postgresql://${USER_}:${PASSWORD}@${HOST}:${PORT}/db",
        "postgresql://u@one:1,two:2/db",
        "postgresql://u@[::1]:5432/db",
        "postgresql:///db?host=/var/run/postgresql&password=${PASSWORD}",
        "postgresql:///?service=crm",
        "postgresql://host:5432/db?user=jean@crm",
        "${DATABASE_URL}",
    ],
)
def test_what_names_a_database_and_holds_no_password_is_taken(template: str) -> None:
    assert check_connection(template) == template


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("postgresql://u:s3cret@host/db", "a password must not stand"),
        ("postgresql://u:s3cret/with@host/db", "a password must not stand"),
        ("postgresql://u:${PASSWORD}s3cret@host/db", "a password must not stand"),
        ("postgresql://host/db?password=s3cret", "a password must not stand"),
        ("postgresql://u@host/db?sslmode=require&sslpassword=s3cret", "a password must not stand"),
        ("postgresql://u:s3cret?x@host/db", "a port that is no number"),
        ("mysql://u:s3cret@host/db", "got mysql:"),
        ("sqlite:///s3cret.db", "got sqlite:"),
        ("postgresql+psycopg://u:s3cret@host/db", "got postgresql+psycopg:"),
        ("host=x password=s3cret", "got no URI"),
        ("", "got no URI"),
    ],
)
def test_secrets_and_other_databases_are_refused_and_not_quoted(tmp_path: Path, template: str, expected: str) -> None:
    source = f"{{connection: '{template}', table: crm.actions}}"
    path = tmp_path / "business.yaml"
    path.write_text(f"tables: {{customers: c.csv, payments: p.csv, actions: {source}}}")
    with pytest.raises(ConfigError, match=r"tables\.actions\.connection: ") as error:
        load_config(path)
    assert expected in str(error.value)
    cause: BaseException | None = error.value
    while cause is not None:
        assert "s3cret" not in str(cause)
        cause = cause.__cause__ or cause.__context__


@settings(deadline=None)
@given(user=st.text(min_size=1), password=st.text(min_size=1))
def test_user_and_password_survive_whatever_their_signs(user: str, password: str) -> None:
    clean = {"USER_": user.replace("\0", ""), "PASSWORD": password.replace("\0", "")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in clean.items():
            patch.setenv(name, value.encode("utf-8", "ignore").decode("utf-8"))
        uri = filled("postgresql://${USER_}:${PASSWORD}@host:5432/db?sslmode=require")
    parts = urlsplit(uri)
    got = {"USER_": unquote(parts.username or ""), "PASSWORD": unquote(parts.password or "")}
    assert got == {name: value.encode("utf-8", "ignore").decode("utf-8") for name, value in clean.items()}
    assert (parts.hostname, parts.port, parts.path) == ("host", 5432, "/db")


def test_a_whole_uri_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ss@host/db")
    assert filled("${DATABASE_URL}?sslmode=require") == "postgresql://u:p%40ss@host/db?sslmode=require"
    monkeypatch.setenv("DATABASE_URL", "mysql://u:s3cret@host/db")
    with pytest.raises(ConfigError, match="expected postgresql://host/database from the environment") as error:
        filled("${DATABASE_URL}")
    assert "s3cret" not in str(error.value)
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(ConfigError, match="variable DATABASE_URL is not set"):
        filled("${DATABASE_URL}")


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("postgresql://u:p@host:5432/db?sslmode=require", "host:5432/db"),
        ("postgresql://host", "host"),
        ("postgresql://u:p@one,two/db", "one,two/db"),
        ("postgresql:///db?host=/run/pg&password=p", "/run/pg/db"),
        ("postgresql:///?service=crm", "service crm"),
        ("postgresql://", "the local server"),
    ],
)
def test_people_are_shown_host_and_database_only(monkeypatch: pytest.MonkeyPatch, uri: str, shown: str) -> None:
    for name in ("PGHOST", "PGDATABASE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    assert place(uri) == shown


def test_a_uri_that_stands_as_a_path_is_shown_without_its_user() -> None:
    assert without_userinfo("got 'postgresql://u:s3/cret@host/db'") == "got 'postgresql://host/db'"


def test_unreadable_yaml_is_placed_but_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "business.yaml"
    path.write_text('tables:\n  actions: {connection: "postgresql://u:s3cret@host/db, table: a}\n')
    with pytest.raises(ConfigError, match=r"not readable YAML: .*line \d+, column \d+") as error:
        load_config(path)
    assert "s3cret" not in str(error.value)
    assert error.value.__context__ is None
