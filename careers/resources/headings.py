"""What people call the columns, in French and English, beside their names and labels."""

from typing import Any

from django.db.models import Model
from django.utils import translation

from careers import search

# By model and column. A word that may mean two things stands nowhere: « salaire », "date of birth".
SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "salaryband": {
        "career": ("métier", "intitulé", "poste", "profession", "occupation", "job", "job title"),
        "region": ("pays", "lieu", "zone", "country", "location", "place", "area"),
        "level": ("niveau", "expérience", "seniority", "experience", "experience level"),
        "engagement": ("statut", "type d’emploi", "employment type", "employment"),
        "low": (
            "min",
            "minimum",
            "bas",
            "salaire min",
            "salaire minimum",
            "salary min",
            "min salary",
        ),
        "median": ("médiane", "salaire médian", "median salary"),
        "high": (
            "max",
            "maximum",
            "haut",
            "salaire max",
            "salaire maximum",
            "salary max",
            "max salary",
        ),
        "open_ended": ("sans plafond", "open-ended"),
        "currency": ("devise", "monnaie", "salary currency"),
        "period": ("période", "périodicité"),
        "basis": ("brut ou net", "gross/net"),
        "observed_on": ("date", "observé le", "date d’observation", "observation date", "as of"),
    },
    "career": {
        "slug": ("identifiant", "address", "adresse"),
        "title_fr": ("titre", "intitulé", "métier", "titre français", "French title"),
        "title_en": ("title", "titre anglais", "English title", "job title"),
        "alternative_titles_fr": ("autres titres", "synonymes"),
        "alternative_titles_en": ("other titles", "synonyms"),
        "summary_fr": ("résumé",),
        "summary_en": ("summary",),
        "field": ("domaine", "secteur", "sector", "domain"),
        "status": ("statut", "état"),
        "published_at": ("publié le", "published"),
        "rome_code": ("ROME", "code ROME"),
        "isco_code": ("ISCO", "CITP", "code ISCO", "code CITP"),
        "soc_code": ("SOC", "O*NET-SOC"),
    },
    "region": {
        "parent": ("dans", "lies in", "code parent"),
        "name_fr": ("nom", "région", "nom français"),
        "name_en": ("name", "region", "English name"),
        "yearly_hours": ("heures par an", "hours a year"),
    },
    "source": {
        "slug": ("identifiant",),
        "title": ("titre", "source", "nom", "name"),
        "publisher": ("éditeur", "organisme", "author", "auteur"),
        "url": ("lien", "link", "adresse", "address"),
        "published_on": ("date", "publié le", "published"),
        "licence": ("license",),
    },
    "field": {
        "slug": ("identifiant",),
        "name_fr": ("nom", "domaine", "nom français"),
        "name_en": ("name", "field", "English name"),
        "note_fr": ("explication",),
        "note_en": ("explanation",),
    },
    "exchangerate": {
        "currency": ("devise",),
        "fixed_on": ("date", "day", "jour"),
        "rate": ("taux", "cours"),
    },
}


def ranked(model: type[Model], column: Any) -> dict[str, int]:
    """The folded headings of a column, each with how surely it means it: 0 is its own name."""
    labels = []
    for language in ("fr", "en"):
        with translation.override(language):
            labels.append(str(model._meta.get_field(column.name).verbose_name))  # type: ignore[union-attr]
    synonyms = SYNONYMS.get(model._meta.model_name or "", {}).get(column.name, ())
    found: dict[str, int] = {}
    for rank, names in enumerate(((column.name,), column.aliases, labels, synonyms)):
        for name in names:
            found.setdefault(search.fold(name), rank)
    return found
