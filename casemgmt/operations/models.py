"""What an installation knows of itself."""

from django.db import models


class Installation(models.Model):
    """One row. A database that once held demo data is marked for ever: it never becomes the place of real work."""

    id = models.SmallAutoField(primary_key=True)
    is_demo = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)
    demo_completed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(name="installation_is_one_row", condition=models.Q(id=1))]
