"""What we publish, read with the tools of others: many packages, installed for this alone."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.formats)
