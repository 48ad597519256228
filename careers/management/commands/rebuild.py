from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from careers.models import Career, ProseAmount, Region, SalaryBand


class Command(BaseCommand):
    help = (
        "Derives again what is derived: the paths of regions, the search and sort texts of "
        "careers, the amounts that these name, the yearly amounts of salary bands. What editors "
        "entered is never touched."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        regions = Region.objects.rebuild()
        careers = list(Career.objects.all())
        for career in careers:
            career.prepare()
        Career.objects.bulk_update(careers, [*Career.DERIVED, "translated_from"], batch_size=500)
        ProseAmount.objects.keep(careers)
        bands = SalaryBand.objects.all().rebuild()
        self.stdout.write(
            f"Derived again: {regions} regions, {len(careers)} careers, {bands} bands"
        )
