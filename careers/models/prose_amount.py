from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from careers import prose
from careers.models.translated import LANGUAGES

if TYPE_CHECKING:
    from careers.models.career import Career


class ProseAmountQuerySet(models.QuerySet["ProseAmount"]):
    def keep(self, careers: "list[Career]") -> None:
        """Derive again the amounts that the texts of these careers name."""
        kept = {(each.career_id, each.said): each.pk for each in self.filter(career__in=careers)}
        named = {(each.career_id, each.said): each for career in careers for each in _named(career)}
        self.filter(pk__in=[kept[key] for key in kept.keys() - named.keys()]).delete()
        self.bulk_create([named[key] for key in named.keys() - kept.keys()], batch_size=500)


class ProseAmount(models.Model):
    """An amount of money that a text of a career names. Derived: the desk asks whether a figure
    supports it, and whether the other language says the same."""

    career = models.ForeignKey("careers.Career", models.CASCADE, related_name="prose_amounts")
    text = models.CharField(max_length=30)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    currency = models.CharField(max_length=3)
    # The same text in the other language is there, and does not name this amount.
    one_sided = models.BooleanField()

    objects = ProseAmountQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.amount.normalize():f} {self.currency}"

    @property
    def said(self) -> tuple[object, ...]:
        return (self.text, self.language, self.amount, self.currency, self.one_sided)


def _named(career: "Career") -> list[ProseAmount]:
    found = []
    for text in ("summary", *career.SECTIONS):
        texts = {language: getattr(career, f"{text}_{language}") for language in LANGUAGES}
        named = {language: prose.amounts(said) for language, said in texts.items()}
        for language, other in (("fr", "en"), ("en", "fr")):
            found += [
                ProseAmount(
                    career=career,
                    text=text,
                    language=language,
                    amount=each.value,
                    currency=each.currency,
                    one_sided=bool(texts[other]) and each not in named[other],
                )
                for each in named[language]
                if each.value < _TOO_LARGE
            ]
    return found


# What a column of 15 digits with 4 decimals holds.
_TOO_LARGE = 10**11
