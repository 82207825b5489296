"""A real PostgreSQL server: the same features as from frames, exact types, bounded memory, clean errors."""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
import textwrap
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from servicelift.cli import main
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.sources.databases import Databases
from servicelift.features.tables.tables import open_tables, tables_from_frames

pytestmark = pytest.mark.slow

ROLES = """
CREATE ROLE reader LOGIN PASSWORD 'p@ss/w0rd?#:%'; CREATE ROLE stranger LOGIN PASSWORD 'an0ther';
CREATE SCHEMA crm; GRANT USAGE ON SCHEMA crm TO reader;
CREATE TABLE crm.customers (customer_id bigint PRIMARY KEY, signed_up_at timestamptz NOT NULL, email text);
INSERT INTO crm.customers SELECT n, '2023-01-01 00:00+01', NULL FROM generate_series(1, 3) n;
CREATE TABLE crm.payments (payment_id text, customer_id bigint, paid_at timestamptz, amount numeric, method text);
INSERT INTO crm.payments SELECT 'p' || n, n, '2023-05-01 10:00+02', 9.99, 'iban' FROM generate_series(1, 3) n;
GRANT SELECT (customer_id, signed_up_at) ON crm.customers TO reader; GRANT SELECT ON crm.payments TO reader;
CREATE VIEW crm.broken AS SELECT payment_id, customer_id, paid_at, (10 / (amount - 9.99)) AS amount, method
FROM crm.payments; GRANT SELECT ON crm.broken TO reader;
CREATE TABLE crm.secret AS SELECT * FROM crm.payments;
"""


@pytest.fixture(scope="module")
def crm(postgres: Any) -> Any:
    postgres.run(*(statement for statement in ROLES.split(";") if statement.strip()))
    return postgres


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the developer's own PG* variables, password and service files."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))


