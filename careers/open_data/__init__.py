"""The whole public content as files: CSV, JSON Lines and a data package (docs/adr/0033)."""

from careers.open_data.checking import Damaged, check
from careers.open_data.releases import Release, Unsettled, current, publish
from careers.open_data.writing import Entry

__all__ = ["Damaged", "Entry", "Release", "Unsettled", "check", "current", "publish"]
