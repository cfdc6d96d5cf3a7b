"""Files that are no backup of ours, or lie about what they hold, are refused and write nothing."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from appliance import errors
from appliance.backup import catalog, key, make
from appliance.store import migrate

FOREIGN = "not a backup of Wattward"


def _sealed(tmp_path: Path, backup_key: key.Key, members: list[tuple[tarfile.TarInfo, bytes]], mode: str) -> Path:
    """A file encrypted with the right key whose content somebody else made."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as tar:  # type: ignore[call-overload]  # the mode is one of tarfile's
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    path = tmp_path / f"foreign{catalog.SUFFIX}"
    packed.seek(0)
    with path.open("wb") as file:
        backup_key.encrypt(packed, file)
    return path


def _manifest(**changes: object) -> bytes:
    honest = {
        "format": 1, "program": "wattward 0", "schema": migrate.SCHEMA, "made_at": "2026-11-21T12:00:00.000Z",
        "appliance": "x", "store_bytes": 4, "store_sha256": "0" * 64, "device_key_bytes": 32,
    }  # fmt: skip
    return json.dumps(honest | changes).encode()


def _link(name: str, to: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, to
    return info


MANIFEST = tarfile.TarInfo("manifest.json")
FOREIGN_MEMBERS: dict[str, list[tuple[tarfile.TarInfo, bytes]]] = {
    "no member": [],
    "a path that climbs": [(tarfile.TarInfo("../../evil"), b"x")],
    "an absolute path": [(tarfile.TarInfo("/tmp/evil"), b"x")],  # noqa: S108 - a name inside a tar, never opened
    "a climbing path after the manifest": [(MANIFEST, _manifest()), (tarfile.TarInfo("../device.key"), b"k" * 32)],
    "a symbolic link": [(_link("manifest.json", "/etc/passwd"), b"")],
    "a manifest that is no JSON": [(MANIFEST, b"{")],
    "a manifest that is a list": [(MANIFEST, b"[]")],
    "a manifest of 1 MB": [(MANIFEST, b" " * 1_000_000)],
    "a manifest without keys": [(MANIFEST, b"{}")],
    "negative sizes": [(MANIFEST, _manifest(store_bytes=-1))],
    "sizes that are text": [(MANIFEST, _manifest(store_bytes="many"))],
    "a store of another size": [
        (MANIFEST, _manifest()), (tarfile.TarInfo("device.key"), b"k" * 32), (tarfile.TarInfo("store.db"), b"12345"),
    ],
    "a store of another hash": [
        (MANIFEST, _manifest()), (tarfile.TarInfo("device.key"), b"k" * 32), (tarfile.TarInfo("store.db"), b"1234"),
    ],
    "no store": [(MANIFEST, _manifest()), (tarfile.TarInfo("device.key"), b"k" * 32)],
}  # fmt: skip


@pytest.mark.parametrize("members", FOREIGN_MEMBERS.values(), ids=FOREIGN_MEMBERS.keys())
def test_foreign_content_under_the_right_key_is_refused_and_writes_nothing_outside(
    members: list[tuple[tarfile.TarInfo, bytes]], home_of_one_file: Path, backup_key: key.Key, tmp_path: Path
) -> None:
    file = _sealed(tmp_path, backup_key, members, "w:gz")
    before = sorted(path for path in tmp_path.rglob("*"))
    with pytest.raises(key.Unreadable, match=FOREIGN):
        make.verify(file, backup_key, home_of_one_file)
    assert sorted(path for path in tmp_path.rglob("*")) == before


@pytest.fixture
def home_of_one_file(tmp_path: Path) -> Path:
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder


def test_content_that_is_not_gzipped_is_refused(backup_key: key.Key, tmp_path: Path) -> None:
    file = _sealed(tmp_path, backup_key, [(MANIFEST, _manifest())], "w")
    with pytest.raises(key.Unreadable, match=FOREIGN):
        make.verify(file, backup_key, tmp_path)


def test_a_store_larger_than_the_disk_is_refused_before_it_is_written(backup_key: key.Key, tmp_path: Path) -> None:
    members = [(MANIFEST, _manifest(store_bytes=1 << 60)), (tarfile.TarInfo("device.key"), b"k" * 32)]
    with pytest.raises(errors.WattwardError):
        make.verify(_sealed(tmp_path, backup_key, members, "w:gz"), backup_key, tmp_path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"format": 2}, "newer Wattward"), ({"schema": migrate.SCHEMA + 1}, "install the newer Wattward first")],
)
def test_a_backup_of_a_newer_program_says_so(
    change: dict[str, object], sentence: str, made: Path, backup_key: key.Key, tmp_path: Path
) -> None:  # A002-22
    plain = io.BytesIO()
    with made.open("rb") as sealed:
        backup_key.decrypt(sealed, plain)
    plain.seek(0)
    with tarfile.open(fileobj=plain, mode="r:gz") as tar:
        contents = {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]  # all are files
    contents["manifest.json"] = json.dumps(json.loads(contents["manifest.json"]) | change).encode()
    newer = _sealed(tmp_path, backup_key, [(tarfile.TarInfo(name), text) for name, text in contents.items()], "w:gz")
    with pytest.raises(errors.WattwardError, match=sentence):
        make.verify(newer, backup_key, tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"age-encryption.org/v1\n", b"SQLite format 3\0" * 1000, os.urandom(9000)]
)
def test_any_other_file_is_refused(content: bytes, backup_key: key.Key, tmp_path: Path) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(content)
    with pytest.raises(key.Unreadable, match=FOREIGN):
        make.verify(file, backup_key, tmp_path)


def test_a_missing_file_and_a_folder_are_sentences(backup_key: key.Key, tmp_path: Path) -> None:
    with pytest.raises(errors.BadInput, match="There is no file"):
        make.verify(tmp_path / "none", backup_key, tmp_path)
    with pytest.raises(errors.BadInput, match="cannot be read"):
        make.verify(tmp_path, backup_key, tmp_path)
