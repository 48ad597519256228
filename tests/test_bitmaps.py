"""Sets as packed bits do what Python's sets do."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from careers.bitmaps import WORD, Table, firsts, packed, unpacked

# Groups of no row, of a few, and of more than a word.
GROUPS = st.lists(st.lists(st.integers(0, 127), max_size=6) | st.just([3] * 70), max_size=6)


def table_of(groups):
    amounts = np.array([amount for group in groups for amount in group], np.int32)
    sizes = np.array([len(group) for group in groups], np.int64)
    return Table.of({"amount": amounts}, np.arange(len(amounts)), sizes)


def rows_of(groups):
    """Each row's place in the table, with its group and its amount."""
    found, start = {}, 0
    for number, group in enumerate(groups):
        found |= {start + place: (number, amount) for place, amount in enumerate(group)}
        start += WORD * max(1, -(-len(group) // WORD))
    return found


def as_lists(table):
    """The amounts of each group."""
    return [
        table["amount"][table.span(number, number + 1)][:size].tolist()
        for number, size in enumerate(table.sizes)
    ]


@given(GROUPS, st.integers(0, 128), st.integers(0, 128))
def test_conditions_find_the_rows_and_their_groups(groups, number, other):
    table, rows = table_of(groups), rows_of(groups)
    assert np.flatnonzero(unpacked(table.rows)).tolist() == list(rows)
    found = packed(table["amount"] >= number) & table.rows & ~packed(table["amount"] == other)
    expected = {place for place, (_g, n) in rows.items() if n >= number and n != other}
    assert set(np.flatnonzero(unpacked(found)).tolist()) == expected
    held = np.flatnonzero(table.having(found)).tolist()
    assert held == sorted({rows[place][0] for place in expected})
    for group, amounts in enumerate(groups):
        own = firsts(table.own(group, found))
        assert own == [n for n, each in enumerate(amounts) if each >= number and each != other]


@given(GROUPS, GROUPS, st.data())
def test_groups_are_taken_from_several_tables(groups, others, data):
    one, other = table_of(groups), table_of(others)
    known = [(one, n) for n in range(len(groups))] + [(other, n) for n in range(len(others))]
    taken = data.draw(st.lists(st.sampled_from(known), max_size=8)) if known else []
    spliced = one.spliced(taken)
    expected = [(groups if table is one else others)[number] for table, number in taken]
    assert as_lists(spliced) == expected
    assert np.flatnonzero(unpacked(spliced.rows)).tolist() == list(rows_of(expected))
    assert (as_lists(one), as_lists(other)) == (groups, others)


def test_rows_are_put_in_the_order_asked():
    table = Table.of({"amount": np.array([7, 8, 9])}, np.array([2, 0]), np.array([1, 0, 1]))
    assert as_lists(table) == [[9], [], [7]]
