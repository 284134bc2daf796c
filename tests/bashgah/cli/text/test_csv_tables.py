"""A table for spreadsheets: no text of a member is run, breaks a line or loses its letters."""

import csv
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bashgah.cli.text.csv_tables import encoding_of, write_table
from monitoring.safe_text import plain


def written(*cells: str | int) -> str:
    file = StringIO()
    assert write_table(file, ["heading"], [cells]) == 1
    return file.getvalue().removeprefix("heading\n")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+98", "'+98"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", " '=1"),
        ("＝1", "'＝1"),
        ("x;=1", "x;'=1"),
        ('a;"=1+1;', "a;\"'=1+1;"),
        ('a; " =1', "a; \" '=1"),
        ("a;'=1", "a;''=1"),
        ('"=1', "\"'=1"),
        ("\u200c=1", "\u200c'=1"),
        ("−1", "'−1"),
        ("a-b", "a-b"),
        ("\t=1", "\\u0009=1"),
        ("a\r\n=1", "a\\u000d\\u000a=1"),
        ("علی", "علی"),
    ],
)
def test_a_formula_is_a_text(text: str, cell: str) -> None:
    assert next(csv.reader([written(text)])) == [cell]


def test_numbers_stay_numbers() -> None:
    assert written(-5, 0, "c-1") == "-5,0,c-1\n"


@given(st.lists(st.text() | st.text("a\"';,|\t\r\n =+-@＝\u200c"), min_size=1))
@example(['a;"=1+1;'])
@example(["a;", '"=1'])
def test_whatever_the_texts_a_row_is_a_line_and_no_cell_begins_a_formula(cells: list[str]) -> None:
    line = written(*cells)
    assert line.count("\n") == 1
    for separator in ",;\t|":
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for row in csv.reader([line], delimiter=separator, quoting=quoting):
                assert not [each for each in row if each.lstrip(' "\u200c')[:1] in tuple("=+-@＝＋－＠")]
    (back,) = csv.reader([line])
    assert [each.replace("'", "") for each in back] == [plain(each).replace("'", "") for each in cells]


def test_excel_is_told_that_it_is_utf_8() -> None:
    assert "علی".encode(encoding_of(True)) == b"\xef\xbb\xbf" + "علی".encode()
    assert "علی".encode(encoding_of(False)) == "علی".encode()
