"""Files that are no backup of this site, made out of one that is, and why each is refused."""

import json
import zipfile


def repacked(saved, path, *, database=None, **changed):
    """The backup with another database in it, or another manifest."""
    with zipfile.ZipFile(saved) as read, zipfile.ZipFile(path, "w") as written:
        manifest = json.loads(read.read("manifest.json")) | changed
        written.writestr("database", read.read("database") if database is None else database)
        written.writestr("manifest.json", json.dumps(manifest))
    return path


def damaged(saved, path):
    whole = bytearray(saved.read_bytes())
    with zipfile.ZipFile(saved) as read:
        whole[read.getinfo("database").header_offset + 200] ^= 1
    path.write_bytes(whole)


def of_others(_saved, path):
    with zipfile.ZipFile(path, "w") as written:
        written.writestr("photo.jpg", b"jpg")


def newer(saved, path):
    repacked(saved, path, migrations=["careers.0001_initial", "careers.9999_later"])


def untrue(saved, path):
    with zipfile.ZipFile(saved) as read:
        tables = json.loads(read.read("manifest.json"))["tables"]
    name = next(name for name in tables if name.endswith("careers_region"))
    repacked(saved, path, tables=tables | {name: [3, "abc"]})


REFUSED = {
    "cut": (
        lambda saved, path: path.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2]),
        "is no backup, or a part of one",
    ),
    "one bit": (damaged, "is no backup, or a part of one|is damaged"),
    "a text": (lambda saved, path: path.write_text("Bonjour"), "is no backup, or a part of one"),
    "an archive of others": (of_others, "it holds other files"),
    "another database": (
        lambda saved, path: repacked(saved, path, database=b"SQLite format 3\x00" + b"\x00" * 84),
        "is damaged",
    ),
    "another program": (
        lambda saved, path: repacked(saved, path, program="wagtail"),
        "is of wagtail",
    ),
    "no manifest to read": (
        lambda saved, path: repacked(saved, path, tables=None),
        "manifest that cannot be read",
    ),
    "another engine": (
        lambda saved, path: repacked(saved, path, engine="oracle"),
        "is of oracle",
    ),
    "a newer release": (newer, "does not know careers.9999_later"),
    "a table that is not as it says": (untrue, "not what (the|its) manifest says"),
}
