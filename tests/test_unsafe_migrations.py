"""Migrations that a site can take while it serves; tests/unsafe_migrations.py says how."""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from tests.unsafe_migrations import (
    CONSTRAINED,
    GONE,
    INDEXED,
    MIXED,
    NARROWED,
    RENAMED,
    REQUIRED,
    UNKNOWN,
    idle_marks,
    unsafe_steps,
)

# No site ran before this one: what led to it need not be taken while serving.
BASELINE = "0008_imports"


def nothing(apps, schema_editor):
    """Fills a column, say."""


def before():
    state = ProjectState()
    for name in ("Career", "SalaryBand"):
        fields = [
            ("id", models.BigAutoField(primary_key=True)),
            ("title", models.CharField(max_length=20)),
            ("note", models.TextField(null=True)),
        ]
        state.add_model(ModelState("careers", name, fields))
    return state


def planted(*operations, **marks):
    migration = migrations.Migration("0099_planted", "careers")
    migration.operations = list(operations)
    vars(migration).update(marks)
    return migration


def steps(*operations, **marks):
    return unsafe_steps(planted(*operations, **marks), before())


def create(name):
    return migrations.CreateModel(name, [("id", models.BigAutoField(primary_key=True))])


def add(field, model="career"):
    return migrations.AddField(model, "new", field)


def alter(field, name="title"):
    return migrations.AlterField("career", name, field)


def index(model):
    return migrations.AddIndex(model, models.Index(fields=["title"], name="careers_by_title"))


CHECK = models.CheckConstraint(condition=~models.Q(title=""), name="careers_career_has_title")
LOST = migrations.RemoveField("career", "title")
FILLED = migrations.RunPython(nothing, nothing)
SQL = migrations.RunSQL("DROP TABLE careers_career")
ADDED = "AddField career.new"
ALTERED = "AlterField career.title"

UNSAFE = {
    "a column dropped": (LOST, "RemoveField career.title", GONE),
    "a table dropped": (migrations.DeleteModel("Career"), "DeleteModel career", GONE),
    "a column renamed": (
        migrations.RenameField("career", "title", "name"), "RenameField career.title", RENAMED,
    ),
    "a model renamed": (migrations.RenameModel("Career", "Job"), "RenameModel career", RENAMED),
    "a table renamed": (
        migrations.AlterModelTable("career", "jobs"), "AlterModelTable career", RENAMED,
    ),
    "a column required": (add(models.IntegerField()), ADDED, REQUIRED),
    # Django takes the default of Python away from the column again.
    "a default in Python": (add(models.IntegerField(default=0)), ADDED, REQUIRED),
    "a column unique": (add(models.IntegerField(null=True, unique=True)), ADDED, CONSTRAINED),
    "a large column indexed": (
        add(models.IntegerField(null=True, db_index=True), "salaryband"),
        "AddField salaryband.new", INDEXED,
    ),
    "no more null": (
        alter(models.TextField(default=""), "note"), "AlterField career.note", NARROWED,
    ),
    "a column shortened": (alter(models.CharField(max_length=10)), ALTERED, NARROWED),
    "a column retyped": (alter(models.IntegerField()), ALTERED, NARROWED),
    "a column under a new name": (
        alter(models.CharField(max_length=20, db_column="name")), ALTERED, NARROWED,
    ),
    "a rule added": (
        migrations.AddConstraint("career", CHECK),
        "AddConstraint career.careers_career_has_title", CONSTRAINED,
    ),
    "a large table indexed": (
        index("salaryband"), "AddIndex salaryband.careers_by_title", INDEXED,
    ),
    "SQL": (SQL, "RunSQL", UNKNOWN),
    "SQL, deeper": (
        migrations.SeparateDatabaseAndState([migrations.SeparateDatabaseAndState([SQL])]),
        "RunSQL", UNKNOWN,
    ),
}  # fmt: skip

SAFE = {
    "a table": create("Employer"),
    "a column that may be null": add(models.IntegerField(null=True)),
    "a column that the database fills": add(models.IntegerField(db_default=0)),
    "a relation of many": add(models.ManyToManyField("careers.salaryband")),
    "a wider column": alter(models.CharField(max_length=30)),
    "a column that may now be null": alter(models.CharField(max_length=20, null=True)),
    "words": alter(models.CharField("titre", max_length=20, help_text="…", blank=True)),
    "a small table indexed": index("career"),
    "rows alone": FILLED,
    "a column left to the database": migrations.SeparateDatabaseAndState(state_operations=[LOST]),
}


@pytest.mark.parametrize(("step", "name", "why"), UNSAFE.values(), ids=UNSAFE)
def test_unsafe_step_is_refused_with_its_reason(step, name, why):
    assert steps(step) == {name: why}


@pytest.mark.parametrize("step", SAFE.values(), ids=SAFE)
def test_safe_step_is_let_through(step):
    assert steps(step) == {}


def test_rows_are_not_filled_while_tables_are_locked():
    assert steps(add(models.IntegerField(null=True)), FILLED) == {"RunPython": MIXED}
    assert steps(create("Employer"), FILLED) == {}


def test_table_of_the_same_migration_may_be_changed():
    rule = migrations.AddConstraint("employer", CHECK)
    column = add(models.IntegerField(), "employer")
    assert steps(create("Employer"), column, rule) == {}
    assert steps(create("Employer"), add(models.IntegerField())) == {ADDED: REQUIRED}


def test_column_is_judged_as_the_steps_before_left_it():
    widened = alter(models.CharField(max_length=30))
    assert steps(widened, alter(models.CharField(max_length=20))) == {ALTERED: NARROWED}


def test_intended_step_is_let_through_if_its_mark_says_why():
    rename = migrations.RenameField("career", "note", "remark")
    refused = {"RenameField career.note": RENAMED}
    mark = {"RemoveField career.title": "Nothing has read it since 0.2."}
    assert steps(LOST, rename, intended=mark) == refused
    assert steps(LOST, intended={"RemoveField career.title": ""}) == {
        "RemoveField career.title": GONE
    }


def test_mark_that_excuses_nothing_is_found():
    mark = {"RemoveField career.title": "…", "RemoveField career.name": "…"}
    assert idle_marks(planted(LOST, intended=mark), before()) == {"RemoveField career.name"}


def test_migrations_can_be_taken_while_the_site_serves():
    loader = MigrationLoader(None)
    state, unsafe, idle = ProjectState(), {}, set()
    plan = [key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    for key in dict.fromkeys(plan):
        migration = loader.graph.nodes[key]
        if key > ("careers", BASELINE) and key[0] == "careers":
            unsafe |= {
                f"{key[1]}: {step}": why for step, why in unsafe_steps(migration, state).items()
            }
            idle |= idle_marks(migration, state)
        state = migration.mutate_state(state, preserve=False)
    assert ("careers", BASELINE) in plan
    assert (unsafe, idle) == ({}, set())
