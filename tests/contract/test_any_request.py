"""Schemathesis asks the API whatever its document allows, and much that it does not."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from careers.api.operations import OPERATIONS
from tests.factories import create_field, create_golden_careers, create_rate, create_regions

pytestmark = [pytest.mark.contract, pytest.mark.django_db]
# Not `positive_data_acceptance`: a region that its pattern allows and that nobody has is refused.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@pytest.fixture
def described(db, settings):
    settings.ALLOWED_HOSTS = ["*"]
    create_rate()
    golden = create_golden_careers(regions=create_regions())
    career = golden["data-scientist"]
    career.field = create_field(name_fr="Données")
    career.save()
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


def operation_of(described, name):
    found = [each.ok() for each in described.get_all_operations()]
    [operation] = [each for each in found if each.definition.raw["operationId"] == name]
    return operation


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", [operation.name for operation in OPERATIONS])
def test_any_request_is_answered_as_the_document_says(described, name, mode):
    operation = operation_of(described, name)

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        # Called without a server, its client unpacks nothing.
        case.call_and_validate(headers={"Accept-Encoding": "identity"}, checks=CHECKS)

    ask()
