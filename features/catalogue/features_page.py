"""The documentation page of the features, written from their declarations.

Run ``python -m servicelift.features.catalogue.features_page docs/features.md`` to write it, without a path to print it.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from .catalogue import GROUPS
from .declare import Declaration, Form, Group

__all__ = ["features_page", "main"]

_INTRO = """\
# The features

One row for each (customer_id, as_of) of a spine, from what was known strictly before `as_of`. This page is written
from the declarations in `features/`; [CONTRIBUTING](../CONTRIBUTING.md) shows how to add one.

- `<W>` is a window in days, one of the config's `features: {windows_days: [30, 90, 365]}`: events in
  [as_of - W days, as_of). Without it, all history counts, or the state at `as_of`.
- `<action>` is each action under `incremental: actions:`, `<metric>` one of csat, nps and ces, `<kind>` one of page,
  bot and app, `<column>` each column under `static:`; `<channel>` and `<reason>` are those listed under
  `features: {channels: [...], reasons: [...]}`.
- Counts and sums are 0 where nothing happened; other numbers and texts are null where there is nothing to tell. What
  needs a column that a business does not bring is absent, never zero.
- Ages are exact to the microsecond and shown in days of 24 hours; calendar days and months are those of the
  config's `timezone`. Money is summed exactly, means are exact sums over counts (scores and
  handling times to a thousandth).
- Events count where they happened and from when on they were known: a payment recorded late is missing before.
"""

_EMPTY = {Form.COUNT: "0", Form.SUM: "0", Form.VALUE: "null", Form.TEXT: "null", Form.STATIC: "null"}


def features_page() -> str:
    """Return the page as Markdown."""
    groups = itertools.groupby(GROUPS, key=lambda group: group.name)
    return "\n".join([_INTRO, *(_section(name, list(found)) for name, found in groups)])


def _section(name: str, groups: Sequence[Group]) -> str:
    """Return the table of the groups that share a name."""
    head = ["| feature | meaning | unit | if nothing | known | needs |", "|---|---|---|---|---|---|"]
    lines = [_line(declaration, group.condition) for group in groups for declaration in group.declarations]
    return "\n".join([f"## {name}", "", *head, *lines, ""])


def _line(declaration: Declaration, condition: str) -> str:
    """Return one declaration's line."""
    needs = [f"`{_placed(source)}`" for source in declaration.sources]
    cells = (
        ", ".join(f"`{name}`" for name in _names(declaration)),
        re.sub(r"\{(\w+)\}", r"*\1*", declaration.meaning),
        declaration.unit,
        _EMPTY[declaration.form],
        declaration.known,
        ", ".join([*needs, condition] if condition else needs),
    )
    return f"| {' | '.join(cells)} |"


def _names(declaration: Declaration) -> list[str]:
    """Return the names of a declaration, one a fixed window; ``<W>`` stands for the config's."""
    name = _placed(declaration.name)
    if declaration.windows is True:
        return [f"{name}_<W>d"]
    return [f"{name}_{days}d" for days in declaration.windows or ()] or [name]


def _placed(text: str) -> str:
    """Return a template with its braces as angle brackets."""
    return text.replace("{", "<").replace("}", ">")


def main(arguments: Sequence[str]) -> None:
    """Write the page to the path given, or to stdout."""
    if arguments:
        Path(arguments[0]).write_text(features_page(), encoding="utf-8")
    else:
        sys.stdout.write(features_page())


if __name__ == "__main__":
    main(sys.argv[1:])
