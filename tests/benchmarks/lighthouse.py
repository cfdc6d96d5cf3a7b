"""Judge overview, sign-in and phone page with Lighthouse, in Debian's Chromium.

Accessibility, best practices and performance, each of 0 to 100.

    npm install --prefix /tmp/lighthouse lighthouse@12.8.2     # once, into any folder
    python -m tests.benchmarks.lighthouse /tmp/lighthouse

Needs node, npm and chromium. Starts the real processes on a home in a temporary
folder, asks as a desk and as a phone, prints each figure with its goal and what
cost points. Nothing is asserted.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from appliance import audit, clock
from appliance.access import web_sign_in
from appliance.store import settings
from tests.benchmarks import web_admin
from tests.ui.admin import conftest as admin_house
from tests.ui.admin.conftest import ARGUMENTS, CHROMIUM, GOOD
from tests.ui.phone import house as phone_house
from tests.ui.phone.house import eventually, free_port
from ui.admin import guard

GOALS = {"accessibility": 100, "best-practices": 100, "performance": 95}
LOOKS = {"desk": ("--preset=desktop",), "phone": ()}  # Lighthouse's own phone has a slow network and processor


def main() -> int:
    """Print the figures."""
    tool = Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/lighthouse") / "node_modules/.bin/lighthouse"  # noqa: S108
    if not tool.exists():
        sys.stdout.write(f"{__doc__}\nThere is no {tool}.\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        it = admin_house.furnished(Path(folder), clock.SystemClock())
        settings.put(it.store, it.clock.now(), audit.CLI, "service.phone", "on")
        admin = admin_house.Served(it, free_port(), Path(folder) / "admin.log")
        phone = phone_house.Served(it, free_port(), Path(folder) / "phone.log")
        admin.set_password()
        web_admin.furnish(admin)
        admin.start()
        phone.start()
        admin.enable()
        eventually(phone.answers, "the service does not answer")
        token = web_sign_in.sign_in(it, "admin", GOOD, "", "", "")
        port, session = free_port(), {"name": guard.COOKIE, "value": token, "url": admin.url, "secure": True}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch_persistent_context(
                Path(folder) / "profile", executable_path=CHROMIUM, ignore_https_errors=True,
                args=[*ARGUMENTS, f"--remote-debugging-port={port}", "--ignore-certificate-errors"],
            )  # fmt: skip
            for name, url in (
                ("sign-in", f"{admin.url}/sign-in"),
                ("overview", f"{admin.url}/"),
                ("phone page", f"{phone.url}/"),
            ):
                for look, options in LOOKS.items():
                    admin.enable()
                    browser.clear_cookies()
                    if name == "overview":
                        browser.add_cookies([session])  # type: ignore[list-item]  # its type is not exported
                    show(f"{name}, {look}", judged(tool, Path(folder), url, port, options))
            browser.close()
        admin.stop()
        phone.stop()
    return 0


def judged(tool: Path, folder: Path, url: str, port: int, options: tuple[str, ...]) -> dict[str, Any]:
    """Lighthouse's report, made with the browser at a debugging port."""
    report = folder / "report.json"
    words = [str(tool), url, "--output=json", f"--output-path={report}", "--quiet", f"--port={port}", *options]
    words += [f"--only-categories={','.join(GOALS)}", "--disable-storage-reset"]
    subprocess.run(words, check=True, timeout=300)
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def show(what: str, report: dict[str, Any]) -> None:
    """The scores, and every audit that was not passed."""
    scores = {name: round(100 * report["categories"][name]["score"]) for name in GOALS}
    told = "   ".join(f"{name} {score:3} (goal {GOALS[name]})" for name, score in scores.items())
    sys.stdout.write(f"{what:20} {told}\n")
    for name in GOALS:
        for part in report["categories"][name]["auditRefs"]:
            audited = report["audits"][part["id"]]
            if part["weight"] and audited["score"] is not None and audited["score"] < 0.9:
                value = audited.get("displayValue", "")
                rows = audited.get("details", {}).get("items", [])[:3]
                sys.stdout.write(f"    {name}: {audited['title']} {value} {json.dumps(rows)[:600]}\n")


if __name__ == "__main__":
    sys.exit(main())
