"""How fast an import is beside a bare insert of the same rows: `make bench-import`.

70,062 salary bands of the OEWS tables, read, planned for the preview, planned again when confirmed,
and written, as an editor's import does; then the same objects by `bulk_create` alone, with nothing
read, checked or derived. In turns on SQLite, CPU time. Measures, and asserts nothing.
"""

import gzip
import os
import sys
import tempfile
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import process_time

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
BANDS = DATA / "wages" / "salary_bands_oews_2025_state.csv.gz"
TURNS = 3


def timed(work, *arguments):
    began = process_time()
    result = work(*arguments)
    return process_time() - began, result


def turn() -> dict[str, float]:
    from careers.models import SalaryBand  # noqa: PLC0415 - Django has to be set up first
    from careers.resources import RESOURCES, Options, apply, plan  # noqa: PLC0415
    from careers.resources.plan import BATCH  # noqa: PLC0415

    resource, options = RESOURCES["salaryband"], Options(create_missing=True)
    content = gzip.decompress(BANDS.read_bytes())
    SalaryBand.objects.all().delete()
    took = {}
    took["read"], table = timed(resource.read, content)
    took["preview"], _shown = timed(plan, resource, table, options)
    took["plan again"], planned = timed(plan, resource, table, options)
    took["write"], count = timed(apply, planned)
    bands = [row.instance for row in planned.rows]
    SalaryBand.objects.all().delete()
    for band in bands:
        band.pk, band._state.adding = None, True
    took["bare insert"], _made = timed(lambda: SalaryBand.objects.bulk_create(bands, BATCH))
    took["unchanged"], same = timed(plan, resource, table, options)
    assert same.counts["unchanged"] == count == len(bands)
    return took


def main() -> None:
    if not BANDS.exists():
        sys.exit(f"There is no {BANDS}: nothing to measure.")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ |= {"DEBUG": "1", "DJANGO_SETTINGS_MODULE": "careersite.settings"}
        import django  # noqa: PLC0415

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        from careers.resources import RESOURCES, apply, plan  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        regions = RESOURCES["region"]
        content = (DATA / "regions" / "regions.csv").read_bytes()
        apply(plan(regions, regions.read(content)))
        turns = [turn() for _turn in range(TURNS)]
    took = {name: median(each[name] for each in turns) for name in turns[0]}
    for name, seconds in took.items():
        sys.stdout.write(f"{name:12} {seconds:6.1f} s\n")
    whole = sum(took[name] for name in ("read", "preview", "read", "plan again", "write"))
    sys.stdout.write(f"whole import / bare insert: {whole / took['bare insert']:.1f}\n")
    peak = getrusage(RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"peak memory, all of it in one process: {peak} MB\n")


if __name__ == "__main__":
    main()
