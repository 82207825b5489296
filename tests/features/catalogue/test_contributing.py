"""The worked example of CONTRIBUTING.md runs as it stands there."""

import re
from pathlib import Path
from typing import Any

from servicelift.core.config.business import Config
from servicelift.features.catalogue import catalogue
from servicelift.features.catalogue.declare import Form, Group, within
from servicelift.features.catalogue.groups import contacts
from servicelift.features.phrases.phrase import Phrase, Words
from servicelift.features.phrases.say import PHRASES, say

GUIDE = Path(__file__).parents[3] / "CONTRIBUTING.md"


def test_the_example_feature_passes_its_example_test(features_at, monkeypatch):
    feature, oracle, test, words = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    group = Group("contacts", contacts.CONTACTS.rows)
    exec(feature, {"CONTACTS": group, "Form": Form, "within": within, "Any": Any})
    monkeypatch.setattr(catalogue, "GROUPS", (*catalogue.GROUPS, group))
    names: dict[str, Any] = {}
    exec(test, names)
    names["test_agentless_contacts_name_no_agent"](features_at)

    phrases: dict[str, Phrase] = {}
    exec(words, {"SERVICE_PHRASES": phrases, "Phrase": Phrase, "Words": Words})
    monkeypatch.setitem(PHRASES, "agentless_contacts", phrases["agentless_contacts"])
    info = next(d for d in group.declarations).expand(Config(tables={"customers": "c", "payments": "p"}))
    said = say(next(info).info, 2, language="fr", currency="EUR", names={})
    assert said == "2 contacts sans conseiller en 30 jours"

    out: dict[str, int] = {}
    exec(oracle, {"out": out, "w": 30, "recent": [{"agent_id": 7}, {"agent_id": None}, {}]})
    assert out == {"agentless_contacts_30d": 2}


def test_the_example_names_what_is_there():
    text = GUIDE.read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:core|features|tests|docs)/[\w/.]+\.\w+)`", text))
    assert len(paths) >= 5
    assert [path for path in paths if not (GUIDE.parent / path).is_file()] == []
