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


def secret(name: str, why: str, least: int) -> str:
    """The same; raises ImproperlyConfigured, without showing it, when it is easily guessed."""
    value = required(name, why)
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} has {len(value)} characters, and needs {least}: {why}.")
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


def hosts(name: str, why: str) -> list[str]:
    """Host names; raises ImproperlyConfigured when there is none, or when "*" would let any in."""
    required(name, why)
    found = words(name)
    if "*" in found:
        raise ImproperlyConfigured(f"{name} lets any host in. Name {why}.")
    return found


def contacts(name: str) -> list[str]:
    """Addresses that begin with mailto:, https: or tel:; raises ImproperlyConfigured on others."""
    found = words(name)
    for each in found:
        if not each.startswith(("mailto:", "https://", "tel:")) or not each.isprintable():
            raise ImproperlyConfigured(
                f"{name}: {each!r} is no contact. Write mailto:…, https://… or tel:…"
            )
    return found


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
