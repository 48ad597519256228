from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from careers import open_data


class Command(BaseCommand):
    help = (
        "Builds the open data of all that is public (CSV, JSON Lines, a data package) in a folder "
        "beside what is served, reads it back, and serves it from then on. When anything is wrong, "
        "what was served before stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--site-url", default="", help="begins the addresses of pages: https://careers.example"
        )
        parser.add_argument(
            "--check", action="store_true", help="only read back what is served, and tell"
        )

    def handle(
        self, *args: Any, site_url: str, check: bool, verbosity: int, **options: Any
    ) -> None:
        try:
            release = self._checked() if check else open_data.publish(site_url.rstrip("/"))
        except (open_data.Damaged, open_data.Unsettled) as error:
            raise CommandError(str(error)) from error
        for entry in release.entries.values():
            if entry.rows is not None and verbosity:
                self.stdout.write(f"{entry.name}: {entry.rows} rows, {entry.bytes} bytes")
        done = "as its manifest says" if check else "built, read back and served"
        self.stdout.write(f"Open data {release.version}: {done}")

    def _checked(self) -> open_data.Release:
        release = open_data.current()
        if release is None:
            raise CommandError("No open data was built yet: run publish_data.")
        release.check()
        return release
