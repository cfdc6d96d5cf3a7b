"""What is in the repository: locks with hashes, and nothing that is true on one machine only."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ["build", "run", "test", "npm"]

# Written in pieces, so that this file itself does not contain them.
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "yarn" + "pkg.com"]
REGISTRIES += ["deb.debian" + ".org", "snapshot.debian" + ".org", "crates" + ".io", "ruby" + "gems.org"]
PATHS = r"(?<![\w$}.])/(?:wo" + "rk|ro" + r"ot)/|/home/(?!\.|<)\w+/|\bpy" + "env\\b"
STRANGERS = ["clau" + "de", "anthro" + "pic", "open" + "ai", "chat" + "gpt", "co" + "pilot", "language " + "model"]
STRANGERS += ["ai " + "assistant", "sub" + "agent", "system " + "prompt", "contract" + ".md", "brief" + ".md"]
STRANGERS += ["house_" + "style", "lab" + ".md", "acceptance" + ".md", "peers" + ".md", "shared" + "/"]


def pins(name: str) -> dict[str, str]:
    """Package and version of each line of a lock file."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+(?:\[[a-z]+\])?)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=[a-z])", text.strip())
    assert len(entries) == len(pins(name)) > 0
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_what_npm_fetches_is_locked_with_its_digest_and_names_no_address() -> None:
    lock = json.loads((ROOT / "requirements" / "front" / "package-lock.json").read_text())
    fetched = {name: one for name, one in lock["packages"].items() if name}
    assert list(fetched) == ["node_modules/uplot"]
    assert all(one["integrity"].startswith("sha512-") and "resolved" not in one for one in fetched.values())


def test_what_the_tests_need_includes_what_the_program_needs() -> None:
    assert pins("run").items() <= pins("test").items()


def test_the_locks_fit_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"]
    assert [one for one in wanted if tuple(one.split("==")) not in pins("run").items()] == []
    wanted = project["project"]["optional-dependencies"]["test"]
    assert [one for one in wanted if tuple(one.split("==")) not in pins("test").items()] == []
    assert [f"{name}=={version}" for name, version in pins("build").items()] == project["build-system"]["requires"]


def texts() -> dict[str, str]:
    """All text files of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    contents = {file.relative_to(ROOT).as_posix(): file.read_bytes() for file in files if file.is_file()}
    return {name: content.decode() for name, content in contents.items() if b"\0" not in content}


def findings(found: dict[str, str], pattern: str) -> list[str]:
    """Places that match."""
    return [
        f"{name}: {match[0]}" for name, text in found.items() for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


RULES = {
    "no registry is named": "|".join(map(re.escape, REGISTRIES)),
    "no path of one machine stands anywhere": PATHS,
    "the project speaks only of itself": "|".join(map(re.escape, STRANGERS)),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_repository_keeps(rule: str) -> None:
    assert findings(texts(), RULES[rule]) == []


@pytest.mark.parametrize(
    ("rule", "sample"),
    [
        ("no registry is named", f"--index-url https://{REGISTRIES[0]}/simple"),
        ("no path of one machine stands anywhere", "cd /wo" + "rk/main"),
        ("no path of one machine stands anywhere", '"/ro' + 'ot/x"'),
        ("no path of one machine stands anywhere", "/home" + "/anna/wattward"),
        ("the project speaks only of itself", f"as {STRANGERS[0].upper()} said"),
    ],
)
def test_each_rule_sees_what_breaks_it(rule: str, sample: str) -> None:
    assert findings({"sample": sample}, RULES[rule]) != []


def test_paths_of_the_appliance_are_fine() -> None:
    assert findings({"sample": "$folder/ro" + "ot/x ../wo" + "rk/x /opt/wattward/current"}, PATHS) == []
