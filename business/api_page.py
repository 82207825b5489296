"""The page of the public names, from their docstrings: ``python -m servicelift.business.api_page docs/api.md``."""

from __future__ import annotations

import inspect
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["api_page", "main"]

_HEAD = """# The public names

Made from the docstrings by `python -m servicelift.business.api_page docs/api.md`; every example runs in the tests.
In them `sl` is the package, `b` a business that was opened, `config` its configuration and `folder` a place to write.
"""


def api_page() -> str:
    """Return the page as Markdown: each public name with its signature, what it does, and its example."""
    package = import_module("..", __package__)
    names = {name: getattr(package, name) for name in package.__all__}
    parts = [_HEAD, "## `sl`\n", *(_entry(f"sl.{n}", o) for n, o in names.items() if not inspect.ismodule(o))]
    parts += ["## `Business`: what `sl.open` returns\n", *(_entry(f"b.{n}", m) for n, m in _methods(names["Business"]))]
    for name, thing in names.items():
        if inspect.ismodule(thing):
            parts += [f"## `sl.{name}`\n", f"{_prose(thing)}\n", *_entries(f"sl.{name}", thing)]
    return "\n".join(parts)


def _entries(place: str, module: ModuleType) -> Iterator[str]:
    return (_entry(f"{place}.{name}", getattr(module, name)) for name in module.__all__)


def _methods(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods of a class in the order in which a reader needs them: that of their definition."""
    for base in reversed(kind.__mro__):
        yield from ((n, m) for n, m in vars(base).items() if inspect.isfunction(m) and not n.startswith("_"))


def _entry(name: str, thing: Any) -> str:
    """Return one name: signature, first paragraph, example."""
    example = _example(thing)
    return (
        f"### `{name}`\n\n```python\n{_signature(name, thing)}\n```\n\n{_prose(thing)}\n\n```python\n{example}\n```\n"
    )


def _signature(name: str, thing: Any) -> str:
    """Return how a name is called; parameters without types, one a line where they are many."""
    if inspect.isclass(thing) and issubclass(thing, BaseException):
        return f"{name}(message)"
    found = [p for p in inspect.signature(thing).parameters.values() if p.name != "self"]
    shown = [_parameter(each) for each in found]
    star = next((i for i, p in enumerate(found) if p.kind is p.KEYWORD_ONLY), None)
    if star is not None and not any(p.kind is p.VAR_POSITIONAL for p in found):
        shown.insert(star, "*")
    line = f"{name}({', '.join(shown)})"
    return line if len(line) <= 100 else f"{name}(\n    " + ",\n    ".join(shown) + ",\n)"


def _parameter(parameter: inspect.Parameter) -> str:
    """Return a parameter with its default; a function by its name, for its address is another in every process."""
    default = parameter.default
    text = str(parameter.replace(annotation=inspect.Parameter.empty, default=inspect.Parameter.empty))
    if default is inspect.Parameter.empty:
        return text
    if isinstance(default, str):
        return f'{text}="{default}"'
    return f"{text}={default.__name__ if callable(default) else repr(default)}"


def _prose(thing: Any) -> str:
    """Return the first paragraph of a docstring as one line a sentence group, roles as code."""
    first = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return first.replace("``", "`").replace(":class:", "").replace(":func:", "").replace(":meth:", "")


def _example(thing: Any) -> str:
    """Return the lines of the Examples section."""
    lines = (inspect.getdoc(thing) or "").splitlines()
    start = lines.index("Examples") + 2
    end = next((i - 1 for i in range(start, len(lines)) if set(lines[i]) == {"-"}), len(lines))
    return "\n".join(lines[start:end]).strip()


def main() -> None:
    """Write the page to the file named on the command line."""
    parser = ArgumentParser(description="Write the page of the public names.")
    parser.add_argument("page", type=Path, help="Markdown file to write.")
    parser.parse_args().page.write_text(api_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
