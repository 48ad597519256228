from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careers import search
from careers.addresses import address
from careers.models.change import Content, ContentQuerySet
from careers.models.derived import outdated
from careers.models.field import Field
from careers.models.history import History
from careers.models.prose_amount import ProseAmount
from careers.models.slugs import free_slug
from careers.models.translated import Translated, active_language, pairs, stale

SLUG_LENGTH = 200
# How much each thing in common counts for `CareerQuerySet.related_to`.
SAME_FIELD, SAME_FAMILY, SAME_TITLE_WORD, SAME_SKILL_WORD = 1000, 8, 4, 1
NEAR = 4
# A code's beginning names its family: ROME's domain, the minor groups of ISCO and SOC.
FAMILIES = {"rome_code": 3, "isco_code": 3, "soc_code": 4}
WORDS_COMPARED = 24


class CareerQuerySet(ContentQuerySet["Career"]):
    CAREER = "pk"

    def published(self, now: datetime | None = None) -> Self:
        """What the public may see, at `now` or this very moment."""
        now = now or timezone.now()
        still = Q(unpublished_at=None) | Q(unpublished_at__gt=now)
        return self.filter(still, status=Career.Status.PUBLISHED, published_at__lte=now)

    def at_address(self, slug: str) -> "Career | None":
        """The career whose address this is, or else once was; then its own slug is another."""
        return self.filter(slug=slug).first() or self.filter(former_slugs__slug=slug).first()

    def outdated(self) -> Iterator[list["Career"]]:
        """In portions, the careers whose derived texts are not what they should be, with those."""

        def derive(careers: list["Career"]) -> None:
            for career in careers:
                career.prepare()

        return outdated(self, (*Career.DERIVED, "translated_from"), derive)

    def rebuild(self) -> int:
        """Derive the texts to find and sort, and what the texts name; return how many changed."""
        columns = [*Career.DERIVED, "translated_from"]
        return sum(self.bulk_update(each, columns, batch_size=500) for each in self.outdated())

    def matching(self, question: str) -> Self:
        """Careers whose titles or skills, in either language, hold every word asked, as a word's
        beginning.

        Words fold case, accents, ligatures, apostrophes, gender and number. A question without any
        word asks nothing and filters nothing.
        """
        careers = self
        for term in search.terms(question):
            careers = careers.filter(search_text__contains=f" {term}")
        return careers

    def written_in(self, *languages: str) -> Self:
        """Careers that can be read in any of these languages: title and summary are in it.

        A career that has no summary in any language has a title alone to be read.
        """
        readable = Q(pk__in=[])
        for language in languages:
            other = "en" if language == "fr" else "fr"
            summary = ~Q(**{f"summary_{language}": ""}) | Q(**{f"summary_{other}": ""})
            readable |= ~Q(**{f"title_{language}": ""}) & summary
        return self.filter(readable)

    def by_relevance(self, question: str) -> Self:
        """The best match first; without any word, by title."""
        order = ("relevance", "detail", f"sort_title_{active_language()}", "pk")
        return self.with_relevance(question).order_by(*order)

    def with_relevance(self, question: str) -> Self:
        """Annotate `relevance` and `detail` of careers that match: the lower, the better.

        The grades are those below, in their order; of one grade, shorter titles say more exactly
        what was asked. Without any word all are alike.
        """
        words = search.terms(question)
        if not words:
            return self.annotate(relevance=Value(0), detail=Value(0))
        exact = search.line(words)
        whole, begun = (search.pattern(words, whole=whole) for whole in (True, False))
        anywhere = Q()
        for word in words:
            anywhere &= Q(search_titles__contains=f" {word}") | Q(
                search_other_titles__contains=f" {word}"
            )
        grades = (
            Q(search_titles__contains=exact),
            Q(search_titles__regex=whole),
            Q(search_other_titles__contains=exact),
            Q(search_titles__regex=begun),
            Q(search_other_titles__regex=whole),
            Q(search_other_titles__regex=begun),
            anywhere,
        )
        cases = [When(grade, then=Value(number)) for number, grade in enumerate(grades)]
        relevance = Case(*cases, default=Value(len(grades)))  # skills
        return self.annotate(relevance=relevance, detail=Length("search_titles"))

    def with_kinship(self, career: "Career") -> Self:
        """Annotate `kinship`, how near each career is to this one; 0 where they share nothing.

        The same field of work counts most, then the same family of a classification, then each
        word of this career's titles or skills that the other has.
        """
        kinship: Any = Value(0)
        for shared, weight in _kinship(career):
            kinship += Case(When(shared, then=Value(weight)), default=Value(0))
        return self.annotate(kinship=kinship)

    def related_to(self, career: "Career") -> Self:
        """The other careers that are near enough to this one to be named, the nearest first."""
        others = self.exclude(pk=career.pk).with_kinship(career).filter(kinship__gte=NEAR)
        return others.order_by("-kinship", f"sort_title_{active_language()}", "pk")


