from typing import Any

from careers.management.importing import FileCommand
from careers.models import Career
from careers.resources import Plan
from careers.resources.shapes import BAND_FORMATS


class Command(FileCommand):
    help = (
        "Imports salary bands from the AI salaries and from the OEWS tables of the BLS, and "
        "records the source with its licence. Careers that the site lacks become drafts. Rows "
        "that the site cannot state are refused, counted and told with the reason; all others "
        "are written."
    )
    resource = "salaryband"
    formats = BAND_FORMATS
    publishes = "publish the careers that are made"

    def chosen(self, part: Plan, **options: Any) -> Plan:
        for made in part.made if options["publish"] else ():
            if isinstance(made, Career):
                made.status = Career.Status.PUBLISHED
        return part
