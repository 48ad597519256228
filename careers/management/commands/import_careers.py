from typing import Any

from django.core.management.base import CommandParser

from careers.management.importing import FileCommand
from careers.models import Career
from careers.resources import Plan
from careers.resources.plan import Verdict
from careers.resources.shapes import CAREER_FORMATS


class Command(FileCommand):
    help = (
        "Imports careers from ESCO, ROME or O*NET shaped files, and records the source with its "
        "licence. They are drafts, found again by their address; what editors have changed since "
        "stays, unless --update."
    )
    resource = "career"
    formats = CAREER_FORMATS
    publishes = "publish the new careers that have a French title"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--update", action="store_true", help="take the file's texts again")

    def chosen(self, part: Plan, **options: Any) -> Plan:
        new = (row.instance for row in part.having(Verdict.NEW))
        for career in new if options["publish"] else ():
            if isinstance(career, Career) and career.title_fr:
                career.status = Career.Status.PUBLISHED
        return part if options["update"] else part.only_new()