class Career(Content):
    """One job: what one does, how to get in, and (through its bands) what it pays."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        PUBLISHED = "published", _("published")
        ARCHIVED = "archived", _("archived")

    slug = models.SlugField(
        _("address"),
        max_length=SLUG_LENGTH,
        unique=True,
        blank=True,
        help_text=_(
            "The last part of the page’s address, the same in both languages. Left empty, it is "
            "made from the French title. It stays when the title changes; if you change it, the "
            "old address leads to the new one."
        ),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("Public from this moment on. Left empty, publishing sets it to now."),
    )
    unpublished_at = models.DateTimeField(
        _("unpublished at"),
        null=True,
        blank=True,
        help_text=_("Public until this moment. Left empty, it stays public."),
    )
    field = models.ForeignKey(
        Field,
        models.PROTECT,
        verbose_name=_("field of work"),
        related_name="careers",
        null=True,
        blank=True,
    )
    checked_on = models.DateField(
        _("checked on"),
        null=True,
        blank=True,
        help_text=_("The day on which somebody last read the whole page against its sources."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    title_fr = models.CharField(_("title in French"), max_length=255, blank=True)
    title_en = models.CharField(_("title in English"), max_length=255, blank=True)
    alternative_titles_fr = models.TextField(
        _("other titles in French"),
        blank=True,
        help_text=_("One a line, feminine forms too. Search knows them."),
    )
    alternative_titles_en = models.TextField(
        _("other titles in English"), blank=True, help_text=_("One a line. Search knows them.")
    )
    summary_fr = models.CharField(
        _("summary in French"),
        max_length=500,
        blank=True,
        help_text=_("One sentence that answers: what is this job?"),
    )
    summary_en = models.CharField(_("summary in English"), max_length=500, blank=True)
    tasks_fr = models.TextField(_("what one does, in French"), max_length=20_000, blank=True)
    tasks_en = models.TextField(_("what one does, in English"), max_length=20_000, blank=True)
    typical_week_fr = models.TextField(
        _("a typical week, in French"), max_length=20_000, blank=True
    )
    typical_week_en = models.TextField(
        _("a typical week, in English"), max_length=20_000, blank=True
    )
    entry_routes_fr = models.TextField(_("how to get in, in French"), max_length=20_000, blank=True)
    entry_routes_en = models.TextField(
        _("how to get in, in English"), max_length=20_000, blank=True
    )
    skills_fr = models.TextField(_("skills, in French"), max_length=20_000, blank=True)
    skills_en = models.TextField(_("skills, in English"), max_length=20_000, blank=True)
    pay_factors_fr = models.TextField(
        _("what makes pay vary, in French"), max_length=20_000, blank=True
    )
    pay_factors_en = models.TextField(
        _("what makes pay vary, in English"), max_length=20_000, blank=True
    )
    outlook_fr = models.TextField(_("outlook, in French"), max_length=20_000, blank=True)
    outlook_en = models.TextField(_("outlook, in English"), max_length=20_000, blank=True)
    rome_code = models.CharField(
        _("ROME code"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^[A-N]\d{4}\Z", _("A ROME code reads like M1889."))],
        help_text=_("France Travail: one letter, four digits."),
    )
    isco_code = models.CharField(
        _("ISCO code"),
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^\d{4}\Z", _("An ISCO code reads like 2511."))],
        help_text=_("International Labour Organization, ISCO-08: four digits."),
    )
    esco_uri = models.URLField(
        _("ESCO address"),
        blank=True,
        help_text=_("European Commission: http://data.europa.eu/esco/occupation/…"),
    )
    soc_code = models.CharField(
        _("SOC code"),
        max_length=10,
        blank=True,
        validators=[
            RegexValidator(r"^\d\d-\d{4}(\.\d\d)?\Z", _("A SOC code reads like 15-2051.00."))
        ],
        help_text=_("United States, O*NET-SOC."),
    )
    # Derived: what search reads (all words, then titles line by line to tell how well they match),
    # and the titles as each language sorts them.
    search_text = models.TextField(editable=False, blank=True)
    search_titles = models.TextField(editable=False, blank=True)
    search_other_titles = models.TextField(editable=False, blank=True)
    sort_title_fr = models.CharField(max_length=255, editable=False, blank=True)
    sort_title_en = models.CharField(max_length=255, editable=False, blank=True)
    # Of each text both languages as they were when the English last changed, in digests; and the
    # texts whose French has changed since.
    translated_from = models.JSONField(default=dict, editable=False, blank=True)
    stale_english = models.CharField(max_length=200, editable=False, blank=True)

    title = Translated()
    alternative_titles = Translated()
    summary = Translated()
    tasks = Translated()
    typical_week = Translated()
    entry_routes = Translated()
    skills = Translated()
    pay_factors = Translated()
    outlook = Translated()
    objects = CareerQuerySet.as_manager()

    DERIVED = (
        "search_text",
        "search_titles",
        "search_other_titles",
        "sort_title_fr",
        "sort_title_en",
        "stale_english",
    )
    # A version knows what its English was made from, or restoring it would call it up to date.
    history = History(excluded_fields=(*DERIVED, "created_at", "updated_at"))
    # The long texts in the order in which page and form show them.
    SECTIONS = ("tasks", "typical_week", "entry_routes", "skills", "pay_factors", "outlook")
    TRANSLATED = ("title", "summary", *SECTIONS)
    CODES = ("rome_code", "isco_code", "esco_uri", "soc_code")

    class Meta:
        verbose_name = _("career")
        verbose_name_plural = _("careers")
        ordering = ["sort_title_fr", "pk"]
        permissions = [
            ("publish_career", _("Can publish careers")),
            ("import_career", _("Can import careers")),
            ("export_career", _("Can export careers")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="published")
                | (Q(published_at__isnull=False) & ~Q(title_fr="")),
                name="careers_career_published_needs_date_and_title",
                violation_error_message=_(
                    "A published career needs a publication date and a French title."
                ),
            ),
            models.CheckConstraint(
                condition=Q(unpublished_at=None) | Q(unpublished_at__gt=F("published_at")),
                name="careers_career_unpublished_after_published",
                violation_error_message=_("A career is unpublished after it was published."),
            ),
        ]
        indexes = [models.Index(fields=["status", "published_at"], name="careers_career_published")]

    def __str__(self) -> str:
        return self.title or self.title_en or self.slug

    def clean(self) -> None:
        super().clean()
        self.prepare()
        if self.status == self.Status.PUBLISHED and not self.title_fr:
            raise ValidationError({"title_fr": _("A published career needs a French title.")})
        if not (self.title_fr or self.title_en):
            raise ValidationError({"title_fr": _("Give a title in at least one language.")})
        if FormerSlug.objects.filter(slug=self.slug).exclude(career=self.pk).exists():
            raise ValidationError({"slug": _("This address once led to another career.")})

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save with what follows from the fields, and keep the address that a new slug leaves."""
        if update_fields is not None:
            follow = (*self.DERIVED, "translated_from", "slug", "published_at")
            update_fields = {*update_fields, *follow}
        with transaction.atomic():
            self.prepare()
            former = Career.objects.filter(pk=self.pk).values_list("slug", flat=True).first()
            super().save(update_fields=update_fields, **kwargs)
            if former and former != self.slug:
                FormerSlug.objects.filter(slug=self.slug, career=self).delete()
                FormerSlug.objects.update_or_create(slug=former, defaults={"career": self})
            ProseAmount.objects.keep([self])

    def prepare(self) -> None:
        """Fill what follows from other fields: slug, publication date, texts to find and sort."""
        if not self.slug:
            title = self.title_fr or self.title_en
            self.slug = free_slug(title, SLUG_LENGTH, Career, FormerSlug, otherwise="career")
        if self.status == self.Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()
        self.sort_title_fr = search.fold(self.title_fr or self.title_en)[:255]
        self.sort_title_en = search.fold(self.title_en or self.title_fr)[:255]
        titles = (self.title_fr, self.title_en)
        others = (self.alternative_titles_fr, self.alternative_titles_en)
        self.search_text = search.index(*titles, *others, self.skills_fr, self.skills_en)
        self.search_titles = search.lines(*titles)
        self.search_other_titles = search.lines(*others)
        self.translated_from = pairs(self, self.TRANSLATED, self.translated_from)
        self.stale_english = " ".join(stale(self, self.translated_from))

    def careers_concerned(self) -> set[int]:
        return {self.pk} if self.pk else set()

    def get_absolute_url(self) -> str:
        return address("career_detail", self.slug)

    def is_public_at(self, now: datetime) -> bool:
        """Whether `CareerQuerySet.published(now)` holds it, for a career already read."""
        begun = self.published_at is not None and self.published_at <= now
        ended = self.unpublished_at is not None and self.unpublished_at <= now
        return self.status == self.Status.PUBLISHED and begun and not ended


def _kinship(career: Career) -> Iterator[tuple[Q, int]]:
    """What another career can have in common with this one, and how much it counts."""
    if career.field_id:
        yield Q(field=career.field_id), SAME_FIELD
    for code, length in FAMILIES.items():
        if family := getattr(career, code)[:length]:
            yield Q(**{f"{code}__startswith": family}), SAME_FAMILY
    titles = search.index(career.title_fr, career.title_en).split()
    for word in titles[:WORDS_COMPARED]:
        yield Q(search_titles__contains=f" {word} "), SAME_TITLE_WORD
    skills = search.index(career.skills_fr, career.skills_en).split()
    for word in skills[:WORDS_COMPARED]:
        yield Q(search_text__contains=f" {word}"), SAME_SKILL_WORD


class FormerSlug(models.Model):
    """An address that a career once had; it redirects for as long as the career exists."""

    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    career = models.ForeignKey(Career, models.CASCADE, related_name="former_slugs")

    def __str__(self) -> str:
        return self.slug
