"""Licences that the data can be published under, by their names in the Open Definition's list.

https://licenses.opendefinition.org: what is said here is what the licences' own pages say.
"""

from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured


class Licence(NamedTuple):
    """The name by which programs know it, its title, and where it stands."""

    name: str
    title: str
    address: str

    def as_data(self) -> dict[str, str]:
        return {"name": self.name, "title": self.title, "path": self.address}


LICENCES = {
    each.name: each
    for each in (
        Licence("CC-BY-4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        Licence("CC-BY-SA-4.0", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        Licence("CC0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        Licence(
            "etalab-2.0",
            "Licence Ouverte 2.0",
            "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        ),
        Licence("ODbL-1.0", "ODbL 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
    )
}


def licence(name: str) -> Licence:
    """The licence of that name; raises ImproperlyConfigured on any other."""
    try:
        return LICENCES[name]
    except KeyError as error:
        known = ", ".join(LICENCES)
        raise ImproperlyConfigured(
            f"OPEN_DATA_LICENCE={name!r} is none of these: {known}."
        ) from error
