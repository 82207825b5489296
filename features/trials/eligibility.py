"""Who could get an action at an instant: the common rule and the config's own condition, from what was known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import ibis
import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.config.business import ActionConfig
from ...core.contract_state import LAPSED, RUNNING
from ...core.errors import ConfigError, DataError, did_you_mean
from ..catalogue.catalogue import build_features, feature_names
from ..catalogue.declare import Form
from ..expressions import Rows
from ..tables.tables import Tables
from ..timeline.contract_state import contract_state
from ..timeline.known import KNOWN_AT, known_rows
from ..timeline.look_ahead import ROW, asked, is_treated
from ..timeline.spine import is_contractual

__all__ = ["Condition", "action_config", "eligible", "eligible_for_each", "in_cool_down", "present", "reachable"]

_EXAMPLES: dict[Form, list[float] | list[int] | list[str]] = {
    Form.COUNT: [1, 2],
    Form.SUM: [1.0, 2.5],
    Form.VALUE: [1.0, 2.5],
    Form.TEXT: ["a", "b"],
}
_UNJUDGED = (
    TypeError,
    ValueError,
    AttributeError,
    NotImplementedError,
    KeyError,
    SyntaxError,
    NameError,
    ArithmeticError,
)
_ASKS_MISSING = ("isna", "notna", "isnull", "notnull")
_ALLOWED = (
    ast.Expression,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.Invert,
    ast.USub,
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.BitAnd,
    ast.BitOr,
    ast.Compare,
    ast.cmpop,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.List,
    ast.Tuple,
)


def eligible(tables: Tables, spine: pd.DataFrame, action: str, features: pd.DataFrame | None = None) -> pd.Series:
    """Return who could get ``action`` at ``as_of``, judged by what was known strictly before.

    Eligible is who is in the action's ``state`` (runs with no cancellation pending; lapsed: had a subscription, and
    none runs; without contracts: has signed up), is contactable, was treated with no action during the cool-down
    before ``as_of``, and meets the config's ``eligible`` condition. A feature that is missing does not meet a
    condition, unless the condition asks for it by ``name.isna()`` or ``name.notna()``.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        Frame with customer_id and as_of, n rows.
    action
        One of the config's actions.
    features
        Features of the same rows, where they are at hand; what the condition needs is built otherwise.

    Returns
    -------
    pd.Series
        bool, index of ``spine``.

    Raises
    ------
    ConfigError
        The action is unknown, its condition is no condition on features that these tables give, or it is for lapsed
        customers and there are no subscriptions.
    DataError
        ``features`` has another number of rows than ``spine``.
    """
    return eligible_for_each(tables, spine, [action], features)[action]


def eligible_for_each(
    tables: Tables, spine: pd.DataFrame, actions: Sequence[str], features: pd.DataFrame | None = None
) -> dict[str, pd.Series]:
    """Return :func:`eligible` for each of several actions; what they have in common is asked once."""
    if features is not None and len(features) != len(spine):
        raise DataError(f"features: expected the spine's {len(spine)} rows, got {len(features)}; build them for it")
    common = cache(partial(_common_rule, tables, spine))
    found = {}
    for action in actions:
        terms = action_config(tables, action)
        condition = Condition(f"incremental.actions.{action}.eligible", terms.eligible)
        fits = condition.narrowed(tables, spine, partial(_copied, common, terms.state), features)
        found[action] = pd.Series(fits, index=spine.index, name="eligible")
    return found


@dataclass(frozen=True)
class Condition:
    """A condition on features; ``where`` is its key in the configuration, ``text`` None for no condition."""

    where: str
    text: str | None

    def check(self, forms: Mapping[str, Form]) -> None:
        """Stop at a condition that could not be judged on features of these forms; no row is read.

        Parameters
        ----------
        forms
            What the column of each possible feature holds, by its name.

        Raises
        ------
        ConfigError
            It does not parse, names no such feature, compares what cannot be compared, or is neither true nor false.
        """
        used, asked = _names(self.where, self.text)
        for name in used:
            if name not in forms:
                raise ConfigError(f"{self.where}: unknown feature '{name}'{did_you_mean(name, forms)}")
        if self.text is not None and Form.STATIC not in {forms[name] for name in used}:
            _meets(self.where, self.text, pd.DataFrame({name: _EXAMPLES[forms[name]] for name in used}), asked)

    def names(self) -> list[str]:
        """Return the features that the condition uses, in alphabetical order; errors as for :meth:`check`."""
        return _names(self.where, self.text)[0]

    def narrowed(
        self, tables: Tables, spine: pd.DataFrame, rule: Callable[[], Bools], features: pd.DataFrame | None = None
    ) -> Bools:
        """Return which rows of ``rule`` meet the condition as well, (n,); errors as for :func:`eligible`."""
        used, asked = _names(self.where, self.text)
        given = features is not None and set(used) <= set(features.columns)
        if not given:
            _check_names(tables, self.where, used)
        fits = rule()
        if self.text is not None and fits.any():
            rows = np.flatnonzero(fits)
            known = (
                features[used].iloc[rows]
                if features is not None and given
                else build_features(tables, spine.iloc[rows], used)
            )
            fits[rows] = _meets(self.where, self.text, known, asked)
        return fits


def action_config(tables: Tables, action: str) -> ActionConfig:
    """Return the config of ``action``.

    Raises
    ------
    ConfigError
        The config has no such action.
    """
    actions = tables.config.incremental.actions
    if action not in actions:
        if not actions:
            raise ConfigError(f"no action is configured, got '{action}'; write it under incremental: actions:")
        raise ConfigError(
            f"incremental.actions: expected one of {', '.join(actions)}, got '{action}'{did_you_mean(action, actions)}"
        )
    return actions[action]


def _copied(rule: Callable[[str], Bools], state: str) -> Bools:
    return rule(state).copy()


def _common_rule(tables: Tables, spine: pd.DataFrame, state: str) -> Bools:
    """Return who is in ``state``, contactable and outside the cool-down, (n,)."""
    there, known = _there(tables, spine, state)
    return np.asarray(there & known["reachable"].fillna(False).to_numpy(dtype=bool) & ~in_cool_down(tables, spine))


def present(tables: Tables, spine: pd.DataFrame, state: str = RUNNING) -> Bools:
    """Return who is in ``state`` at ``as_of`` as known then, (n,).

    ``running``: runs with nothing pending (without contracts: has signed up); ``lapsed``: had a subscription, and none
    runs.
    """
    return _there(tables, spine, state)[0].copy()


def reachable(tables: Tables, spine: pd.DataFrame) -> Bools:
    """Return who may be contacted, as the table of customers says now, (n,); arguments as for :func:`present`."""
    found = asked(tables, spine, "reachable", partial(_reachable, tables))
    return found["reachable"].fillna(False).to_numpy(dtype=bool)


def _there(tables: Tables, spine: pd.DataFrame, wanted: str) -> tuple[Bools, pd.DataFrame]:
    """Return who is present, (n,), and what is known of each: ``reachable`` and ``signed_up``."""
    found = asked(tables, spine, "reachable", partial(_reachable, tables))
    if is_contractual(tables):
        state = contract_state(tables, spine)
        if wanted == LAPSED:
            return (~state["running"] & state["months_since_end"].notna()).to_numpy(), found
        return (state["running"] & ~state["cancel_pending"]).to_numpy(), found
    if wanted == LAPSED:
        raise ConfigError(
            "state: lapsed customers are those whose subscription ended, and no line of this business is contractual;"
            " leave it out, or bring the table subscriptions"
        )
    return found["signed_up"].fillna(False).to_numpy(dtype=bool), found


def _reachable(tables: Tables, rows: Rows) -> Rows:
    """Return of each row whether its customer may be contacted and has signed up."""
    customers = known_rows(tables, "customers")
    reachable: ibis.Value = ibis.literal(True)
    if tables.has("customers", "contactable"):
        reachable = customers.contactable.fill_null(True)
    customers = customers.select(KNOWN_AT, known_customer="customer_id", reachable=reachable)
    met = rows.inner_join(customers, [rows.customer_id == customers.known_customer])
    return met.select(ROW, "reachable", signed_up=met[KNOWN_AT] < met.as_of)


def in_cool_down(tables: Tables, spine: pd.DataFrame) -> Bools:
    """Return who got any action in the cool-down before ``as_of``, (n,); arguments as for :func:`present`."""
    days = tables.config.incremental.cool_down_days
    if days == 0 or not tables.has("actions"):
        return np.zeros(len(spine), dtype=bool)
    found = asked(tables, spine, "cool-down", partial(_treated_lately, tables, days))
    return np.asarray(found["treated"].notna())


def _treated_lately(tables: Tables, days: int, rows: Rows) -> Rows:
    """Return the rows with a treatment in the ``days`` before, by any action, and how many."""
    acts = known_rows(tables, "actions")
    acts = acts.filter(is_treated(acts)).select(KNOWN_AT, "decided_at", acting="customer_id")
    met = rows.inner_join(
        acts,
        [
            rows.customer_id == acts.acting,
            acts[KNOWN_AT] < rows.as_of,
            acts.decided_at >= rows.as_of - ibis.interval(days=days),
        ],
    )
    return met.group_by(ROW).aggregate(treated=met.count())


def _names(where: str, condition: str | None) -> tuple[list[str], set[str]]:
    """Return the features a condition uses, and those it asks whether they are missing.

    Raises
    ------
    ConfigError
        It does not parse, holds more than comparisons of features, or uses no feature.
    """
    if condition is None:
        return [], set()
    try:
        tree = ast.parse(condition.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused(where, condition, "does not parse") from error
    asked: set[str] = set()
    inside: set[int] = set()
    for node in ast.walk(tree):
        name = _asks_missing(node)
        if name is not None:
            asked.add(name)
            inside |= {id(node), id(node.func)}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED) and id(node) not in inside:
            raise _refused(where, condition, f"holds {type(node).__name__}")
    used = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    if not used:
        raise _refused(where, condition, "uses no feature")
    return used, asked


def _asks_missing(node: ast.AST) -> str | None:
    """Return x for a call of x.isna() and its like."""
    if not isinstance(node, ast.Call) or node.args or node.keywords or not isinstance(node.func, ast.Attribute):
        return None
    owner = node.func.value
    return owner.id if isinstance(owner, ast.Name) and node.func.attr in _ASKS_MISSING else None


def _check_names(tables: Tables, where: str, used: list[str]) -> None:
    available = feature_names(tables)
    for name in used:
        if name not in available:
            raise ConfigError(f"{where}: these tables give no feature '{name}'{did_you_mean(name, available)}")


def _meets(where: str, condition: str, known: pd.DataFrame, asked: set[str]) -> Bools:
    """Return which rows meet the condition; missing features that it does not ask for never do."""
    table = known.reset_index(drop=True)
    needed = [name for name in table.columns if name not in asked]
    whole = table[needed].notna().all(axis=1).to_numpy()
    meets = np.zeros(len(table), dtype=bool)
    if not whole.any():
        return meets
    try:
        result = table[whole].eval(condition.strip(), engine="python", local_dict={}, global_dict={})
    except _UNJUDGED as error:
        raise _refused(where, condition, f"cannot be judged ({error})") from error
    if not isinstance(result, pd.Series) or not pd.api.types.is_bool_dtype(result):
        raise _refused(where, condition, "is neither true nor false")
    meets[whole] = result
    return meets


def _refused(where: str, condition: str, reason: str) -> ConfigError:
    return ConfigError(
        f"{where}: expected a condition on features such as method != 'iban', got {condition!r}, which {reason}"
    )
