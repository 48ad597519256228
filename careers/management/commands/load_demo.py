import os
import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from careers.models import LANGUAGES, Career
from careers.resources import RESOURCES, apply, plan

CONTENT = Path(__file__).resolve().parents[2] / "content"
FILES = {
    "region": "regions.csv",
    "source": "sources.csv",
    "exchangerate": "exchange_rates.csv",
    "field": "fields.csv",
    "career": "careers.csv",
    "salaryband": "salary_bands.csv",
}
ACCOUNTS = {"editor": "editors", "contributor": "contributors"}


class Command(BaseCommand):
    help = (
        "Fills an empty site with its starter content and two demo accounts. A site that has "
        "careers keeps its content as it is. The accounts' password comes from DEMO_PASSWORD or is "
        "made up, and printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--site-url", default="http://127.0.0.1:8000", help="to be printed")

    @transaction.atomic
    def handle(self, *args: Any, site_url: str, **options: Any) -> None:
        if Career.objects.exists():
            self.stdout.write("The site has careers: its content stays as it is.")
        else:
            for name, file in FILES.items():
                self._load(name, CONTENT / file)
        site_url = site_url.rstrip("/")
        for language in LANGUAGES:
            with translation.override(language):
                self.stdout.write(f"Site:  {site_url}{reverse('careers:career_list')}")
        with translation.override("fr"):
            self.stdout.write(f"Admin: {site_url}{reverse('admin:index')}")
        self._make_accounts(os.environ.get("DEMO_PASSWORD", ""))

    def _load(self, name: str, path: Path) -> None:
        """Import what the site lacks: a finer tree of regions, say, is not set back."""
        resource = RESOURCES[name]
        planned = plan(resource, resource.read(path.read_bytes()))
        if planned.is_refused:
            lines = [
                f"{path.name} row {row.number} {error.column}: {error.message}"
                for row in planned.rows
                for error in row.errors
            ]
            raise CommandError("\n".join(lines))
        added = apply(planned.only_new())
        self.stdout.write(f"{path.name}: {added} added")

    def _make_accounts(self, password: str) -> None:
        made_up = password or secrets.token_urlsafe(9)
        for username, group in ACCOUNTS.items():
            user, created = User.objects.get_or_create(username=username)
            if created or password:
                user.is_staff = True
                user.set_password(made_up)
                user.save()
                user.groups.add(Group.objects.get(name=group))
                self.stdout.write(f"Account {username} ({group}), password {made_up}")
            else:
                self.stdout.write(f"Account {username} ({group}) keeps its password")
