#!/usr/bin/env python3
"""The tests on every Python found here, on both releases of Django, on SQLite and PostgreSQL.

    .ci/matrix.py [WORD ...]    only the cells whose name holds each word: 3.13 next sqlite
    .ci/matrix.py newest        only the newest Python, with the newest Django, on SQLite

Each Python and Django have an environment of their own under var/matrix/. The address of PostgreSQL
comes from POSTGRES_URL, more words for pytest from ARGS.
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
LOCKS = {
    "lts": ("core.txt", "postgres.txt", "test.txt"),
    # All of it in one file: the others pin another Django.
    "next": ("next.txt",),
}
NEEDS = {"lts": "3.11", "next": "3.12"}
DATABASES = ("sqlite", "postgres")
QUIET: dict[str, int] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def found(version: str) -> str | None:
    """The program of this Python: on the PATH, or one of pyenv's, newest first."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    own = sorted(pyenv.glob(f"{version}.*/bin/python3"), key=lambda path: path.stat().st_mtime)
    for program in (shutil.which(f"python{version}"), *map(str, reversed(own))):
        # pyenv puts names on the PATH that lead nowhere.
        if program and not subprocess.run([program, "-c", "import venv"], **QUIET).returncode:
            return program
    return None


def environment(version: str, program: str, release: str) -> Path:
    """The folder of programs of an environment that holds what the locks say."""
    place = ROOT / "var" / "matrix" / f"{version}-{release}"
    locks = [ROOT / "requirements" / name for name in LOCKS[release]]
    done = place / "installed"
    pins = "".join(lock.read_text() for lock in locks)
    if not done.exists() or done.read_text() != pins:
        subprocess.run([program, "-m", "venv", "--clear", place], check=True)
        pip = [place / "bin" / "pip", "install", "-qq", "--require-hashes"]
        subprocess.run([*pip, *(word for lock in locks for word in ("-r", lock))], check=True)
        done.write_text(pins)
    return place / "bin"


def run(programs: Path, database: str) -> tuple[bool, str]:
    """Whether the tests pass, and pytest's last line."""
    variables = dict(os.environ)
    variables.pop("DATABASE_URL", None)
    if database == "postgres":
        variables["DATABASE_URL"] = os.environ["POSTGRES_URL"]
    words = [
        programs / "pytest",
        "-n",
        "auto",
        "-p",
        "no:cacheprovider",
        *os.environ.get("ARGS", "").split(),
    ]
    last = ""
    with subprocess.Popen(
        words, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True
    ) as tests:
        for line in tests.stdout or ():
            sys.stdout.write(line)
            last = line.strip() or last
    return tests.returncode == 0, last.strip("= ")


def cells(pythons: list[str], words: list[str]) -> list[tuple[str, str, str]]:
    every = [
        (version, release, database)
        for version in pythons
        for release, least in NEEDS.items()
        if number(version) >= number(least)
        for database in DATABASES
    ]
    if words == ["newest"]:
        return [cell for cell in every if cell[1:] == ("next", "sqlite")][-1:]
    return [cell for cell in every if set(words) <= set(cell)]


def main(words: list[str]) -> int:
    programs = {version: found(version) for version in PYTHONS}
    for version, program in programs.items():
        say(f"Python {version}: {program or 'not found, skipped'}")
    chosen = cells([version for version, program in programs.items() if program], words)
    if not chosen:
        say(f"No cell to run: {' '.join(words) or 'no Python'}. NOT TESTED.")
        return 0 if words == ["newest"] else 1
    rows, failed = ["Python  Django  Database  Result"], False
    for version, release, database in chosen:
        say(f"\n--- Python {version}, Django {release}, {database}")
        passed, told = False, "not installed"
        with suppress(subprocess.CalledProcessError):
            passed, told = run(environment(version, programs[version] or "", release), database)
        failed |= not passed
        result = "passed" if passed else "FAILED"
        rows.append(f"{version:7} {release:7} {database:9} {result}: {told}")
    say("\n" + "\n".join(rows))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
