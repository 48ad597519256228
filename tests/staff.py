"""People who log in to the admin, and what their browsers send."""

from itertools import count

from django.contrib.auth.models import Group, Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.forms import form_of as form_of

_numbers = count(1)


def create_staff(group: str = "", *permissions: str) -> User:
    """Staff of a group, or else with a few permissions by code name."""
    user = User.objects.create_user(f"{group or 'somebody'}-{next(_numbers)}", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(view: str, *args: object, model: str = "career") -> str:
    """Where the admin has a view of a model."""
    return reverse(f"admin:careers_{model}_{view}", args=args)


def messages_of(response: HttpResponse) -> list[str]:
    """What the page tells at its top."""
    return [str(message) for message in response.context["messages"]]
