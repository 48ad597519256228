from itertools import chain, count

from django.db import models

from careers import search


def free_slug(title: str, length: int, *taken_by: type[models.Model], otherwise: str) -> str:
    """A slug of the title that no row of these models has: "boulanger", else "boulanger-2".

    A title without a letter of ours ("労働") takes `otherwise`.
    """
    start = search.slug(title, length - len("-9999")) or otherwise
    taken = {
        slug
        for model in taken_by
        for slug in model._default_manager.filter(slug__startswith=start).values_list(
            "slug", flat=True
        )
    }
    numbered = (f"{start}-{number}" for number in count(2))
    return next(each for each in chain([start], numbered) if each not in taken)