@pytest.fixture
def owner(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PGUSER", "owner")
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    return postgres


def config_of(connection: str, stored: dict[str, str], **keys: Any) -> Config:
    """Return a configuration whose contract tables are the named tables of the server."""
    tables = {table: {"connection": connection, "table": name} for table, name in stored.items()}
    return Config.model_validate({"tables": tables, **keys})


def read(config: Config, table: str) -> pd.DataFrame:
    tables = open_tables(config)
    return tables.execute(tables[table].order_by(tables[table].columns[0]))


@pytest.mark.parametrize("seed", [5, 6])
def test_the_same_features_as_from_frames(owner: Any, random_worlds: Any, seed: int) -> None:
    world = random_worlds.world_of(seed, late=frozenset({"payments", "contacts"}))
    owner.run(f"CREATE SCHEMA world_{seed}")
    for name in world.rows:
        owner.load(f"world_{seed}", name, world.arrow(name))
    names = {name: f"world_{seed}.{name}" for name in world.rows}
    changes = world.config.model_dump(exclude={"tables", "folder"}, by_alias=True)
    stored = open_tables(config_of(f"postgresql://{owner.place}", names, **changes))
    framed = tables_from_frames({name: world.arrow(name).to_pandas() for name in world.rows}, world.config)
    pairs = [(row["customer_id"], as_of) for row in world.rows["customers"] for as_of in random_worlds.AS_OFS]
    spine = pd.DataFrame(pairs, columns=["customer_id", "as_of"]).astype({"as_of": "datetime64[us]"})
    found, expected = build_features(stored, spine), build_features(framed, spine)
    assert len(found.columns) > 60
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


TYPES = """
CREATE SCHEMA typed; CREATE SCHEMA "Odd Schema"; CREATE TYPE typed.way AS ENUM ('iban', 'card');
CREATE DOMAIN typed.euros AS numeric(12, 2); CREATE DOMAIN typed.dear AS typed.euros CHECK (VALUE > -1000);
CREATE TABLE typed.customers (customer_id uuid, signed_up_at date, acquisition_cost money, contactable boolean,
  region char(6), tags text[], height real, points numeric, birth_year smallint, extra jsonb, photo bytea);
INSERT INTO typed.customers VALUES
  ('00000000-0000-0000-0000-00000000000a', '2023-01-01', 12.5, true, 'nord', '{a,b}', 1.5, 1e3, 1980, '{}', 'x'),
  ('00000000-0000-0000-0000-00000000000b', '2023-02-01', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE "Odd Schema"."Pay ""ments" (payment_id bigint, customer_id uuid, paid_at timestamp, amount numeric,
  method typed.way, status varchar(10), "recorded_at" timestamptz);
INSERT INTO "Odd Schema"."Pay ""ments" SELECT 9007199254740993 + n, '00000000-0000-0000-0000-00000000000a',
  '2023-06-01 12:00:00.123456', (array[0.1, 99999999999999.9999, -20])[n], 'card', 'paid', '2023-06-02 12:00+02'
  FROM generate_series(1, 3) n;
CREATE VIEW typed.pays AS SELECT payment_id::numeric(20, 0) AS payment_id, customer_id, paid_at,
  amount::numeric(18, 4)::typed.euros::typed.dear AS amount, method FROM "Odd Schema"."Pay ""ments"
  WHERE amount < 100
"""


@pytest.fixture(scope="module")
def typed(postgres: Any) -> str:
    postgres.run(*TYPES.split(";"))
    return f"postgresql://{postgres.place}"


def test_every_type_arrives_exactly(owner: Any, typed: str) -> None:
    names = {"customers": "typed.customers", "payments": '"Odd Schema"."Pay ""ments"'}
    static = ["region", "birth_year", "height", "points", "tags"]
    config = config_of(typed, names, timezone="Europe/Paris", static=static)
    first, second = read(config, "customers").to_dict("records")
    assert first["customer_id"] == "00000000-0000-0000-0000-00000000000a"
    assert first["signed_up_at"] == pd.Timestamp("2022-12-31 23:00")
    assert first["acquisition_cost"] == Decimal("12.5000")
    assert bool(first["contactable"])
    assert [first[name] for name in static] == ["nord", 1980, 1.5, 1000, "{a,b}"]
    assert all(pd.isna(value) for name, value in second.items() if name not in ("customer_id", "signed_up_at"))
    payments = read(config, "payments")
    assert payments["payment_id"].tolist() == [9007199254740994, 9007199254740995, 9007199254740996]
    assert payments["amount"].tolist() == [Decimal("0.1000"), Decimal("99999999999999.9999"), Decimal("-20.0000")]
    assert set(payments["paid_at"]) == {pd.Timestamp("2023-06-01 10:00:00.123456")}
    assert set(payments["recorded_at"]) == {pd.Timestamp("2023-06-02 10:00")}
    assert set(payments["method"]) == {"card"}


def test_views_domains_and_whole_numerics(owner: Any, typed: str) -> None:
    config = config_of(typed, {"customers": "typed.customers", "payments": "typed.pays"})
    payments = read(config, "payments")
    assert payments["payment_id"].tolist() == [Decimal(9007199254740994), Decimal(9007199254740996)]
    assert payments["amount"].tolist() == [Decimal("0.1000"), Decimal("-20.0000")]


def test_what_arrow_or_the_calendar_cannot_hold_is_counted_not_lost(owner: Any) -> None:
    owner.run(
        "CREATE SCHEMA edge",
        "CREATE TABLE edge.customers (customer_id int, signed_up_at timestamptz)",
        "INSERT INTO edge.customers VALUES (1, '2020-01-01'), (2, 'infinity'), (3, '-infinity')",
        "CREATE TABLE edge.payments (payment_id int, customer_id int, paid_at date, amount numeric, method text)",
        "INSERT INTO edge.payments VALUES (1, 1, '2023-01-01', 'NaN', 'iban'), (2, 1, 'infinity', 1e50, 'iban')",
    )
    config = config_of(f"postgresql://{owner.place}", {"customers": "edge.customers", "payments": "edge.payments"})
    from servicelift.features.tables.tables import validate

    found = {(f.table, f.column): f.rows for f in validate(config).errors}
    assert found[("customers", "signed_up_at")] == 2
    assert found[("payments", "paid_at")] == 1
    assert found[("payments", "amount")] == 2


def test_an_empty_table_is_one(owner: Any, typed: str) -> None:
    owner.run("CREATE TABLE public.nothing (LIKE typed.customers)")
    with pytest.raises(DataError, match="customers: empty table"):
        open_tables(config_of(typed, {"customers": "nothing", "payments": "typed.pays"}))


def test_personal_data_are_found_in_texts_arrays_and_documents(owner: Any, typed: str) -> None:
    owner.run(
        "CREATE SCHEMA private",
        "CREATE TABLE private.customers AS SELECT customer_id, signed_up_at, array['a@mail.fr'] AS mails,"
        """ '{"mail": "b@mail.fr"}'::jsonb AS notes FROM typed.customers""",
    )
    config = config_of(typed, {"customers": "private.customers", "payments": "typed.pays"})
    with pytest.raises(DataError, match=r"customers\.mails: looks like e-mail addresses.* 1 more"):
        open_tables(config)
    dropped = config.model_copy(update={"drop": {"customers": ("mails", "notes")}})
    assert len(read(dropped, "customers")) == 2


def test_only_what_is_needed_leaves_the_database(owner: Any, typed: str) -> None:
    config = config_of(
        typed,
        {"customers": "typed.customers", "payments": "typed.pays"},
        drop={"customers": ["extra"]},
    )
    with Databases(config) as databases:
        path = Path(databases.staged("customers"))
        columns = pd.read_parquet(path).columns.tolist()
        assert path.parent.stat().st_mode & 0o77 == 0
    assert not path.exists()
    # height, birth_year and photo hold no text and are no columns of the contract; extra is dropped.
    assert "photo" not in columns
    assert "extra" not in columns
    assert {"customer_id", "tags", "region", "points"} <= set(columns)


def test_all_tables_of_a_connection_are_seen_at_one_instant(
    owner: Any, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.run("CREATE SCHEMA moving", *(f"CREATE TABLE moving.{t} AS SELECT 1 AS payment_id" for t in ("a", "b")))
    config = config_of(typed, {"customers": "moving.a", "payments": "moving.b"})
    from servicelift.features.sources import databases as database

    write = database._write

    def write_and_insert(stream: Any, path: Path) -> None:
        write(stream, path)
        owner.run("INSERT INTO moving.a VALUES (2)", "INSERT INTO moving.b VALUES (2)")

    monkeypatch.setattr(database, "_write", write_and_insert)
    with Databases(config) as databases:
        assert [len(pd.read_parquet(databases.staged(t))) for t in ("customers", "payments")] == [1, 1]
    with Databases(config) as databases:
        assert len(pd.read_parquet(databases.staged("payments"))) == 3


def test_a_big_table_passes_in_bounded_memory(owner: Any, tmp_path: Path) -> None:
    rows = 2_000_000
    owner.run(
        "CREATE SCHEMA big",
        "CREATE TABLE big.customers AS SELECT n AS customer_id, date '2020-01-01' AS signed_up_at"
        " FROM generate_series(1, 1000) n",
        "CREATE TABLE big.payments AS SELECT n AS payment_id, n % 1000 + 1 AS customer_id, timestamp '2021-01-01'"
        " + n * interval '1 minute' AS paid_at, (n % 9999 / 100.0)::numeric(12, 2) AS amount, 'iban' AS method,"
        f" repeat(md5(n::text), 5) AS note FROM generate_series(1, {rows}) n",
    )
    script = f"""
        import resource
        from servicelift.core.config.business import Config
        from servicelift.features.sources.databases import Databases
        import pyarrow.parquet as pq
        source = lambda name: {{"connection": "postgresql://{owner.place}", "table": name}}
        def peak(*names):
            tables = {{"customers": source(names[0]), "payments": source(names[1])}}
            with Databases(Config.model_validate({{"tables": tables}})) as databases:
                databases.staged("payments")
                most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                file = pq.ParquetFile(databases.staged("payments"))
                batches = file.iter_batches() if names[1] != names[0] else ()
                return most, file.metadata.num_rows, sum(batch.nbytes for batch in batches) / 2**20
        before, _, _ = peak("big.customers", "big.customers")
        after, rows, whole = peak("big.customers", "big.payments")
        print(rows, after - before, whole)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], check=True, capture_output=True, text=True, env=os.environ
    )
    found, grown, whole = done.stdout.split()
    assert int(found) == rows
    assert float(whole) > 350
    assert float(grown) < 180, f"the whole table takes {whole} MB"


def yaml_of(tmp_path: Path, connection: str, payments: str = "crm.payments") -> Path:
    path = tmp_path / "business.yaml"
    source = f'{{connection: "{connection}", table: %s}}'
    path.write_text(f"tables: {{customers: {source % 'crm.customers'}, payments: {source % payments}}}\n")
    return path


def printed(path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, code: int) -> str:
    monkeypatch.setattr(sys, "argv", ["servicelift", "validate", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code or 0) == code
    out, err = capsys.readouterr()
    return out + err


def test_credentials_come_from_the_environment(
    crm: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_USER", "reader")
    monkeypatch.setenv("CRM_PASSWORD", "p@ss/w0rd?#:%")
    monkeypatch.setenv("CRM", f"postgresql://reader:p%40ss%2Fw0rd%3F%23%3A%25@{crm.place}")
    (tmp_path / "pgpass").write_text("*:*:*:reader:p@ss/w0rd?#\\:%\n")
    (tmp_path / "pgpass").chmod(0o600)
    (tmp_path / "services").write_text(f"[crm]\nhost=127.0.0.1\nport={crm.port}\ndbname=postgres\nuser=reader\n")
    template = f"postgresql://${{CRM_USER}}:${{CRM_PASSWORD}}@{crm.place}"
    for connection in (template, "${CRM}", f"postgresql://reader@{crm.place}", "postgresql:///?service=crm"):
        assert "customers 3, payments 3" in printed(yaml_of(tmp_path, connection), capsys, monkeypatch, 0)


ERRORS = [
    ("postgresql://reader:${PW}@no-such-host.invalid/postgres", "crm.payments", "no such host is known"),
    ("postgresql://reader:${PW}@127.0.0.1:1/postgres", "crm.payments", "nothing answers there"),
    ("postgresql://reader:wrong${PW}@{place}", "crm.payments", "a password must not stand in the configuration"),
    ("postgresql://reader:${PW}${PW}@{place}", "crm.payments", "user or password was refused"),
    ("postgresql://reader:${PW}@127.0.0.1:{port}/nowhere", "crm.payments", "no such database"),
    ("postgresql://reader:${PW}@{place}", "crm.payment", "did you mean 'crm.payments'?"),
    ("postgresql://reader:${PW}@{place}", "crm.secret", "GRANT SELECT ON crm.secret"),
    ("postgresql://stranger:${OTHER}@{place}", "crm.payments", "GRANT USAGE on its schema"),
    ("postgresql://reader:${PW}@{place}", "crm.broken", "could not be read: the server reports an error"),
    ("postgresql://reader:${PW}@{place}", "a..b", "none that SQL takes"),
    ("postgresql://stranger:stranger@{place}", "crm.payments", "a password must not stand in the configuration"),
    ("postgresql://reader:${NOT_SET}@{place}", "crm.payments", "the environment variable NOT_SET is not set"),
    ("postgresql://reader:${PW}@{place}?nonsense=1", "crm.payments", "an option of connection: is not one"),
    ("mysql://reader:${PW}@{place}", "crm.payments", "expected postgresql://host/database"),
]


@pytest.mark.parametrize(("connection", "table", "expected"), ERRORS)
def test_errors_are_one_line_without_password(
    crm: Any,
    connection: str,
    table: str,
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("PW", "p@ss/w0rd?#:%")
    monkeypatch.setenv("OTHER", "an0ther")
    connection = connection.replace("{place}", crm.place).replace("{port}", str(crm.port))
    text = printed(yaml_of(tmp_path, connection, table), capsys, monkeypatch, 2)
    assert expected in text
    lines = [line for line in text.splitlines() if expected in line]
    assert any("payments" in line or "customers" in line for line in lines)
    for secret in ("w0rd", "an0ther", "reader:", "reader@", "stranger:", "9.99", "2023-05"):
        assert secret not in text + caplog.text


def test_the_chain_of_an_error_holds_nothing_of_the_driver_s(crm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "p@ss/w0rd?#:%")
    names = {"customers": "crm.customers", "payments": "crm.broken"}
    for connection in (f"postgresql://reader:${{PW}}@{crm.place}", "postgresql://reader:${PW}@127.0.0.1:1/x"):
        config = config_of(connection, names)
        assert "w0rd" not in repr(config) + config.model_dump_json()
        with pytest.raises(DataError) as caught:
            open_tables(config)
        error: BaseException | None = caught.value
        while error is not None:
            assert isinstance(error, DataError)
            assert "w0rd" not in repr(error)
            error = error.__cause__ or error.__context__


def test_one_broken_table_leaves_the_others(crm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "p@ss/w0rd?#:%")
    names = {"customers": "crm.broken", "payments": "crm.payments", "contacts": "crm.nothing"}
    with Databases(config_of(f"postgresql://reader@{crm.place}", names)) as databases:
        for broken in ("customers", "contacts"):
            with pytest.raises(DataError, match=f"tables.{broken}: "):
                databases.staged(broken)
        assert len(pd.read_parquet(databases.staged("payments"))) == 3


def test_without_the_driver_one_line_says_what_to_install(
    owner: Any, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    config = config_of(typed, {"customers": "typed.customers", "payments": "typed.pays"})
    expected = r"customers, payments: unreadable source; .*pip install 'servicelift\[postgres\]'"
    with pytest.raises(DataError, match=expected):
        open_tables(config)


def test_the_server_s_clock_and_style_change_nothing(owner: Any, typed: str) -> None:
    config = config_of(typed, {"customers": "typed.customers", "payments": '"Odd Schema"."Pay ""ments"'})
    plain = read(config, "payments")
    owner.run("ALTER ROLE owner SET timezone = 'Asia/Tokyo'", "ALTER ROLE owner SET datestyle = 'SQL, DMY'")
    try:
        pd.testing.assert_frame_equal(read(config, "payments"), plain)
    finally:
        owner.run("ALTER ROLE owner RESET ALL")
    assert plain["paid_at"].max() < pd.Timestamp(dt.datetime(2023, 6, 2))
