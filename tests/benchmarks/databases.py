"""Databases of any number of salary bands for `make bench`, in var/bench/ or on DATABASE_URL.

Made once for each size and state of the models: 1,000 careers (or CAREERS), 600 regions in four
levels, six sources, figures of six years, a fifth of them without an end, a median alone or no
figure at all.
"""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

BENCH = Path("var/bench")
WORDS = "ingénieur technicien chef analyste infirmier boulanger données réseau"
CAREERS = int(os.environ.get("CAREERS", "1000"))
LEVELS = ("", "entry", "mid", "senior", "lead")
ENGAGEMENTS = ("", "employee", "employee", "freelance")
YEARS = (2019, 2021, 2023, 2024, 2025, 2026)


def build(engine: str, size: int) -> str:
    """The DATABASE_URL of a database with `size` bands, made if it is not there yet."""
    BENCH.mkdir(parents=True, exist_ok=True)
    state = _state_of_models()
    name = f"bench_{size}_{state}" + (f"_{CAREERS}" if CAREERS != 1_000 else "")
    if engine == "sqlite":
        url = f"sqlite:///{(BENCH / name).resolve()}.sqlite3"
    else:
        server = os.environ.get("POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
        url = f"{server.rpartition('/')[0]}/{name}"
    done = BENCH / f"{engine}_{name}.done"
    if not done.exists():
        environment = {**os.environ, "DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "-m", __spec__.name, str(size)], env=environment, check=True
        )
        done.touch()
    return url


def _state_of_models() -> str:
    return max(path.name[:4] for path in Path("careers/migrations").glob("0*.py"))


def main() -> None:
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careersite.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    database = settings.DATABASES["default"]
    if sys.argv[1] == "staff":
        sys.stdout.write(_session())
        return
    if connection.vendor == "postgresql":
        _create_on_postgres(database["NAME"])
    else:
        Path(database["NAME"]).unlink(missing_ok=True)
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        fill(int(sys.argv[1]))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _session() -> str:
    """The key of a new session of somebody who may do everything."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    user, _is_new = User.objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def _create_on_postgres(name: str) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')


def fill(size: int) -> None:
    from careers.models import Career, ExchangeRate, Field, SalaryBand, Source, derive  # noqa: PLC0415

    random = Random(7)
    regions = _regions()
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            currency="USD", fixed_on=date(year, month, 1), rate=1 + random.randrange(20) / 100
        )
        for year in range(2018, 2027)
        for month in (1, 7)
    )
    sources = [Source.objects.create(title=f"Enquête {n}", publisher="Institut") for n in range(6)]
    fields = [Field.objects.create(name_fr=f"Domaine {n}", name_en=f"Field {n}") for n in range(12)]
    careers = [_career(number, random, random.choice(fields)) for number in range(CAREERS)]
    Career.objects.bulk_create(careers)
    for number, career in enumerate(careers):
        count = size // CAREERS
        if number < 2:  # one with two figures, and one with 500
            count = (2, 500)[number]
        bands = _bands(career, count, regions, sources, random)
        derive(bands)
        SalaryBand.objects.bulk_create(bands, batch_size=2_000)


def _regions() -> list:
    from careers.models import Region  # noqa: PLC0415

    world = Region.objects.create(code="001", kind="world", name_fr="Monde", yearly_hours=1800)
    regions = [world]
    for c in "ABCDEF":
        continent = Region.objects.create(
            code=f"1{c}", parent=world, kind="continent", name_fr=f"Continent {c}"
        )
        for k in "ABCDEFGHI":
            country = Region.objects.create(
                code=c + k, parent=continent, kind="country", name_fr=f"Pays {c}{k}"
            )
            regions += [country] * 3
            regions += [
                Region.objects.create(
                    code=f"{c}{k}-{n}",
                    parent=country,
                    kind="subdivision1",
                    name_fr=f"Région {c}{k}{n}",
                )
                for n in range(10)
            ]
        regions.append(continent)
    return regions


def _career(number: int, random: Random, field):
    from careers.models import Career  # noqa: PLC0415

    title = " ".join(random.sample(WORDS.split(), 3)).capitalize()
    career = Career(
        slug=f"metier-{number}",
        title_fr=f"{title} {number}",
        title_en=f"Job {number} {title}" if number % 3 else "",
        summary_fr=f"Un métier d’essai : {title}.",
        summary_en="A job on trial." if number % 3 else "",
        skills_fr=" ".join(random.sample(WORDS.split(), 5)),
        status="published",
        published_at=datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=number),
        field=field,
    )
    career.prepare()
    return career


def _bands(career, count: int, regions, sources, random: Random) -> list:
    from careers.models import SalaryBand  # noqa: PLC0415

    bands = {}
    while len(bands) < count:
        statement = {
            "region": random.choice(regions),
            "level": random.choice(LEVELS),
            "engagement": random.choice(ENGAGEMENTS),
            "source": random.choice(sources),
            "observed_on": date(random.choice(YEARS), random.choice((1, 4, 6, 10)), 1),
        }
        figure = _figure(random)
        key = (*(getattr(each, "pk", each) for each in statement.values()), figure.get("currency"))
        bands.setdefault(key, SalaryBand(career=career, **statement, **figure))
    return list(bands.values())


def _figure(random: Random) -> dict:
    base, kind = random.randrange(20, 90) * 1_000, random.random()
    if kind < 0.05:
        return {"no_figure_reason": "varies"}
    amounts = (
        {"low": base, "high": base + random.randrange(5, 60) * 1_000}
        if kind < 0.8
        else {"median": base}
        if kind < 0.87
        else {"high": base, "open_ended": True}
        if kind < 0.94
        else {"low": base}
    )
    return {**amounts, "currency": random.choice(("EUR", "EUR", "USD"))}


if __name__ == "__main__":
    main()
