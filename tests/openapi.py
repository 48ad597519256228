"""Whether an answer is what the API's own document says, and no key more."""

from functools import cache
from typing import Any

from django.urls import resolve
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from careers.addresses import API
from careers.api.document import document

BASE = "http://testserver"


def strict(schema: Any) -> Any:
    """The same, where an object has no other keys than those named."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    # A parameter or a key may be called so, too: then it stands for a schema, not for names.
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def wrong(response) -> list[str]:
    """What the document does not allow of this answer, path by path."""
    described = document(BASE)
    operation = _operation(described, response)
    answer = operation["responses"].get(str(response.status_code))
    if answer is None:
        return [f"{response.status_code} is not in the document"]
    if "$ref" in answer:
        answer = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    [(kind, content)] = answer["content"].items()
    found = [] if response["Content-Type"] == kind else [f"{response['Content-Type']}, not {kind}"]
    schema = strict({**content["schema"], "components": described["components"]})
    errors = _validator()(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    found += [f"{each.json_path}: {each.message}" for each in errors.iter_errors(response.json())]
    return found


@cache
def _validator():
    return validator_for({"$schema": "https://json-schema.org/draft/2020-12/schema"})


def _operation(described: dict, response) -> dict:
    route = resolve(response.request["PATH_INFO"]).url_name
    [operation] = [
        path["get"]
        for address, path in described["paths"].items()
        if path["get"]["operationId"] == route and address.startswith(API)
    ]
    return operation
