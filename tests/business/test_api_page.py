"""The page of the public names is what the docstrings say, and no public name is missing."""

from __future__ import annotations

import inspect
from pathlib import Path

import servicelift as sl
from servicelift.business.api_page import api_page
from servicelift.business.business import Business

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def test_the_page_is_made_from_the_docstrings():
    written = PAGE.read_text(encoding="utf-8")
    assert written == api_page(), "run python -m servicelift.business.api_page docs/api.md"


def test_every_public_name_stands_on_the_page():
    headings = {line.removeprefix("### ") for line in PAGE.read_text(encoding="utf-8").splitlines() if "### " in line}
    for name in sl.__all__:
        thing = getattr(sl, name)
        wanted = [f"sl.{name}.{n}" for n in thing.__all__] if inspect.ismodule(thing) else [f"sl.{name}"]
        assert {f"`{each}`" for each in wanted} <= headings
    methods = [name for name, _ in inspect.getmembers(Business, inspect.isfunction) if not name.startswith("_")]
    assert {f"`b.{name}`" for name in methods} <= headings
