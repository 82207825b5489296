"""servicelift: prove and improve what customer service earns.

Rooms: ``core`` (config and table contract), ``features`` (tables to point-in-time frames), ``models``
(estimators), ``training`` and ``scoring`` (jobs), ``simulation`` (a subscriber world whose truth is known).
"""

__version__ = "0.1.0"
