"""People."""

from django.contrib.auth.models import AbstractUser


class Person(AbstractUser):
    """Somebody who signs in. Never deleted: deeds keep who did them."""

    class Meta(AbstractUser.Meta):
        verbose_name = "person"
        verbose_name_plural = "people"
