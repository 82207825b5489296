"""One corrupted world from a seed: drawn, then brought as frames or written as files."""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from feature_corruptions import CORRUPTIONS, FOCUS, Draft, Look, as_text
from servicelift.core.config.business import Config, load_config
from servicelift.core.contract import CONTRACT

AT_ONCE = 2

_DAY = dt.datetime(2023, 1, 5)
MORE: dict[str, list[dict[str, Any]]] = {
    "referrals": [{"referrer_id": n, "referred_id": n + 1, "referred_at": _DAY} for n in range(4)],
    "agents": [{"agent_id": n, "team": "north", "trained_at": _DAY} for n in range(3)],
    "initiatives": [
        {
            "initiative": f"i{n}",
            "name": "n",
            "when": "w",
            "then": "t",
            "started_on": _DAY.date(),
            "ended_on": _DAY.date(),
        }
        for n in range(2)
    ],
    "initiative_costs": [
        {"initiative": "i1", "item": item, "amount": Decimal("12.50"), "incurred_on": _DAY.date()}
        for item in ("salaries", "tools")
    ],
    "prospects": [
        {
            "prospect_id": n,
            "created_at": _DAY,
            "converted_customer_id": n if n < 3 else None,
            "converted_at": _DAY if n < 3 else None,
            "cost": Decimal("3.50"),
        }
        for n in range(5)
    ],
    "reviews": [
        {"review_id": n, "customer_id": n, "platform": "maps", "posted_at": _DAY, "rating": 4.5, "asked": n > 1}
        for n in range(4)
    ],
    "agent_surveys": [
        {"team": team, "month": _DAY.date(), "engagement": 7.5, "respondents": 9} for team in ("north", "south")
    ],
    "interactions": [{"customer_id": n, "at": _DAY, "kind": "bot", "solved": n > 1} for n in range(4)],
}
"""Tables that no feature needs, but that are read and checked."""


