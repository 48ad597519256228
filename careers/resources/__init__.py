"""The spreadsheet contract, both ways: what is written, and what is made of what comes back."""

from careers.resources.contracts import RESOURCES, resource_for
from careers.resources.plan import Options, Plan, apply
from careers.resources.planner import plan, plans
from careers.resources.resource import Resource

__all__ = ["RESOURCES", "Options", "Plan", "Resource", "apply", "plan", "plans", "resource_for"]
