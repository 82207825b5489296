"""Bad input ends in one line that names it, or in the features that it means: never in a traceback or a wrong feature.

Each seed makes one world with two corruptions; a failure prints the seed and its corruptions. To replay one:
``SERVICELIFT_SEED=1030 pytest tests/features/validation/test_corruptions.py -k replay``.
"""

from __future__ import annotations

import os
import unicodedata

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ServiceliftError
from servicelift.features.catalogue.catalogue import build_features, explain_all, feature_names
from servicelift.features.tables.tables import open_tables, tables_from_frames, validate

ORDINARY = range(30)
SOURCES = ("customers", "payments")  # what a config must name; frames come from elsewhere
SHARDS, WORLDS = 4, 125


def check(seed, corruptions, random_worlds, oracle, folder):
    """One corrupted world: an error that is due and only that, or features equal to the oracle's."""
    case = corruptions.draw(seed, random_worlds)
    try:
        enter(case, folder, oracle, random_worlds)
    except Exception as error:
        raise AssertionError(f"seed {seed}: {case.route}: {'; '.join(case.names)}: {case.draft.wrong}") from error


def enter(case, folder, oracle, random_worlds):
    if case.route == "frames":
        config = random_worlds.Config.model_validate(case.settings(dict.fromkeys(SOURCES, "-")))
        try:
            tables = tables_from_frames(case.frames(), config)
        except ServiceliftError as error:
            return refused(case, [str(error)])
    else:
        config = case.files(folder)
        if case.draft.wrong:
            return refused(case, [finding.message for finding in validate(config).errors], every=True)
        tables = open_tables(config)
    assert not case.draft.wrong, "read, though an error is due"
    return compare(case, tables, case.meaning(config), oracle)


def refused(case, messages, every=False):
    """Errors are due, each is one line, names table and column, and shows no value but those of codes."""
    wrong = case.draft.wrong
    assert wrong, f"refused, though nothing is wrong: {messages}"
    for message in messages:
        assert not any(unicodedata.category(sign).startswith("C") for sign in message), message
        words_of_codes = any(rule in message for rule in ("unknown code", "unparseable yes or no"))
        assert words_of_codes or not any(word in message for word in ("zebra", "4711")), message
        due = customers_fail(wrong) or any(names(message, *place) for place in wrong)
        assert due, f"an error that is not due: {message}"
    places = {table: [p for p in wrong if p[0] == table] for table, _ in wrong}
    unnamed = [t for t, found in places.items() if not any(names(m, *p) for p in found for m in messages)]
    assert len(unnamed) < len(places), f"nothing named: {messages}"
    assert not (every and unnamed), f"{unnamed} not named: {messages}"


def customers_fail(wrong):
    """Where customers cannot be read, each table's customers are unknown."""
    return any(table == "customers" for table, _ in wrong)


def names(message, table, column):
    where = message.split(": ")[0].removeprefix("tables.")
    if where == table and f"'{column}'" in message.lower():
        return True
    return where == (f"{table}.{column}" if column else table) or (not column and where.startswith(f"{table}."))


def compare(case, tables, world, oracle):
    """The features of every corrupted table, for each customer at two instants."""
    spine = case.spine()
    explained = explain_all(tables.config)
    sources = {name: " ".join(explained[name].sources) for name in feature_names(tables)}
    # Tables beside the worlds' own (agents, referrals, ...) are read and checked, but the oracle knows no rows of them.
    wanted = [
        name
        for name, columns in sources.items()
        if any(f"{table}." in columns for table in case.tables if table in world.rows)
        and all(column.split(".")[0] in world.rows for column in columns.split() if "." in column)
    ]
    found = build_features(tables, spine, wanted)
    pairs = zip(spine["customer_id"], (stamp.to_pydatetime() for stamp in spine["as_of"]), strict=True)
    expected = pd.DataFrame([oracle.features(world, who, at) for who, at in pairs])
    for name in wanted:
        values = expected[name].tolist()
        if found[name].dtype in ("int64", "float64"):
            values = np.array([np.nan if v is None else float(v) for v in values])
            np.testing.assert_allclose(found[name].to_numpy(dtype=float), values, rtol=1e-9, err_msg=name)
        else:
            texts = [None if pd.isna(v) else v for v in values]
            assert found[name].astype(object).where(found[name].notna(), None).tolist() == texts, name


@pytest.mark.parametrize("seed", ORDINARY)
def test_two_corruptions_at_once(seed, corruptions, random_worlds, oracle, tmp_path):
    check(seed, corruptions, random_worlds, oracle, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_thousand_corruptions(shard, corruptions, random_worlds, oracle, tmp_path):
    failed = []
    for seed in range(1_000 + shard * WORLDS, 1_000 + (shard + 1) * WORLDS):
        try:
            check(seed, corruptions, random_worlds, oracle, tmp_path / str(seed))
        except AssertionError as error:
            failed.append(f"{error}\n    {type(error.__cause__).__name__}: {error.__cause__}")
    assert not failed, "\n".join(failed)


def test_replay(corruptions, random_worlds, oracle, tmp_path):
    seed = os.environ.get("SERVICELIFT_SEED")
    if seed is None:
        pytest.skip("set SERVICELIFT_SEED to the seed that a failure printed")
    check(int(seed), corruptions, random_worlds, oracle, tmp_path)
