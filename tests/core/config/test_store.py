from __future__ import annotations

from pathlib import Path

import pytest
from servicelift.core.config.store import TrackingConfig, check_store


@pytest.mark.parametrize(
    "uri",
    [
        *("./mlruns", "mlruns", "/srv/mlruns", "mlflow.db", "file:./mlruns", "file:///srv/mlruns", "sqlite:mlflow.db"),
        *(
            "sqlite://mlflow.db",
            "sqlite:///",
            "sqlite:////",
            "sqlite:///mlruns/",
            "http//host:5000",
            "http://",
            "http:host",
        ),
        *(
            "databricks",
            "databricks://profile",
            "s3://bucket/models",
            "",
            " ",
            "C:\\mlruns",
            "http://host:port",
            "ftp://h",
        ),
        *("postgresql://", "sqlite:///a\0b", "sqlite:///file:mlflow.db?mode=ro&uri=true"),
    ],
)
def test_what_mlflow_could_not_open_is_refused_with_what_to_write(uri):
    with pytest.raises(ValueError, match=r"write sqlite:///mlflow\.db"):
        check_store(uri)


@pytest.mark.parametrize(
    "uri",
    [
        *("sqlite:///mlflow.db", "sqlite:////srv/mlflow.db", "http://host:5000", "https://host/mlflow"),
        *("postgresql://user@host/db", "postgresql+psycopg2://host:5432/db", "mysql+pymysql://host/db"),
    ],
)
def test_a_file_and_a_server_are_taken(uri):
    assert check_store(uri) == uri


def test_a_refused_address_shows_no_password():
    with pytest.raises(ValueError, match="begins with ftp:") as error:
        check_store("ftp://user:secret@host")
    assert "secret" not in str(error.value)


def test_a_relative_file_lies_beside_the_config():
    folder = Path("/srv/press")
    assert TrackingConfig(uri="sqlite:///mlflow.db").resolved(folder) == "sqlite:////srv/press/mlflow.db"
    assert TrackingConfig(uri="sqlite:////other/m.db").resolved(folder) == "sqlite:////other/m.db"
    assert TrackingConfig(uri="http://host:5000").resolved(folder) == "http://host:5000"
