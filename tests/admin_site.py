"""An admin with something for each of its addresses to find, and what browsers send there."""

import re
from functools import cache

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from careers import versions
from careers.admin.previewing import share
from careers.models import Career, Draft, Export, Import, Report, SavedFilter, Upload
from tests.factories import (
    create_band,
    create_career,
    create_field,
    create_rate,
    create_region,
    create_source,
    undone,
)
from tests.files import as_csv
from tests.staff import client_of, create_staff, form_of

PASSWORD = "a long walk by the sea"
WRITTEN = re.compile(r'(?:INSERT INTO|INSERT OR IGNORE INTO|UPDATE|DELETE FROM) "(\w+)"')

MODELS = {each._meta.db_table: each for each in apps.get_models() if each is not Session}

# What a form needs beyond what it is opened with.
FILLED = {
    "auth_group_add": {"name": "others", "permissions": []},
    "auth_user_add": {"username": "new", "usable_password": "true"}
    | dict.fromkeys(("password1", "password2"), PASSWORD),
    "auth_group_change": {"permissions": []},
    "auth_user_change": {"groups": [], "user_permissions": []},
    "careers_career_add": {"title_fr": "Boulanger"},
    "careers_exchangerate_add": {"currency": "CHF", "fixed_on": "2023-04-28", "rate": "0.98"},
    "careers_field_add": {"name_fr": "Bois"},
    "careers_region_add": {"code": "BE", "kind": "country", "name_fr": "Belgique"},
    "careers_report_change": {"verdict": "used"},
    "careers_source_add": {"title": "Insee"},
}
# What is sent where no form stands on the page of that address, by the end of its name.
SENT = {
    "delete": {"post": "yes"},
    "deleted": {},
    "draft_discard": {},
    "draft_send_back": {"reason": "Trop court."},
    "drop_filter": {},
    "keep_filter": {"name": "Mine", "query": "q=a"},
    "login": {"username": "editor", "password": PASSWORD},
    "move": {"reason": "Relu.", "moment": "2999-01-01T08:00"},
    "password_change": {"old_password": PASSWORD}
    | dict.fromkeys(("new_password1", "new_password2", "password1", "password2"), PASSWORD[::-1]),
    "rendered": {"text": "*mot*"},
    "simple_history": {"why": "Mieux avant."},
}
# The buttons of a working draft.
BUTTONS = ("_draft", "_submit_draft", "_publish_draft")
# One row of a file that brings something new.
FILES = {
    "career": {"slug": "boulanger", "title_fr": "Boulanger"},
    "field": {"slug": "bois", "name_fr": "Bois"},
    "region": {"code": "BE", "name_fr": "Belgique", "kind": "country"},
    "salaryband": {
        **{"career": "publie", "region": "FR", "high": "70000", "currency": "EUR"},
        **{"source": "article-2023", "observed_on": "2023-05-30"},
    },
    "source": {"slug": "insee", "title": "Insee"},
}


# --- A site with something for each address to find ---------------------------------------------


def create_people():
    """One of each role, by role."""
    viewing = Permission.objects.filter(
        content_type__app_label="careers", codename__startswith="view_"
    )
    people = {
        "viewer": create_staff("", *viewing.values_list("codename", flat=True)),
        "contributor": create_staff("contributors"),
        "editor": create_staff("editors"),
        "superuser": User.objects.create_superuser("superuser"),
    }
    for role, user in people.items():
        user.username = role
        user.set_password(PASSWORD)
        user.save()
    return people


def create_careers(region):
    """Careers in each state that a row speaks of, each with a figure; by that word."""
    ways = {
        "draft": {"status": "draft", "published_at": None},
        "in review": {"status": "in_review", "published_at": None},
        "archived": {"status": "archived"},
        "ending": {"unpublished_at": "2999-01-01T00:00Z"},
        "published": {},
        "theirs": {},
        "of contributor": {},
    }
    careers = {
        word: create_career(title_fr=title, **ways[word])
        for word, title in zip(
            ways, ("Brouillon", "Relu", "Vieux", "Fini", "Publié", "Repris", "Écrit"), strict=True
        )
    }
    for career in careers.values():
        create_band(career=career, region=region, high=60_000)
        # Its English was made from another French.
        career.summary_fr, career.summary_en = "Avant", "Before"
        career.save()
        career.summary_fr = "Après"
        career.save()
    starts = {
        **dict.fromkeys(BUTTONS, "published"),
        **dict.fromkeys(("submit", "publish", "schedule"), "draft"),
        **dict.fromkeys(("take_back", "send_back"), "in review"),
        **dict.fromkeys(("expire", "withdraw", "archive"), "published"),
        **{"stay": "ending", "reopen": "archived"},
    }
    return careers | {name: careers[start] for name, start in starts.items()}


