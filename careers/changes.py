"""When something that the public sees last changed: what feeds and sitemaps order and say."""

from django.db.models.functions import Greatest

# What was scheduled is new to its readers when it appears, not when it was last typed.
CAREER_CHANGED_AT = Greatest("updated_at", "published_at")
FIGURE_CHANGED_AT = Greatest("updated_at", "career__published_at")
