from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.template.loader import render_to_string
from django.utils import translation


class Command(BaseCommand):
    help = (
        "Writes the page that a proxy shows while no process of the site answers, in each "
        "language: 503.fr.html, 503.en.html."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                # "" leads back to the address that was asked.
                (folder / f"503.{language}.html").write_text(render_to_string("503.html"))
