"""Refusals speak the language that they are told in."""

import re
from pathlib import Path
from typing import Any

from tests.bashgah.web.asking import running
from tests.bashgah.web.club import Club

BOARD = "festivals/autumn/boards/overall"
CASES: list[tuple[str, Any, str]] = [
    (f"{BOARD}?limit=x", None, "باید عدد صحیح باشد"),
    (f"{BOARD}?limit=0", None, "باید از 1 تا 1000 باشد"),
    ("stream?top=7", None, "باید یکی از 0، 10، 100، 1000 باشد"),
    ("stream?festival=a%20b", None, "نویسه"),
    ("festivals/a%20b", None, "نویسه"),
    ("members/%2E%2E", None, "بخشی از یک نشانی"),
    ("tokens", {}, "`member` نیامده است"),
    ("tokens", {"member": "c-1", "more": 1}, "کلیدی دارد که شناخته نیست"),
    ("tokens", {"member": "c-1", "lifetime_ms": "x"}, "مقدار `$.lifetime_ms` پذیرفتنی نیست"),
    ("tokens", {"member": ".."}, "بخشی از نشانی نیستند: $.member"),
    ("tokens", [], "یک شیء JSON نیست"),
]  # fmt: skip
_TYPED = re.compile(r"`[^`]*`|\$\.\w+|JSON|A-Z a-z 0-9")
"""What stays as it is typed or as it is called everywhere."""


async def test_what_is_wrong_with_a_request_is_said_in_persian_without_english_in_it(tmp_path: Path) -> None:
    async with running(await Club("persian problems").prepare(), tmp_path) as site:
        for path, body, said in CASES:
            answer = await site.ask(path, "all", "GET" if body is None else "POST", body)
            assert answer.status == 400, path
            reason = answer.json["reason"]
            assert said in reason["fa"]
            assert not re.search("[A-Za-z]", _TYPED.sub("", reason["fa"])), reason["fa"]
            assert not re.search("[\u0600-\u06ff]", reason["en"]), reason["en"]
