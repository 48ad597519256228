from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.utils import timezone

KEPT_FOR = timedelta(days=1)


class Upload(models.Model):
    """A file between its preview and its import. In the database, because the next request may
    reach another process or another machine; gone once imported, or after a day."""

    resource = models.CharField(max_length=50)
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    create_missing = models.BooleanField(default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: object) -> None:
        Upload.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
        super().save(**kwargs)  # type: ignore[arg-type]

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()
