"""What is said in Persian has the words of docs/GLOSSARY.md, so that one thing is called by one name everywhere."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, modules, tree, where

_PERSIAN = re.compile(r"[\u0600-\u06ff]")
_TYPED = re.compile(r"`[^`]*`|\{[^}]*\}|[\w.]+(?:/[\w.]+)+|\bclub\.\w+|round brackets|rounded")
"""What is no prose: names to type, placeholders, addresses, topics; and English words that only look like a term."""

TERMS = {
    "lane": r"خط پردازش",
    "posting": r"(سند|اسناد) امتیاز",
    "dead letter": r"رویداد مردود|رویدادهای مردود",
    "version in force": r"جاری",
    "rule": r"قاعده",
    "award": r"جایزه",
    "reward": r"پاداش",
    "indicator": r"شاخص",
    "multiplier": r"ضریب",
    "threshold": r"آستانه",
    "cap": r"سقف",
    "freeze": r"پایان شمارش",
    "final board": r"جدول(‌های)? نهایی",
    "partition": r"پارتیشن",
    "segment": r"گروه",
}
"""Terms of the glossary, and what is looked for where their English is said."""

SAID = {"version in force": r"in force", "freeze": r"freezes?|frozen"}
"""How English says a term, where not by itself or with an s."""

OTHERS = {
    r"بخش( ?$| [۰-۹{])|(تیک|سطر) بخش": "lane: خط پردازش",
    r"(?<!\w)ثبت(?!‌نام|‌نشد| شد)": "posting: سند امتیاز",
    r"رد‌?شده|نامهٔ? مرده": "dead letter: رویداد مردود",
    r"قانون|قوانین": "rule: قاعده",
    r"اجرا می‌شود|برقرار است$": "in force: جاری",
    r"فستیوال|مسابقه": "festival: جشنواره",
    r"(?<!\w)لِ?ین(?!\w)": "lane: خط پردازش",
}
"""Words that no message may have, and what the glossary has in their place."""

_KEYS = ROOT / "schemas/programme_file/keys.py"
"""What people may have typed for a key, whichever word it was."""


def _written(node: ast.AST) -> str | None:
    """A text, or the fixed parts of one with placeholders."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _texts(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every text of a module with Persian in it."""
    for node in ast.walk(tree(path)):
        said = _written(node)
        if said is not None and _PERSIAN.search(said):
            yield node, said


def _pairs(path: Path) -> Iterator[tuple[ast.AST, str, str]]:
    """English and Persian that are said beside each other: two arguments of one call, or a text with ` / `."""
    for node in ast.walk(tree(path)):
        texts = [_written(each) for each in node.args] if isinstance(node, ast.Call) else []
        texts += (_written(node) or "").split(" / ") if isinstance(node, ast.Constant | ast.JoinedStr) else []
        for en, fa in pairwise(texts):
            if en and fa and _PERSIAN.search(fa) and not _PERSIAN.search(en):
                yield node, en, fa


def _lacking(en: str, fa: str) -> list[str]:
    """The terms that English says and Persian does not."""
    prose = _TYPED.sub(" ", en)
    said = [term for term in TERMS if re.search(rf"\b({SAID.get(term, f'{term}s?')})\b", prose)]
    return [term for term in said if not re.search(TERMS[term], fa)]


def _glossary() -> list[tuple[str, str]]:
    """The terms with their Persian."""
    text = (ROOT / "docs/GLOSSARY.md").read_text(encoding="utf-8")
    rows: list[tuple[str, str]] = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", text, re.M)
    return [row for row in rows if row != ("term", "Persian") and row[0] != "---"]


def test_persian_has_the_glossarys_word_where_english_says_the_term() -> None:
    lacking = [
        f"{where(path, node)}: {', '.join(terms)}: {en} | {fa}"
        for path in modules(*PACKAGES)
        for node, en, fa in _pairs(path)
        if (terms := _lacking(en, fa))
    ]
    assert lacking == []


def test_no_message_has_another_word_for_what_the_glossary_names() -> None:
    found = [
        f"{where(path, node)}: {said!r}: {instead}"
        for path in modules(*PACKAGES)
        if path != _KEYS
        for node, said in _texts(path)
        for other, instead in OTHERS.items()
        if re.search(other, said)
    ]
    assert found == []


@pytest.mark.parametrize("term", TERMS)
def test_the_words_that_are_looked_for_are_the_glossarys(term: str) -> None:
    assert re.search(TERMS[term], dict(_glossary())[term])


def test_a_term_stands_once_and_no_two_share_a_persian_word() -> None:
    terms, persian = zip(*_glossary(), strict=True)
    assert sorted(set(terms)) == sorted(terms)
    assert sorted(set(persian)) == sorted(persian)
    assert {"key", "replay", "activity of a festival"}.isdisjoint(terms), "they have several meanings: say them in full"


def test_what_is_looked_for_is_found() -> None:
    assert _lacking("lane 3 has no award", "بخش ۳ پاداشی ندارد") == ["lane", "award"]
    assert _lacking("the rule `award` of club.points", "قاعدهٔ `award`") == []
    for said in ("بخش ۳", "سطر بخش", "آخرین ثبت‌ها", "رکورد ردشده‌ای نیست", "از فردا اجرا می‌شود"):
        assert any(re.search(other, said) for other in OTHERS), said
    for said in ("بخش `tiers` را بیفزایید", "ثبت‌نام در باشگاه", "هنوز اجرا نمی‌شود"):
        assert not any(re.search(other, said) for other in OTHERS), said
