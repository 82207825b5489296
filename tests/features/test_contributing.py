"""The worked example of CONTRIBUTING.md runs as it stands there."""

import re
from pathlib import Path
from typing import Any

from servicelift.features import catalogue, contacts
from servicelift.features.declare import Form, Group, within

GUIDE = Path(__file__).parents[2] / "CONTRIBUTING.md"


def test_the_example_feature_passes_its_example_test(features_at, monkeypatch):
    feature, oracle, test = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    group = Group("contacts", contacts.CONTACTS.rows)
    exec(feature, {"CONTACTS": group, "Form": Form, "within": within, "Any": Any})
    monkeypatch.setattr(catalogue, "GROUPS", (*catalogue.GROUPS, group))
    names: dict[str, Any] = {}
    exec(test, names)
    names["test_agentless_contacts_name_no_agent"](features_at)

    out: dict[str, int] = {}
    exec(oracle, {"out": out, "w": 30, "recent": [{"agent_id": 7}, {"agent_id": None}, {}]})
    assert out == {"agentless_contacts_30d": 2}


def test_the_example_names_what_is_there():
    text = GUIDE.read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:core|features|tests|docs)/[\w/.]+\.\w+)`", text))
    assert len(paths) >= 5
    assert [path for path in paths if not (GUIDE.parent / path).is_file()] == []
