from dataclasses import replace

from careers.management.importing import FileCommand
from careers.models import Career
from careers.resources import RESOURCES
from careers.resources.shapes import BAND_FORMATS

BANDS = RESOURCES["salaryband"]


class Command(FileCommand):
    help = (
        "Imports salary bands from the AI salaries and from the OEWS tables of the BLS, and "
        "records the source with its licence. Careers that the site lacks become drafts with the "
        "English title that the file gives: they can be published once they have a French one. "
        "Rows that the site cannot state are refused, counted and told with the reason; all "
        "others are written."
    )
    # Unlike an editor's files, these name occupations in English.
    resource = replace(
        BANDS, missing={**BANDS.missing, "career": lambda title: Career(title_en=title)}
    )
    formats = BAND_FORMATS
