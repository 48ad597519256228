"""What an object was, what changed in it, and making it so again: the words of the history.

A moment is a time at which something was saved. All that one request wrote shares it, so that
"as it was then" means a career and its figures (`careers.models.history`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Exists, ForeignKey, Model, OuterRef, QuerySet, Subquery
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from careers import salaries, wording
from careers.models import Career, SalaryBand, active_language

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
# A version: one row of a model's history. simple-history makes the classes, so no type names them.
Version = Any
Versions = QuerySet[Any]


def key(at: datetime) -> int:
    """A moment as it stands in addresses: microseconds since 1970."""
    return (at - EPOCH) // TICK


def moment(key: str) -> datetime:
    """The moment of a key; ValueError or OverflowError where it is none."""
    return EPOCH + int(key) * TICK


# --- Which versions ---------------------------------------------------------------------------


def histories(model: type[Model], pk: Any) -> list[Versions]:
    """The versions that make up the history of an object: its own, for a career its bands' too."""
    own: list[Versions] = [model.history.filter(id=pk)]  # type: ignore[attr-defined]
    if model is Career:
        ever = SalaryBand.history.filter(career_id=pk).values("id")
        own.append(SalaryBand.history.filter(id__in=ever))
    return own


def moments(histories: list[Versions]) -> "QuerySet[Any, datetime]":
    """When something was saved, the latest first."""
    first, *rest = (each.order_by().values_list("history_date", flat=True) for each in histories)
    return first.union(*rest).order_by("-history_date")


def as_of(versions: Versions, at: datetime) -> list[Version]:
    """The version of each object that held at that moment, those already deleted left out."""
    until = versions.filter(history_date__lte=at)
    later = until.filter(id=OuterRef("id"), history_id__gt=OuterRef("history_id"))
    return list(until.filter(~Exists(later)).exclude(history_type="-").order_by("id"))


def deleted(model: type[Model]) -> Versions:
    """The last version of each object that is gone, the latest first."""
    there = model._default_manager.filter(pk=OuterRef("id"))
    history: Versions = model.history.filter(history_type="-")  # type: ignore[attr-defined]
    again = history.filter(id=OuterRef("id"), history_id__gt=OuterRef("history_id"))
    gone = history.filter(~Exists(there), ~Exists(again))
    return gone.select_related("history_user").order_by("-history_date", "-history_id")


# --- What changed, in words -------------------------------------------------------------------


class Piece(NamedTuple):
    """A stretch of two texts: "same" in both, only in the old ("del") or the new ("ins")."""

    kind: str
    text: str


def pieces(old: str, new: str) -> list[Piece]:
    """Two texts word by word; what is "same" or "del" spells the old, "same" or "ins" the new."""
    before, after = (re.findall(r"\n+|\S+[^\S\n]*|[^\S\n]+", text) for text in (old, new))
    found = []
    for tag, i, j, k, n in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(before[i:j])))
            continue
        found += [Piece("del", "".join(before[i:j]))] if i < j else []
        found += [Piece("ins", "".join(after[k:n]))] if k < n else []
    return found


# Words of context shown on each side of a change.
CONTEXT = 6


