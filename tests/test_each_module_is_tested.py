"""Each module has a test file of its name, is imported by a test, or stands here with the tests that hold it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = tuple(folder.parent.name for folder in ROOT.glob("*/__init__.py") if folder.parent.name != "configs")
MODULES = sorted(
    file.relative_to(ROOT)
    for file in (*ROOT.glob("*.py"), *(file for room in ROOMS for file in (ROOT / room).rglob("*.py")))
    if file.name != "__init__.py"
)
TESTS = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("*.py"))

HELD_BY = {
    # Public names whose examples run.
    "test_examples.py": (
        "business/consoled.py",
        "business/counted.py",
        "churn.py",
        "clv.py",
        "effects.py",
        "targeting.py",
    ),
    # A run is written through the tracker, and read back.
    "test_tracking.py": ("mlflow_run.py",),
    # Types only: mypy holds them.
    "test_house.py": ("core/arrays.py",),
    # The contract as a whole: laws of all its tables.
    "core/test_contract.py": ("core/contract_around.py", "core/contract_columns.py"),
    # Parts of the configuration: every key and every fault is tested where the whole is read.
    "core/config/test_business.py": (
        "core/config/faults.py",
        "core/config/incremental.py",
        "core/config/sources.py",
    ),
    # Every feature is held to its oracle on random worlds, and to the law that it sees nothing later.
    "features/timeline/test_time_rule.py": (
        "features/catalogue/groups/payment_method.py",
        "features/timeline/look_ahead.py",
    ),
    # Words: every feature has some, in both languages.
    "features/phrases/test_say.py": (
        "features/phrases/around.py",
        "features/phrases/offers.py",
        "features/phrases/service.py",
        "features/phrases/subscription.py",
    ),
    # Reading, mapping and assembling are one path: each rule is tested on files as a user brings them.
    "features/tables/test_tables.py": (
        "features/contract/mapping.py",
        "features/sources/read.py",
        "features/tables/assemble.py",
    ),
    "features/sources/test_postgres.py": (
        "features/sources/postgres_columns.py",
        "features/sources/postgres_errors.py",
    ),
    "features/tables/test_validate.py": ("features/validation/checks.py", "features/validation/rules.py"),
    "features/tables/test_around_tables.py": (
        "features/validation/row_rule.py",
        "features/validation/rules_around.py",
    ),
    # Columns of several kinds, as sources bring them.
    "features/tables/test_types.py": ("features/validation/static.py",),
    "features/trials/test_contrasts.py": ("features/trials/exposures.py",),
    "features/outcomes/test_landmarks.py": ("features/timeline/spells.py",),
    # One truth in every shape of an export gives equal value and inputs.
    "features/outcomes/test_refund_shapes.py": ("features/timeline/refund_shares.py",),
    # Parts of one estimator, tested against known truths and other implementations through it.
    "models/subscriptions/test_hazard.py": (
        "models/subscriptions/lead_months.py",
        "models/subscriptions/person_months.py",
    ),
    "models/churn/test_competing.py": ("models/fitting/trees.py",),
    # One fit of the CLV job, as a piece of work.
    "training/test_clv.py": ("training/clv_fit.py",),
    # Every command's help, and what commands share.
    "cli/test_help.py": ("cli_console.py", "cli_nights.py", "cli_parts.py"),
    # Commands and their words, run whole on a small world.
    "cli/test_main_job.py": (
        "scoring/statement/programme.py",
        "scoring/statement/roi.py",
        "simulation/compare.py",
        "training/card/model_card.py",
    ),
    # A page is its address: each is asked for in both languages, with and without what it reads.
    "console/test_app.py": (
        "console/pages/customer.py",
        "console/pages/models.py",
        "console/pages/returns.py",
        "console/pages/targets.py",
        "console/pages/today.py",
    ),
    "scoring/experiments/test_plan.py": ("scoring/experiments/words.py",),
    # One experiment from file to files: page and lines are held to its tables, in both languages.
    "scoring/experiments/flat/test_job.py": (
        "scoring/experiments/flat/page.py",
        "scoring/experiments/flat/words.py",
    ),
    # One list from scores to files: its parts are tested where the whole is made.
    "scoring/targets/test_targets.py": (
        "scoring/targets/choose.py",
        "scoring/targets/explained.py",
        "scoring/targets/facts.py",
    ),
    "scoring/statement/test_rows.py": ("scoring/statement/by_month.py",),
    # The phases of one month of the world: laws of its tables and of its truth hold all of them.
    "simulation/test_contract_tables.py": (
        "simulation/billing.py",
        "simulation/billing_log.py",
        "simulation/contacts.py",
        "simulation/other_tables.py",
        "simulation/service_log.py",
        "simulation/tables.py",
    ),
    # Spark's own backend: every feature test runs on Spark too, in `make slow`.
    "features/engines/test_spark.py": ("features/engines/spark_backend.py",),
}
ELSEWHERE = {module: test for test, modules in HELD_BY.items() for module in modules}


def has_a_test(module: Path) -> bool:
    """Whether a test file has its name, or some test imports it."""
    if (ROOT / "tests" / module.with_name(f"test_{module.name}")).is_file():
        return True
    room = re.escape(".".join(("servicelift", *module.parent.parts)))
    direct = rf"{room}\.{module.stem}\b"
    return re.search(rf"(from|import) {direct}|from {room} import [^\n]*\b{module.stem}\b", TESTS) is not None


@pytest.mark.parametrize("module", [module.as_posix() for module in MODULES])
def test_a_module_has_a_test_or_a_reason(module):
    held = module in ELSEWHERE
    assert has_a_test(Path(module)) or held, (
        f"{module}: write tests/{Path(module).parent}/test_{Path(module).name}, or name the test that holds it in"
        " HELD_BY of tests/test_each_module_is_tested.py, with the reason"
    )


def test_the_table_names_what_is_there():
    assert [test for test in HELD_BY if not (ROOT / "tests" / test).is_file()] == []
    assert [module for module in ELSEWHERE if Path(module) not in MODULES] == [], "take modules that are gone out"
