"""Sets as whole numbers do what Python's sets do."""

from hypothesis import given
from hypothesis import strategies as st

from careers.bitmaps import Column, Table, at_least, between, equal, of_places, places

COLUMNS = (Column("amount", 7), Column("level", 2))
ROWS = st.tuples(st.integers(0, 127), st.integers(0, 3))
GROUPS = st.lists(st.lists(ROWS, max_size=6), max_size=6)


def table_of(groups):
    table = Table(COLUMNS)
    table.append("".join(table.written(rows) for rows in groups))
    return table


def numbered(groups):
    """Each row's place in the table, with its numbers; and each group's mark, with its rows."""
    rows, marks, place = {}, {}, 0
    for group in groups:
        own = range(place, place + len(group))
        rows |= dict(zip(own, group, strict=True))
        place += len(group)
        marks[place] = set(own)
        place += 1
    return rows, marks


@given(GROUPS, st.integers(0, 300), st.integers(0, 300), st.sets(st.integers(0, 40)))
def test_conditions_find_the_rows_and_their_groups(groups, number, other, some):
    table = table_of(groups)
    rows, marks = numbered(groups)
    assert set(places(table.groups.rows)) == set(rows)
    assert set(places(table.groups.marks)) == set(marks)
    amounts, among = table["amount"], of_places(some & set(rows), table.length)
    assert set(places(at_least(amounts, number, among))) == {
        place for place in some & set(rows) if rows[place][0] >= number
    }
    assert set(places(equal(amounts, number, among))) == {
        place for place in some & set(rows) if rows[place][0] == number
    }
    assert set(places(between(amounts, number, other, among))) == {
        place for place in some & set(rows) if number <= rows[place][0] < other
    }
    assert set(places(equal(table["level"], 2, table.groups.rows))) == {
        place for place, (_amount, level) in rows.items() if level == 2
    }
    assert set(places(table.groups.having(among))) == {
        mark for mark, own in marks.items() if own & some
    }


@given(GROUPS, GROUPS, st.data())
def test_groups_are_added_and_replaced(groups, others, data):
    table = table_of(groups)
    table.append("".join(table.written(rows) for rows in others))
    assert table.slices == table_of(groups + others).slices

    first = data.draw(st.integers(0, len(groups)))
    last = data.draw(st.integers(first, len(groups)))
    start = sum(len(rows) + 1 for rows in groups[:first])
    end = start + sum(len(rows) + 1 for rows in groups[first:last])
    before = table_of(groups)
    written = "".join(before.written(rows) for rows in others)
    after = before.replaced(start, end, written)
    expected = table_of(groups[:first] + others + groups[last:])
    assert (after.slices, after.length) == (expected.slices, expected.length)
    assert before.slices == table_of(groups).slices
