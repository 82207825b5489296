"""The documentation page of the configuration, written from its models.

Run ``python -m servicelift.core.config.configuration_page docs/configuration.md`` to write it, without a path to
print it.
"""

from __future__ import annotations

import datetime as dt
import inspect
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from .business import Config
from .section import Section, Unit

__all__ = ["Key", "configuration_page", "keys", "main"]

_INTRO = """\
# The configuration

One YAML file says everything that is particular to a business. This page is written from the models in `core/config/`,
which also check the file: a wrong key, value or name ends every command in one line with exit code 2, before any work.

- Only `tables` is needed. Every other key has the default that stands here.
- Paths start at the YAML's folder. `${NAME}` in any value stands for an environment variable.
- Names of features in `eligible`, `monotone`, `segments` and `allow` are those of [the catalogue](features.md).
- Words such as *follow-up*, *cross-fit* and *holdout* stand in the [glossary](glossary.md).

```yaml
business: press
data_until: 2024-06-30
tables:
  customers: customers.parquet
  subscriptions: subscriptions.parquet
value: {margin_rate: 0.35, horizon_months: 36}
incremental:
  actions:
    iban_switch: {cost: 2.5, assignment: chosen, eligible: "method != 'iban'"}
```
"""

_PLAIN: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    dt.date: "day",
    type(None): "null",
}
_BOUNDS = (("ge", "from {}"), ("gt", "above {}"), ("le", "to {}"), ("lt", "below {}"))
_HIDDEN = ("folder",)
_FAR = 10**9
"""A bound so far off keeps nonsense out, and tells a reader nothing."""


@dataclass(frozen=True)
class Key:
    """One line of the page; ``section`` is the key it stands below, "" at the top."""

    section: str
    name: str
    kind: str
    default: str
    unit: str
    meaning: str


def configuration_page() -> str:
    """Return the page as Markdown."""
    sections = list(_sections(Config, ""))
    return "\n".join([_INTRO, *(_part(section) for section in sections)])


def keys() -> Iterator[Key]:
    """Yield every key of the configuration."""
    for section in _sections(Config, ""):
        yield from section.entries


@dataclass(frozen=True)
class _Part:
    """One table of the page: its place in the YAML, what it is, and its keys."""

    place: str
    meaning: str
    entries: tuple[Key, ...]


def _sections(model: type[BaseModel], place: str, inherited: Sequence[str] = ()) -> Iterator[_Part]:
    """Yield the table of a model, without the fields ``inherited``, then those of the models below it."""
    fields = {n: f for n, f in model.model_fields.items() if n not in (*_HIDDEN, *inherited)}
    yield _Part(place, _in_one_line(model), tuple(_key(name, field, place) for name, field in fields.items()))
    for name, field in fields.items():
        below, models = _below(name, field, place), _models(field.annotation)
        shared = [n for n in models[0].model_fields if all(n in m.model_fields for m in models)] if models[1:] else []
        if shared:
            base = next(parent for parent in models[0].__mro__ if list(getattr(parent, "model_fields", ())) == shared)
            yield from _sections(base, below)
        for inner in models:
            own = next(n for n in inner.model_fields if n not in shared)
            yield from _sections(inner, f"{below}: {{{own}: ...}}" if shared else below, shared)


def _below(name: str, field: FieldInfo, place: str) -> str:
    """Return the place of what lies below a key."""
    written = f"{place}.{field.alias or name}".lstrip(".")
    return f"{written}.NAME" if get_origin(field.annotation) is dict else written


def _key(name: str, field: FieldInfo, place: str) -> Key:
    models = _models(field.annotation)
    meaning = " ".join((field.description or "").split()) or (_in_one_line(models[0]) if models else "")
    kind = _kind(field, _below(name, field, place))
    return Key(place, field.alias or name, kind, _default(field), _unit(field), meaning)


def _in_one_line(model: type[BaseModel]) -> str:
    return " ".join((inspect.getdoc(model) or "").replace("``", "`").split())


def _part(part: _Part) -> str:
    """Return one section's table."""
    title = f"## `{part.place}`" if part.place else "## At the top"
    lines = [
        f"| `{k.name}` | {_cell(k.kind)} | {_cell(k.default)} | {_cell(k.unit)} | {_cell(k.meaning)} |"
        for k in part.entries
    ]
    head = [title, "", *([part.meaning, ""] if part.place else [])]
    return "\n".join([*head, "| key | value | default | unit | meaning |", "|---|---|---|---|---|", *lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _unit(field: FieldInfo) -> str:
    units = [part.name for part in _metadata(field) if isinstance(part, Unit)]
    return units[0] if units else ""


def _metadata(field: FieldInfo) -> list[Any]:
    """Return what is annotated to a field's type, or to what it holds."""
    return [*field.metadata, *_inner_metadata(field.annotation)]


def _inner_metadata(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Annotated:
        for part in kind.__metadata__:
            yield from part.metadata if isinstance(part, FieldInfo) else [part]
    for inner in get_args(kind):
        if not isinstance(inner, str | int | float):
            yield from _inner_metadata(inner)


def _models(kind: Any) -> list[type[BaseModel]]:
    """Return the sections that a type holds."""
    if isinstance(kind, type) and issubclass(kind, Section):
        return [kind]
    return [model for inner in get_args(kind) for model in _models(inner)]


def _kind(field: FieldInfo, below: str) -> str:
    """Return what a value is, with the bounds of a number; ``below`` is the place of the keys it holds."""
    if _models(field.annotation):
        return f"a name, then keys: see `{below}`" if below.endswith(".NAME") else f"keys: see `{below}`"
    bounds = [words.format(_number(value)) for name, words in _BOUNDS if (value := _bound(field, name)) is not None]
    parts = [_words(kind) for kind in _choices(field.annotation)]
    return " or ".join([" ".join([parts[0], *bounds]), *parts[1:]])


def _choices(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _bound(field: FieldInfo, name: str) -> Any:
    found = [getattr(part, name) for part in _metadata(field) if getattr(part, name, None) is not None]
    return found[0] if found and found[0] < _FAR else None


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if value < 1e6 else f"{value:,.0f}"


def _words(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _words(inner[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(_words(part) for part in inner)
    if origin is tuple:
        return f"list of {_words(inner[0])}" if inner[-1] is Ellipsis else f"[{', '.join(map(_words, inner))}]"
    if origin is dict:
        return f"name: {_words(inner[1])}"
    return _PLAIN[kind]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or isinstance(value, BaseModel) or _models(field.annotation):
        return ""
    return f"`{_yaml(value)}`"


def _yaml(value: Any) -> str:
    """Return a default as it would stand in the YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_yaml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, float):
        return f"{value:g}"
    return f"'{value}'" if value in (".", ",") else str(value)


def main(arguments: Sequence[str]) -> None:
    """Write the page to the path given, or to stdout."""
    if arguments:
        Path(arguments[0]).write_text(configuration_page(), encoding="utf-8")
    else:
        sys.stdout.write(configuration_page())


if __name__ == "__main__":
    main(sys.argv[1:])
