"""The clock of seasons: the pace is found, whatever model the customers have, and time runs by it."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from servicelift.core.errors import DataError
from servicelift.core.seasons import AS_OF_DAY, day_number, in_season
from servicelift.models.purchases.clock import PurchaseClock

SEASONS = {"christmas": ["11-20/12-24"], "summer": ["07-01/08-31"]}
PACE = {"christmas": 3.0, "summer": 0.4}
START, NOW = dt.date(2021, 3, 1), dt.date(2024, 3, 1)


def bought(customers: int, seed: int, *, leave: float = 0.03) -> pd.DataFrame:
    """Return summaries of customers who buy day by day, more in some seasons, and leave after a purchase."""
    rng = np.random.default_rng(seed)
    days = pd.date_range(START, NOW, inclusive="left")
    month_day = days.strftime("%m-%d")
    place = np.where((month_day >= "11-20") & (month_day <= "12-24"), 1, 0)
    place = np.where((month_day >= "07-01") & (month_day <= "08-31"), 2, place)
    pace = np.array([1.0, PACE["christmas"], PACE["summer"]])[place]
    rows = []
    for _ in range(customers):
        rate = rng.gamma(1.2, 1 / 80)
        begin = int(rng.integers(0, 700))
        came = [begin]
        for day in begin + 1 + np.flatnonzero(rng.random(len(days) - begin - 1) < -np.expm1(-rate * pace[begin + 1 :])):
            came.append(int(day))
            if rng.random() < leave:
                break
        others = place[came[1:-1]]
        rows.append(
            {
                "frequency": len(came) - 1.0,
                "recency": float(came[-1] - begin),
                "T": float(len(days) - begin),
                "monetary_value": 5.0,
                AS_OF_DAY: float(day_number(NOW)),
                in_season("christmas"): float((others == 1).sum()),
                in_season("summer"): float((others == 2).sum()),
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return bought(1_500, 3)


def test_the_pace_is_found_within_its_error(customers: pd.DataFrame) -> None:
    clock = PurchaseClock(SEASONS).fit(customers, np.ones(len(customers)))
    off = np.log(clock.pace_) - np.log(pd.Series(PACE))
    assert (off.abs() < 3 * clock.std_error_).all(), (clock.pace_, clock.std_error_)
    assert (clock.std_error_ < 0.1).all()


def test_a_pace_is_told_with_its_interval(customers: pd.DataFrame) -> None:
    clock = PurchaseClock(SEASONS).fit(customers, np.ones(len(customers)))
    low, high = (np.exp(np.log(clock.pace_["summer"]) + side * 1.96 * clock.std_error_["summer"]) for side in (-1, 1))
    assert f"(95% interval {low:.2f} to {high:.2f}, " in clock.lines()[1]


def test_neither_rates_nor_leaving_move_the_pace() -> None:
    """Customers who leave soon have fewer purchases, and tell the same pace."""
    soon = bought(1_500, 4, leave=0.25)
    clock = PurchaseClock(SEASONS).fit(soon, np.ones(len(soon)))
    assert ((np.log(clock.pace_) - np.log(pd.Series(PACE))).abs() < 3.5 * clock.std_error_).all()


def test_the_maximum_is_that_of_a_general_search(customers: pd.DataFrame) -> None:
    """The twin counts days one by one and searches without derivatives."""
    few = customers.iloc[:150]
    weight = np.random.default_rng(0).exponential(size=len(few))
    clock = PurchaseClock(SEASONS).fit(few, weight)
    exposed = []
    for row in few.to_dict("records"):
        first = NOW - dt.timedelta(days=int(row["T"]))
        between = [first + dt.timedelta(days=d) for d in range(1, int(row["recency"]))]
        texts = [f"{day:%m-%d}" for day in between]
        christmas = sum("11-20" <= t <= "12-24" for t in texts)
        summer = sum("07-01" <= t <= "08-31" for t in texts)
        exposed.append((len(between) - christmas - summer, christmas, summer))
    came = few[[in_season("christmas"), in_season("summer")]].to_numpy()

    def lost(gamma: np.ndarray) -> float:
        total = gamma @ gamma / 8
        for (plain, christmas, summer), (c, s), x, w in zip(exposed, came, few["frequency"], weight, strict=True):
            if x > 1:
                reach = plain + christmas * np.exp(gamma[0]) + summer * np.exp(gamma[1])
                total -= w * (c * gamma[0] + s * gamma[1] - (x - 1) * np.log(reach))
        return float(total)

    found = minimize(lost, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    assert np.log(clock.pace_).to_numpy() == pytest.approx(found.x, abs=1e-5)


def test_time_by_the_clock_adds_up_days(customers: pd.DataFrame) -> None:
    clock = PurchaseClock(SEASONS).fit(customers, np.ones(len(customers)))
    day = day_number(dt.date(2023, 11, 18))
    fast = clock.pace_["christmas"]
    ahead = clock.ahead([day, day + 1], [0.0, 2.0, 3.5, 40.0])
    assert ahead[0] == pytest.approx([0, 2, 2 + 1.5 * fast, 5 + 35 * fast])
    assert ahead[1] == pytest.approx([0, 1 + fast, 1 + 2.5 * fast, 5 + 35 * fast])


def test_a_summary_told_by_the_clock_of_ordinary_days_is_the_same() -> None:
    clock = PurchaseClock({"never": ["1991-01-01"]})
    rows = bought(40, 5).assign(**{in_season("never"): 0.0})
    told = clock.fit(rows, np.ones(len(rows))).told(rows)
    assert told["recency"].to_numpy() == pytest.approx(rows["recency"].to_numpy())
    assert told["T"].to_numpy() == pytest.approx(rows["T"].to_numpy())
    assert clock.pace_["never"] == 1


def test_customers_of_weight_two_are_two(customers: pd.DataFrame) -> None:
    few = customers.iloc[:300]
    twice = pd.concat([few, few.iloc[:100]])
    weight = np.where(np.arange(300) < 100, 2.0, 1.0)
    by_weight = PurchaseClock(SEASONS).fit(few, weight)
    by_rows = PurchaseClock(SEASONS).fit(twice, np.ones(400))
    assert by_weight.pace_.to_numpy() == pytest.approx(by_rows.pace_.to_numpy(), rel=1e-9)


def test_what_is_missing_is_named() -> None:
    rows = bought(5, 6)
    with pytest.raises(DataError, match=r"between\.summer"):
        PurchaseClock(SEASONS).fit(rows.drop(columns=in_season("summer")), np.ones(5))
    clock = PurchaseClock(SEASONS).fit(rows, np.ones(5))
    with pytest.raises(DataError, match=r"as_of_day"):
        clock.told(rows.drop(columns=AS_OF_DAY))
