"""Records of `club.programme`: written, read back, and refused."""

import json
from typing import Any

import pytest

from schemas.invalid import Invalid
from schemas.programmes import decode_programme, encode_programme

EFFECTIVE, TIME = 1773952200000, 1773000000123
DOCUMENT = "programme: club\ntitle: {fa: باشگاه}\n"


def test_what_is_published_is_read_back() -> None:
    key, value = encode_programme("club", 3, EFFECTIVE, DOCUMENT, TIME, "op-7")
    record = decode_programme(key, value)
    assert key == b"club/3"
    assert record[2:] == (TIME, "club", 3, EFFECTIVE, DOCUMENT, "op-7")
    assert record.source == "/club"


def test_the_same_version_has_the_same_id_and_another_document_another() -> None:
    ids = [
        decode_programme(*encode_programme("club", 3, EFFECTIVE, text, time)).id
        for text, time in ((DOCUMENT, TIME), (DOCUMENT, TIME + 1), (DOCUMENT + "#", TIME))
    ]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"subject": "club/4"}, "$.subject"),
        ({"subject": "club"}, "$.subject"),
        ({"type": "programme.withdrawn"}, "$.type"),
        ({"version": 0}, "$.data.version"),
        ({"programme": "my club"}, "$.data.programme"),
        ({"effective": "2026-03-19"}, "$.data.effective"),
        ({"effective": "2026-03-19T20:30:00"}, "$.data.effective"),
        ({"document": ""}, "$.data.document"),
        ({"document": "x" * (512 * 1024 + 1)}, "$.data.document"),
        ({"document": "ی" * (256 * 1024 + 1)}, "$.data.document"),
        ({"operator": 7}, "$.data.operator"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_refused(change: dict[str, Any], path: str) -> None:
    key, value = encode_programme("club", 3, EFFECTIVE, DOCUMENT, TIME, "op-7")
    record = json.loads(value)
    for name, other in change.items():
        (record if name in record else record["data"])[name] = other
    with pytest.raises(Invalid, match=rf"^invalid: {path.replace('$', '[$]')}: "):
        decode_programme(key, json.dumps(record).encode())


@pytest.mark.parametrize("key", [None, b"club/4", b"club"])
def test_refused_under_another_key(key: bytes | None) -> None:
    _, value = encode_programme("club", 3, EFFECTIVE, DOCUMENT, TIME)
    with pytest.raises(Invalid, match=r"[$]\.subject"):
        decode_programme(key, value)


def test_a_deletion_is_refused() -> None:
    with pytest.raises(Invalid, match="no value"):
        decode_programme(b"club/3", None)


def test_nothing_unreadable_is_published() -> None:
    with pytest.raises(Invalid, match=r"[$]\.data\.version"):
        encode_programme("club", 0, EFFECTIVE, DOCUMENT, TIME)


def test_a_file_of_half_a_megabyte_is_accepted() -> None:
    document = "ی" * (256 * 1024)
    assert decode_programme(*encode_programme("club", 3, EFFECTIVE, document, TIME)).document == document
