"""The public data for programs, read only: /api/v1/, its OpenAPI document and its readable page."""

from careers.api.document import ALL
from careers.api.guide import api_guide

__all__ = ["ALL", "api_guide"]
