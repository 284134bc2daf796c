"""What is written is its owner's alone, whole or not there, and never at the end of somebody's link."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tables import files
from tables.store import RocksStore


@pytest.fixture(autouse=True)
def _open_handed() -> Iterator[None]:
    """The process would let everybody read and write what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_whatever_is_made_is_for_the_owner_alone(tmp_path: Path) -> None:
    files.folder(tmp_path / "a" / "b")
    assert [mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [0o700, 0o700]
    with files.replaced(tmp_path / "whole") as file:
        file.write("x")
    with files.created(tmp_path / "new") as file:
        file.write(b"x")
    with files.continued(tmp_path / "log") as file:
        file.write("x")
    assert [mode(tmp_path / name) for name in ("whole", "new", "log")] == [0o600] * 3


def test_what_a_release_before_left_open_is_closed(tmp_path: Path) -> None:
    for name in ("log", "new", "whole"):
        (tmp_path / name).write_text("old")
        (tmp_path / name).chmod(0o666)
    files.continued(tmp_path / "log").close()
    files.created(tmp_path / "new").close()
    with files.replaced(tmp_path / "whole"):
        pass
    assert [mode(tmp_path / name) for name in ("log", "new", "whole")] == [0o600] * 3
    assert (tmp_path / "log").read_text() == "old"
    store = tmp_path / "rows"
    store.mkdir(0o777)
    RocksStore(store).close()
    assert mode(store) == 0o700


def test_a_folder_that_others_share_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    files.own_folder(shared)
    files.folder(shared)
    assert mode(shared) == 0o1777


@pytest.mark.parametrize("write", [files.replaced, files.created, files.continued], ids=lambda each: each.__name__)
def test_no_link_is_followed_or_replaced(tmp_path: Path, write: object) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("untouched")
    for points_to in (target, tmp_path / "nowhere"):
        link.symlink_to(points_to)
        with pytest.raises(OSError, match="symbolic link") as refused, _writing(write, link):
            pass
        assert (refused.value.errno, refused.value.filename) == (errno.ELOOP, str(link))
        link.unlink()
    assert target.read_text() == "untouched"
    assert not (tmp_path / "nowhere").exists()


def _writing(write: object, path: Path) -> object:
    return write(path)  # type: ignore[operator]


def test_a_part_is_where_nobody_can_have_put_a_link(tmp_path: Path) -> None:
    bait = tmp_path / "boards.csv.part"
    bait.symlink_to(tmp_path / "passwd")
    with files.replaced(tmp_path / "boards.csv") as file:
        (part,) = [each for each in tmp_path.iterdir() if each != bait]
        assert (mode(part), part.is_symlink()) == (0o600, False)
        file.write("x")
    assert not (tmp_path / "passwd").exists()
    assert (tmp_path / "boards.csv").read_text() == "x"


def test_a_file_that_is_not_whole_does_not_come(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("before")
    with suppress(ZeroDivisionError), files.replaced(tmp_path / "out") as file:
        file.write("half")
        raise ZeroDivisionError
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "before"


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for write in (files.replaced, files.created):
        with pytest.raises(FileExistsError, match="no regular file"), write(tmp_path / "pipe"):
            pass
        with pytest.raises(IsADirectoryError), write(tmp_path):
            pass
    with pytest.raises(FileNotFoundError) as absent, files.replaced(tmp_path / "none" / "x"):
        pass
    assert absent.value.filename == str(tmp_path / "none" / "x")


@pytest.mark.parametrize(("rights", "fine"), [(0o600, True), (0o640, True), (0o644, False), (0o660, False)])
def test_keys_that_others_can_read_or_change_are_found(tmp_path: Path, rights: int, fine: bool) -> None:
    (tmp_path / "keys").touch()
    (tmp_path / "keys").chmod(rights)
    assert (files.keys_fault(tmp_path / "keys") is None) is fine


def of_another_user(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the file is not this user's."""
    if os.geteuid() == 0:
        os.chown(path, 12_345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda user=os.geteuid(): user + 1)


def test_another_users_file_is_not_continued_by_root_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log").write_text("theirs")
    of_another_user(tmp_path / "log", monkeypatch)
    with pytest.raises(PermissionError, match="another user's") as refused:
        files.continued(tmp_path / "log")
    assert refused.value.filename == str(tmp_path / "log")
    assert (tmp_path / "log").read_text() == "theirs"


def test_keys_of_another_user_are_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys").touch(0o600)
    of_another_user(tmp_path / "keys", monkeypatch)
    fault = files.keys_fault(tmp_path / "keys")
    assert fault is not None
    assert "neither to root nor to the user" in fault.reason