class Site:
    """The people, the objects, and what each address is asked about."""

    def __init__(self):
        self.people = create_people()
        self.clients = {role: client_of(user) for role, user in self.people.items()}
        france = create_region(code="FR", name_fr="France", name_en="France")
        careers = create_careers(france)
        self.objects = {("career", word): career for word, career in careers.items()}
        self.objects |= {
            ("salaryband", word): careers[word].bands.get() for word in ("draft", "published")
        }
        band = self.objects["salaryband", "published"]
        report = Report.objects.create(band=band, message="Un chiffre de 2024", language="fr")
        self.objects |= {
            ("career", ""): careers["published"],
            ("salaryband", ""): band,
            ("region", ""): create_region(code="DE"),
            ("source", ""): create_source(slug="apec", title="Apec"),
            ("field", ""): create_field(),
            ("exchangerate", ""): create_rate(),
            ("report", ""): report,
            ("export", ""): Export.objects.create(resource="career", profile="data", name="a.csv"),
            ("import", ""): Import.objects.create(resource="career", name="a.csv", sha256="0"),
            ("group", ""): Group.objects.create(name="readers"),
            ("user", ""): User.objects.create_user("somebody"),
        }
        self.create_deleted()
        self.create_drafts(careers)
        self.own = {role: self.create_own(user) for role, user in self.people.items()}
        self.forms = {}
        self.state = {name: state(name) for name in MODELS}

    def create_deleted(self):
        """One that is gone of each kind that can come back."""
        lost = {
            "career": create_career(title_fr="Perdu"),
            "salaryband": create_band(
                career=self.objects["career", "published"], level="senior", high=9
            ),
            "region": create_region(code="XX"),
            "source": create_source(slug="lost"),
            "field": create_field(name_fr="Perdu"),
        }
        for model, each in lost.items():
            self.objects[model, "deleted"] = type(each)(pk=each.pk)
            each.delete()

    def create_drafts(self, careers):
        for word, role in (("theirs", "editor"), ("of contributor", "contributor")):
            page = self.clients["superuser"].get(f"/admin/careers/career/{careers[word].pk}/draft/")
            form = QueryDict(mutable=True)
            form.update(form_of(page) | {"title_en": "New"})
            kept = {"form": Draft.of_form(form), "user": self.people[role]}
            Draft.objects.create(career=careers[word], submitted_at="2023-05-02T00:00Z", **kept)

    def create_own(self, user):
        """What only its owner sees, by model: an upload and a filter."""
        return {
            model: (
                Upload.objects.create(
                    resource=model, name=f"{model}.csv", content=as_csv(row), user=user
                ).pk,
                SavedFilter.objects.create(user=user, model=model, name="a", query="q=a").pk,
            )
            for model, row in FILES.items()
        }

    # --- What is asked ---------------------------------------------------------------------------

    def address(self, row, route, role):
        """The address of a row, for the object that the second word of the row names."""
        name, _space, word = row.partition(" ")
        model = next((part for part in route.split("/") if (part, "") in self.objects), "career")
        obj = self.objects[model, word]
        upload, own_filter = self.own.get(role, self.own["viewer"]).get(model, (0, 0))
        values = {
            **dict.fromkeys(("object_id", "pk", "id"), obj.pk),
            **{"upload": upload, "profile": "data", "name": word, "url": "nowhere/"},
            **{"app_label": "careers", "moment": first_moment(obj)},
            "content_type_id": ContentType.objects.get_for_model(Career).pk,
            "token": share(self.objects["career", "draft"], None),
        }
        if name.endswith("_drop_filter"):
            values["pk"] = own_filter
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), route)
        if name.endswith("_compare"):
            path += "?then={0}&now={0}".format(values["moment"])
        elif name.endswith("autocomplete"):
            path += "?app_label=careers&model_name=salaryband&field_name=region&term=fr"
        return path

    def posted(self, row, path):
        """What a browser would send: the form of the page filled in, or what SENT says."""
        name, _space, word = row.partition(" ")
        if name.endswith("_import"):
            model = name.split("_")[1]
            return {"file": SimpleUploadedFile("new.csv", as_csv(FILES[model]))}
        if name in {f"careers_{model}_preview" for model in FILES}:
            # With what was shown: only whoever uploaded the file sees it.
            pages = (client.get(path) for client in self.clients.values())
            shown = next((page for page in pages if page.status_code == 200), None)
            return {"shown": shown.context["plan"].fingerprint} if shown else {}
        for end, data in SENT.items():
            if name == end or name.endswith(f"_{end}"):
                return data
        if not name.endswith(("_add", "_change", "_draft")):
            return {}
        if path not in self.forms:
            page = self.clients["superuser"].get(path)
            self.forms[path] = form_of(page) if page.status_code == 200 else {}
        if name == "careers_salaryband_add":
            like = self.forms[path] | {"career": self.objects["career", word].pk, "high": "70000"}
            like |= {"region": self.objects["region", ""].pk, "currency": "EUR"}
            return like | {
                "source": self.objects["source", ""].pk,
                **{"period": "year", "observed_on": "2023-05-30"},
            }
        return self.forms[path] | FILLED.get(name, {}) | ({word: "1"} if word in BUTTONS else {})

    # --- What is answered ------------------------------------------------------------------------

    def answer(self, role, method, path, data=None):
        """The status, "login" for the way there; with a star where something was written."""
        client = Client()
        if role != "anonymous":
            client.cookies[settings.SESSION_COOKIE_NAME] = self.clients[role].session.session_key
        with undone(), CaptureQueriesContext(connection) as queries:
            response = client.generic("GET", path) if method == "GET" else client.post(path, data)
            if response.streaming:
                response.getvalue()
            # What a preview takes back itself is not written.
            touched = {table for each in queries for table in WRITTEN.findall(each["sql"])}
            wrote = any(state(table) != self.state[table] for table in touched & self.state.keys())
        code = str(response.status_code)
        if code == "302" and response["Location"].startswith("/admin/login/"):
            code = "login"
        return response, code + "*" * wrote

    @cache  # noqa: B019 -- a site lives as long as its test
    def offered(self, role, path):
        """The list actions that the page of a list offers."""
        page, _code = self.answer(role, "GET", path)
        form = (page.context or {}).get("action_form")
        return set(dict(form.fields["action"].choices)) if form else set()


def first_moment(obj):
    """When it was first saved, as the addresses of the history say it."""
    kept = getattr(type(obj), "history", None)
    return kept and versions.key(kept.filter(id=obj.pk).earliest().history_date)


def state(name):
    """Every row of a table."""
    return list(MODELS[name]._base_manager.order_by("pk").values_list())
