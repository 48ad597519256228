"""When something that the public sees last changed: what feeds and sitemaps order and say."""

from django.db.models.functions import Greatest

# A career that was scheduled is new to its readers when it appears, not when it was last typed.
CAREER_CHANGED_AT = Greatest("updated_at", "published_at")
# A figure has no time of its own: it is as new as its career.
FIGURE_CHANGED_AT = Greatest("career__updated_at", "career__published_at")
