"""Results appear whole or not at all, and nothing of the user's is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from vatra.folders import FolderKind, check_folder, draft_folder
from vatra.problems import InputError

NOTE = FolderKind("a note", lambda at: (at / "note").is_file(), lambda _: {"note", "part/note"})


def written(place: Path, text: str) -> None:
    with draft_folder(place, NOTE) as draft:
        (draft / "note").write_text(text)


def test_a_result_is_replaced_and_what_lies_beside_it_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "place"
    written(place, "old")
    (place / "part").mkdir()
    (place / "part" / "note").write_text("old part")
    (place / "mine" / "empty").mkdir(parents=True)
    (place / "mine" / "letter").write_text("dear")
    (place / "note-wal").write_text("left by a reader")
    (place / "link").symlink_to("mine")
    written(place, "new")
    kept = sorted(p.relative_to(place).as_posix() for p in place.rglob("*"))
    assert kept == ["link", "mine", "mine/empty", "mine/letter", "note", "part"]
    assert (place / "note").read_text() == "new"
    assert (place / "link").is_symlink()
    assert [p.name for p in place.parent.iterdir()] == ["place"]


def broken_off(place: Path, fault: BaseException) -> None:
    with draft_folder(place, NOTE) as draft:
        (draft / "note").write_text("half")
        raise fault


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    written(tmp_path / "place", "old")
    with pytest.raises(InputError, match="No space left"):
        broken_off(tmp_path / "place", OSError(28, "No space left on device"))
    with pytest.raises(KeyboardInterrupt):
        broken_off(tmp_path / "place", KeyboardInterrupt())
    assert (tmp_path / "place" / "note").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["place"]


def test_another_result_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(InputError, match="something that isn't a note"):
        check_folder(tmp_path, NOTE)


def test_the_root_is_refused() -> None:
    with pytest.raises(InputError, match="you are in this folder"):
        check_folder(Path(Path.cwd().anchor), NOTE)