@dataclass(frozen=True)
class Case:
    """A corrupted world: what was done, to which tables, and how it comes in."""

    draft: Draft
    names: tuple[str, ...]
    tables: tuple[str, ...]
    worlds: ModuleType

    @property
    def route(self) -> str:
        return self.draft.route

    def settings(self, sources: dict[str, Any]) -> dict[str, Any]:
        return {**self.draft.config, "tables": sources}

    def frames(self) -> dict[str, pd.DataFrame]:
        return {table: self._frame(table) for table in self.draft.raw}

    def _frame(self, table: str) -> pd.DataFrame:
        looks = [*self.draft.raw[table].items(), *self.draft.doubled.get(table, [])]
        frame = pd.concat([_series(look) for _, look in looks], axis=1) if looks else pd.DataFrame()
        frame.columns = pd.Index([name for name, _ in looks], dtype=object)
        return self.draft.frames.get(table, lambda same: same)(frame)

    def files(self, folder: Path) -> Config:
        """Write the tables and a YAML, each table in its format, and load the config."""
        folder.mkdir(parents=True, exist_ok=True)
        sources = {}
        for table in self.draft.raw:
            form = self.draft.formats[table]
            zipped = form == "csv" and any(name == "gz" for name in self.names) and table in self.draft.damage
            file = folder / f"{table}.{form}{'.gz' if zipped else ''}"
            (self._parquet if form == "parquet" else self._csv)(table, file)
            data = self.draft.damage.get(table, lambda same: same)(file.read_bytes())
            file.unlink() if data is None else file.write_bytes(data)
            options = self.draft.options.get(table)
            sources[table] = {"csv": file.name, **options} if options else file.name
        path = folder / "business.yaml"
        path.write_text(yaml.safe_dump(self.settings(sources)), encoding="utf-8")
        return load_config(path)

    def _looks(self, table: str) -> list[tuple[str, Look]]:
        return [*self.draft.raw[table].items(), *self.draft.doubled.get(table, [])]

    def _parquet(self, table: str, file: Path) -> None:
        looks = self._looks(table)
        arrays = [pa.array(look.values, look.type) for _, look in looks]
        pq.write_table(pa.Table.from_arrays(arrays, names=[name for name, _ in looks]), file)

    def _csv(self, table: str, file: Path) -> None:
        looks = self._looks(table)
        options = self.draft.options.get(table, {})
        with file.open("w", encoding=options.get("encoding", "utf-8"), newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n", delimiter=options.get("delimiter", ","))
            writer.writerow([name for name, _ in looks])
            rows = zip(*([as_text(v) or "" for v in look.values] for _, look in looks), strict=True)
            writer.writerows(rows)

    def meaning(self, config: Config) -> Any:
        """The world that the tables mean: identifiers as they come in, strangers left out."""
        seen = {table: found for table, found in self.draft.rows.items() if table not in MORE}
        own = {t: CONTRACT[t].key[0] for t in seen if CONTRACT[t].key[0] != "customer_id"}
        rows = {}
        for table, found in seen.items():
            kept = [row for n, row in enumerate(found) if n not in self.draft.dropped.get(table, ())]
            rows[table] = [row | {"customer_id": self._who(row["customer_id"])} for row in kept]
            if table in own and self.draft.formats.get(table) == "csv":
                names = (own[table], "previous_subscription_id")
                texts = [{c: as_text(row[c]) for c in names if c in row} for row in rows[table]]
                rows[table] = [row | text for row, text in zip(rows[table], texts, strict=True)]
        return self.worlds.World(rows, frozenset(self.draft.missing), config=config)

    def _who(self, customer: Any) -> Any:
        return as_text(customer) if self.draft.formats.get("customers") == "csv" else customer

    def spine(self) -> pd.DataFrame:
        who = [self._who(row["customer_id"]) for row in self.draft.rows["customers"]]
        pairs = [(customer, as_of) for as_of in self.worlds.AS_OFS[1:] for customer in who]
        spine = pd.DataFrame(pairs, columns=["customer_id", "as_of"])
        return spine.assign(as_of=spine["as_of"].astype("datetime64[us]"))


def _series(look: Look) -> pd.Series:
    if look.type is None:
        return pd.Series(look.values, dtype=object)
    if pa.types.is_dictionary(look.type):
        return pd.Series(look.values, dtype=object).astype("category")
    return pa.array(look.values, look.type).to_pandas().rename(None)


def draw(seed: int, worlds: ModuleType) -> Case:
    """Draw a world's tables, how they come in, and two corruptions that apply."""
    rng = random.Random(seed)
    world = worlds.world_of(seed % 7)
    focus = rng.choice([*FOCUS * 2, *MORE])
    tables = ["customers", focus, *([] if focus in ("subscriptions", "payments") else ["payments"])]
    tables = list(dict.fromkeys(tables))
    raw = {t: _looks(pa.Table.from_pylist(MORE[t]) if t in MORE else world.arrow(t)) for t in tables}
    rows = {t: _rows(raw[t], len(MORE.get(t, world.rows.get(t)))) for t in tables}
    route = rng.choice(["frames", "parquet", "csv"])
    formats = {} if route == "frames" else {t: route if t == focus else rng.choice(["parquet", "csv"]) for t in tables}
    draft = Draft(rows, raw, route, rng, formats=formats)
    done = []
    while len(done) < AT_ONCE:
        corruption = rng.choice([c for c in CORRUPTIONS if route in c.routes])
        if focus in draft.raw and corruption.apply(draft, focus):
            done.append(corruption.name)
        elif focus not in draft.raw:
            done.append("-")
    return Case(draft, tuple(done), (focus, *(["customers"] if "customers" in draft.rows else [])), worlds)


def _rows(looks: dict[str, Look], size: int) -> list[dict[str, Any]]:
    """What the cells mean: days are their first midnight to the oracle."""
    columns = {c: [_midnight(value) for value in look.values] for c, look in looks.items()}
    return [{c: values[n] for c, values in columns.items()} for n in range(size)]


def _midnight(value: Any) -> Any:
    day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return dt.datetime.combine(value, dt.time()) if day else value


def _looks(table: pa.Table) -> dict[str, Look]:
    """The columns of a table; those without any value are left out, as a business would."""
    names = [name for name in table.column_names if table[name].null_count < len(table)]
    money = pa.decimal128(18, 4)
    types = {name: money if pa.types.is_decimal(table[name].type) else table[name].type for name in names}
    return {name: Look(table[name].to_pylist(), types[name]) for name in names}
