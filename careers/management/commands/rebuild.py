from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from careers.models import Career, Change, ProseAmount, Region, SalaryBand

NAMED = 10  # of the rows that are not as they should be


class Command(BaseCommand):
    help = (
        "Derives again what is derived: the paths of regions, the search and sort texts of "
        "careers, the amounts that these name, the yearly amounts of salary bands. What editors "
        "entered is never touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only tell what is not as it should be, and fail"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        regions = Region.objects.rebuild()
        careers = Career.objects.rebuild()
        ProseAmount.objects.keep(list(Career.objects.all()))
        bands = SalaryBand.objects.rebuild()
        # Whatever was done to the database by other ways than this program's.
        Change.objects.record_everything()
        self.stdout.write(
            f"Derived again: {regions} regions, {careers} careers and {bands} bands changed"
        )

    def _check(self) -> None:
        wrong = [
            f"{row._meta.verbose_name} {row.pk}"
            for model in (Region, Career, SalaryBand)
            for rows in model.objects.outdated()
            for row in rows
        ]
        if wrong:
            named = ", ".join(islice(wrong, NAMED))
            raise CommandError(f"{len(wrong)} not as derived: {named}. Run rebuild.")
        self.stdout.write("All that is derived is as it should be")
