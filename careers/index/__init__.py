"""Every current figure of every published career, held in memory: what questions are answered from.

Derived from the database, and held by each process for the state at which it was read; after a
change the next question reads again the careers that it concerns, no more (docs/adr/0014).
"""

from careers.index.figures import Index
from careers.index.held import current

__all__ = ["Index", "current"]
