"""Environment variables, read strictly: a value that cannot be understood stops the start."""

import os
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def required(name: str, why: str) -> str:
    """The variable's value; raises ImproperlyConfigured naming it when it is missing or empty."""
    value = text(name)
    if not value.strip(" ,"):
        raise ImproperlyConfigured(f"Set the environment variable {name}: {why}.")
    return value


def boolean(name: str, *, default: bool) -> bool:
    """True or False; raises ImproperlyConfigured on anything but 1/0, true/false, yes/no."""
    value = text(name)
    if not value:
        return default
    if value.lower() not in _BOOLEANS:
        raise ImproperlyConfigured(
            f"{name}={value!r} is neither true nor false. Write 1, true, yes, 0, false or no."
        )
    return _BOOLEANS[value.lower()]


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, spaces trimmed, empty items dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def number(name: str, default: int) -> int:
    """A whole number from 0 up; raises ImproperlyConfigured on anything else."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number. Write 0, 1, 2…")
    return int(value)


def required_module(module: str, name: str, lock: str) -> None:
    """Raises ImproperlyConfigured when what the variable `name` asks for is not installed."""
    if find_spec(module) is None:
        raise ImproperlyConfigured(f"{name} needs the module {module}: install {lock}.")
