"""The pictures of docs/screens, taken of the starter content: `make screens`."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "docs" / "screens"
PAGES = {
    "list": "/metiers/?region=FR&salary_min=80000",
    "career": "/en/careers/ingenieur-ia/",
    "compare": "/comparer/?career=ingenieur-ia&career=ethicien-ia",
    "region": "/en/regions/FR/",
    "figure": "/metiers/ingenieur-prompt/chiffres/{figure}/",
    "nothing": "/metiers/?q=ingenieur+promt&salary_min=80000",
}
SIZES = {"360": (360, 720), "1280": (1280, 800)}
DARK = {"career", "region"}  # both schemes are seen without doubling the pictures


@contextmanager
def served() -> Iterator[str]:
    """The address of a site with the starter content, on a database that is thrown away."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/screens.sqlite3"}
        manage = [sys.executable, ROOT / "manage.py"]
        for command in (["migrate", "--verbosity", "0"], ["load_demo"]):
            subprocess.run([*manage, *command], env=environment, check=True, capture_output=True)
        server = subprocess.Popen(
            [*manage, "runserver", "--noreload", place],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield _answering(f"http://{place}")
        finally:
            server.terminate()
            server.wait()


def _answering(site: str) -> str:
    for _attempt in range(100):
        try:
            urlopen(site, timeout=5).close()
            return site
        except URLError:
            time.sleep(0.1)
    raise RuntimeError(f"{site} does not answer")


def take(browser: Browser, site: str) -> None:
    for name, path in PAGES.items():
        for size, (width, height) in SIZES.items():
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if name in DARK and size == "1280" else "light",
            )
            if "{figure}" in path:
                page.goto(f"{site}/metiers/ingenieur-prompt/")
                first = page.locator("a[href*='/chiffres/']").first.get_attribute("href")
                path = str(first)
            page.goto(site + path)
            file = SCREENS / f"{name}-{size}.jpg"
            page.screenshot(path=file, type="jpeg", quality=72)
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} KiB")  # noqa: T201
            page.close()


def main() -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    with served() as site, sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        take(browser, site)
        browser.close()


if __name__ == "__main__":
    main()
