"""Customer lifetime value, with contracts and without. Frames and arrays in, money out.

Running subscriptions: a hazard by lead month (:class:`ContractualCLV`), beyond the log a shifted beta-geometric or a
beta-discrete-Weibull. Purchases without contracts: BG/NBD, its modified form or Pareto/NBD for how often, Gamma-Gamma
for how much (:class:`NonContractualCLV` joins the two).
"""

from __future__ import annotations

from .core.records import ClvInputs
from .models.evaluation.metrics import ValueMetrics, value_metrics
from .models.portfolio import PortfolioCLV
from .models.purchases.backtest import Backtest, backtest
from .models.purchases.bgnbd import BetaGeoNBD, ModifiedBetaGeoNBD
from .models.purchases.coverage import Coverage, interval_coverage
from .models.purchases.gammagamma import GammaGamma
from .models.purchases.paretonbd import ParetoNBD
from .models.purchases.simulate import draw_customers
from .models.purchases.value import NonContractualCLV
from .models.subscriptions.hazard import LandmarkHazard
from .models.subscriptions.renewals import renewal_tables
from .models.subscriptions.sbg import BetaDiscreteWeibull, ShiftedBetaGeometric, risk_table
from .models.subscriptions.value import ContractualCLV

__all__ = [
    "Backtest",
    "BetaDiscreteWeibull",
    "BetaGeoNBD",
    "ClvInputs",
    "ContractualCLV",
    "Coverage",
    "GammaGamma",
    "LandmarkHazard",
    "ModifiedBetaGeoNBD",
    "NonContractualCLV",
    "ParetoNBD",
    "PortfolioCLV",
    "ShiftedBetaGeometric",
    "ValueMetrics",
    "backtest",
    "draw_customers",
    "interval_coverage",
    "renewal_tables",
    "risk_table",
    "value_metrics",
]
