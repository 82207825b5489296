"""The public names and where they live, for type checkers: at run time they are imported when asked for."""

from . import churn as churn
from . import clv as clv
from . import effects as effects
from . import targeting as targeting
from .business.business import Business as Business
from .business.business import open as open
from .business.experiment import experiment as experiment
from .core.errors import ConfigError as ConfigError
from .core.errors import DataError as DataError
from .core.errors import LeakageError as LeakageError
from .core.errors import ModelError as ModelError
from .core.errors import ServiceliftError as ServiceliftError
from .simulation.write import simulate as simulate

__version__: str
