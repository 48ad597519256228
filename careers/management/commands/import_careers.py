from typing import Any

from django.core.management.base import CommandParser

from careers.management.importing import FileCommand
from careers.models import Career
from careers.resources import RESOURCES, Plan
from careers.resources.plan import Verdict
from careers.resources.shapes import CAREER_FORMATS


class Command(FileCommand):
    help = (
        "Imports careers from ESCO, ROME or O*NET shaped files with their codes, and records the "
        "source with its licence and the fields of work: the domains of ROME, the major groups "
        "of ISCO. Careers are drafts, found again by their address; what editors have changed "
        "since stays, unless --update. Those of O*NET have no French title and stay drafts."
    )
    resource = RESOURCES["career"]
    formats = CAREER_FORMATS

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--publish",
            action="store_true",
            help="publish the new careers that have a French title",
        )
        parser.add_argument("--update", action="store_true", help="take the file's texts again")

    def chosen(self, part: Plan, **options: Any) -> Plan:
        new = (row.instance for row in part.having(Verdict.NEW))
        for career in new if options["publish"] else ():
            if isinstance(career, Career) and career.title_fr:
                career.status = Career.Status.PUBLISHED
        return part if options["update"] else part.only_new()