def shortened(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces, with no more of what both texts share than places a change."""
    for piece in pieces:
        words = piece.text.split(" ")
        if piece.kind == "same" and len(words) > 2 * CONTEXT:
            text = " ".join([*words[:CONTEXT], "…", *words[-CONTEXT:]])
            piece = Piece(piece.kind, text)
        yield piece


@dataclass
class Change:
    """What one field said and says, in words; "" where it says nothing."""

    label: str
    old: str
    new: str

    @property
    def pieces(self) -> list[Piece]:
        """Word by word where both are texts, else the one and the other."""
        if " " in self.old and " " in self.new:
            return pieces(self.old, self.new)
        ends = (Piece("del", self.old), Piece("ins", self.new))
        return [piece for piece in ends if piece.text]

    @property
    def shortened(self) -> list[Piece]:
        return list(shortened(self.pieces))

    @property
    def before(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind != "ins"]

    @property
    def after(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind != "del"]


@dataclass
class Altered:
    """What happened to one object: "+" made, "~" changed, "-" deleted, "=" changed from what nobody
    kept (it was there before the history), and how it is called."""

    kind: str
    name: str
    changes: list[Change]
    is_part: bool


@dataclass
class Entry:
    """All that one person saved at one moment."""

    at: datetime
    user: AbstractBaseUser | None
    why: str
    altered: list[Altered]

    @property
    def key(self) -> int:
        return key(self.at)

    @property
    def is_restorable(self) -> bool:
        """Not the deletion of the object itself: the version before it is."""
        return all(each.is_part or each.kind != "-" for each in self.altered)


class Words:
    """Says values of versions in the language of the page; asks once for all names they need."""

    def __init__(self, versions: Iterable[Version]) -> None:
        wanted: dict[type[Model], set[Any]] = {}
        for version in versions:
            for field in version.tracked_fields:
                if isinstance(field, ForeignKey):
                    pks = wanted.setdefault(_related(field), set())
                    pks.add(getattr(version, field.attname))
        self.names = {
            (model, pk): str(found)
            for model, pks in wanted.items()
            for pk, found in model._default_manager.in_bulk(pks - {None}).items()
        }

    def say(self, field: "models.Field[Any, Any]", value: Any) -> str:
        if isinstance(field, ForeignKey):
            return "" if value is None else self._name(field, value)
        if field.flatchoices:
            choices = {value or "": label for value, label in field.flatchoices}
            return str(choices.get(value or "", value or ""))
        return _printed(value)

    def name(self, version: Version) -> str:
        """What an object was called; a figure by its region, level and source."""
        if version.instance_type is not SalaryBand:
            return str(version.history_object)
        fields = [SalaryBand._meta.get_field(n) for n in ("region", "level", "source")]
        said = (self.say(f, getattr(version, f.attname)) for f in fields)  # type: ignore[union-attr, arg-type]
        band = version.history_object
        return " · ".join(filter(None, (*said, salaries.sentence(band, active_language()))))

    def changes(self, old: Version | None, new: Version | None) -> list[Change]:
        """The fields in which two versions differ; None is one that says nothing."""
        found = []
        for field in _told(old or new):
            before, after = (each and getattr(each, field.attname) for each in (old, new))
            if before != after:
                label = str(capfirst(field.verbose_name))
                found.append(Change(label, self.say(field, before), self.say(field, after)))
        return [change for change in found if change.old != change.new]

    def _name(self, field: "ForeignKey[Any, Any]", pk: Any) -> str:
        model = _related(field)
        lost = _("deleted: %(what)s no. %(number)s")
        return self.names.get((model, pk)) or lost % {
            "what": model._meta.verbose_name,
            "number": pk,
        }


def _related(field: "ForeignKey[Any, Any]") -> type[Model]:
    model: type[Model] = field.remote_field.model
    return model


def _told(version: Version) -> list["models.Field[Any, Any]"]:
    return [f for f in version.tracked_fields if f.editable and not f.primary_key]


def _printed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return wording.number(value, active_language())
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    return str(formats.localize(value))


def entries(histories: list[Versions], moments: Iterable[datetime]) -> list[Entry]:
    """What was saved at these moments, in their order."""
    versions: list[Version] = []
    former: dict[tuple[type[Model], int], Version] = {}
    moments = list(moments)
    for history in histories:
        found = list(_with_former(history.filter(history_date__in=moments)))
        before = history.model.objects.in_bulk([each.former for each in found if each.former])
        former |= {(history.model, each.pk): before[each.former] for each in found if each.former}
        versions += found
    words = Words([*versions, *former.values()])
    made: dict[datetime, Entry] = {}
    for version in versions:
        entry = made.setdefault(
            version.history_date,
            Entry(version.history_date, version.history_user, version.history_change_reason, []),
        )
        old = former.get((type(version), version.pk))
        kind = "=" if version.history_type == "~" and not old else version.history_type
        changes = words.changes(old, version) if kind == "~" else []
        is_part = not isinstance(version, histories[0].model)
        entry.altered.append(Altered(kind, words.name(version), changes, is_part))
    return [made[at] for at in moments if at in made]


def _with_former(versions: Versions) -> Versions:
    """Annotate `former`, the number of the version before each."""
    before = versions.model.objects.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    former = Subquery(before.order_by("-history_id").values("history_id")[:1])
    found: Versions = versions.annotate(former=former)
    return found.select_related("history_user").order_by("history_id")


def difference(histories: list[Versions], old: datetime, new: datetime) -> list[Altered]:
    """What differs between two moments: the object itself first, then its parts."""
    then, now = ([as_of(history, at) for history in histories] for at in (old, new))
    words = Words(version for side in (*then, *now) for version in side)
    found = []
    for is_part, (before, after) in enumerate(zip(then, now, strict=True)):
        olds, news = ({version.id: version for version in side} for side in (before, after))
        for pk in {**olds, **news}:
            a, b = olds.get(pk), news.get(pk)
            kind = "~" if a and b else "+" if b else "-"
            if changes := words.changes(a, b):
                whole = not is_part or kind == "~"
                name = words.name(b or a)
                found.append(Altered(kind, name, changes if whole else [], bool(is_part)))
    return found


# --- Making it so again -----------------------------------------------------------------------

# Who publishes decides anew: nothing appears in public, or leaves it, because a text comes back.
PUBLICATION = frozenset({"status", "published_at", "unpublished_at"})


def restore(version: Version, keep: Iterable[str], why: str) -> Model:
    """Save an object as it was, as a new version; what is deleted comes back with its number.

    Of an object that exists, the fields named in `keep` stay as they are now; publication always
    does, and a career that comes back is a draft. The rules of every save hold: raises
    ValidationError where one is broken, and saves nothing.
    """
    model = version.instance_type
    there = model._default_manager.filter(pk=version.id).first()
    target: Model = there or model(pk=version.id)
    kept = {*keep, *PUBLICATION} if there else PUBLICATION
    back = [field for field in version.tracked_fields if field.name not in kept]
    values = {field.attname: getattr(version, field.attname) for field in back}
    shown = (field.attname for field in back if field.editable)
    changed = not there or any(getattr(target, name) != values[name] for name in shown)
    for name, value in values.items():
        setattr(target, name, value)
    if changed:
        target.full_clean()
        target._change_reason = why  # type: ignore[attr-defined]
        target.save()
    return target


def restore_figures(career: Career, at: datetime, why: str) -> None:
    """Make the figures of a career what they were: changed ones as before, deleted ones back, later
    ones deleted. One that has moved to another career since stays there."""
    _own, history = histories(Career, career.pk)
    then = {each.id: each for each in as_of(history, at) if each.career_id == career.pk}
    elsewhere = SalaryBand.objects.filter(pk__in=then).exclude(career=career)
    moved = set(elsewhere.values_list("pk", flat=True))
    for band in career.bands.exclude(pk__in=then):
        band._change_reason = why
        band.delete()
    for pk, version in then.items():
        if pk not in moved:
            restore(version, (), why)
