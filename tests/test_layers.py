"""The house's walls: who may import whom, who may use what, and how large a room may be.

Every module is read, not run. Each rule is also shown a sample that breaks it,
so that a rule which has stopped looking is noticed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULE_LINES = 400
FUNCTION_LINES = 50
UNKNOWN = "a name made at run time"

# Packages with a short list of modules that may import them, and why. Tests may import all but sqlite3.
MAY_IMPORT: dict[str, dict[str, str]] = {
    "sqlite3": {},  # the distribution's SQLite can corrupt a WAL database; one library only, and that is apsw
    "apsw": {"appliance/store/*": "the only SQL library; its errors are translated there"},
    "pymodbus": {
        "drivers/modbus/link.py": "the client, with all its traps in one place",
        "drivers/simulated/modbus_server.py": "the simulated house answers on Modbus",
    },
    "serial": {"drivers/readers/tty.py": "opens a reader's port; for meters pymodbus does"},
    "dbus_fast": {"appliance/system/wire.py": "the system bus; its errors are translated there"},
    "bleak": {"drivers/readers/ble_radio.py": "all of it, and its errors translated there"},
    "RPi": {"drivers/hardware.py": "hands the module to the relay by name"},
    "lgpio": {},
    "kivy": {"ui/touch/*": "the touchscreen"},
    "flask": {"ui/admin/*": "the web admin", "ui/phone/*": "the service for apps", "ui/serving/*": "its type"},
    "flask_bootstrap": {"ui/admin/*": "the web admin"},
    "flask_wtf": {"ui/admin/*": "the web admin"},
    "wtforms": {},  # forms are Flask-WTF's, texts are ours
    "werkzeug": {"ui/admin/*": "the web admin", "ui/phone/*": "the service for apps"},
    "jinja2": {},
    "gunicorn": {"ui/serving/*": "every surface that serves HTTPS"},
    "apispec": {"ui/phone/api/*": "describes the API"},
    "marshmallow": {"ui/phone/api/*": "checks and describes what goes over the wire"},
    "zeroconf": {"ui/phone/announce.py": "answers to wattward.local"},
    "apscheduler": {
        "appliance/backup/schedule.py": "jobs that only write wishes",
        "appliance/billing/press.py": "the same",
    },
    "reportlab": {"ui/paper/pdf.py": "reports as PDF"},
    "xlsxwriter": {"ui/paper/sheets.py": "reports as workbooks", "ui/paper/history_book.py": "history as one"},
    "smtplib": {"ui/paper/mail.py": "e-mail"},
    "subprocess": {
        "appliance/demo.py": "starts the processes of the demo, as systemd does on an appliance",
        "ui/admin/paper.py": "records and workbooks are made by a program that runs and ends",
    },
}

# Modules that start programs without subprocess, and why.
MAY_START: dict[str, str] = {
    "appliance/cli/run.py": "becomes the surface that was asked for",
    "appliance/cli/reports.py": "becomes the program that makes reports",
    "appliance/metering/exporting.py": "starts that program when a file is wanted",
    "appliance/billing/press.py": "starts that program when something is due; the core stays small",
    "ui/serving/child.py": "starts the serving program; the process that waits stays small",
}
STARTERS = ("fork", "forkpty", "popen", "posix_spawn", "posix_spawnp", "startfile", "system")

# Room -> what it must not import, and what of that it may after all.
WALLS: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ("appliance/core.py", ("ui", "tests"), ()),  # the composition root: it alone builds hardware
    ("appliance/*", ("ui", "tests", "drivers"), ("drivers.interfaces",)),
    ("drivers/*", ("appliance", "ui", "tests"), ()),
    ("ui/touch/*", ("drivers", "tests", "ui"), ("ui.touch", "ui.text")),
    ("ui/admin/*", ("drivers", "tests", "ui"), ("ui.admin", "ui.serving", "ui.text")),
    ("ui/phone/*", ("drivers", "tests", "ui"), ("ui.phone", "ui.serving", "ui.text")),
    ("ui/serving/*", ("drivers", "tests", "ui"), ("ui.serving",)),
    ("ui/paper/*", ("drivers", "tests", "ui"), ("ui.paper", "ui.text")),
    ("ui/text/*", ("drivers", "tests", "ui"), ("ui.text",)),
    ("ui/*", ("drivers", "tests", "ui"), ()),
    ("tests/*", (), ()),
]


@dataclass(frozen=True)
class Module:
    """One source file: where it lies, and what it says."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)


def modules() -> list[Module]:
    """All modules of the house, and of its tests."""
    found = [path for folder in ("appliance", "drivers", "ui", "tests") for path in (ROOT / folder).rglob("*.py")]
    return [Module(path.relative_to(ROOT).as_posix(), path.read_text()) for path in sorted(found)]


def is_in(name: str, package: str) -> bool:
    """Tell whether a dotted name is a package or in it."""
    return name == package or name.startswith(package + ".")


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that is imported, by statement or by `import_module("…")`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = Path(module.path).parent.parts
            above = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            base = ".".join(part for part in (above, node.module) if part)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield node.lineno, _beginning(node.args[0])


def _beginning(argument: ast.expr) -> str:
    """The known part of a module's name: all of a text, the first piece of an f-string."""
    first = argument.values[0] if isinstance(argument, ast.JoinedStr) else argument
    return str(first.value).rstrip(".") if isinstance(first, ast.Constant) else UNKNOWN


def broken_walls(module: Module) -> list[str]:
    """Imports through a wall."""
    room, forbidden, allowed = next(wall for wall in WALLS if fnmatch(module.path, wall[0]))
    return [
        f"{module.path}:{line} imports {name}: {room} may not"
        for line, name in imports(module)
        if (name == UNKNOWN and room != "tests/*")
        or (any(is_in(name, one) for one in forbidden) and not any(is_in(name, one) for one in allowed))
    ]


def uses_without_leave(module: Module) -> list[str]:
    """Imports of packages that only listed modules may use."""
    return [
        f"{module.path}:{line} imports {name}: only {', '.join(MAY_IMPORT[package]) or 'nobody'} may"
        for line, name in imports(module)
        for package in MAY_IMPORT
        if is_in(name, package) and not _has_leave(module.path, package)
    ]


def _has_leave(path: str, package: str) -> bool:
    if path.startswith("tests/"):
        return package != "sqlite3"
    return any(fnmatch(path, pattern) for pattern in MAY_IMPORT[package])


def starts_without_leave(module: Module) -> list[str]:
    """Programs started in passing, by `os` or asyncio."""
    names = (
        (node.lineno, ast.unparse(node).removeprefix("os."))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("os", "asyncio")
    )
    return [
        f"{module.path}:{line} starts programs ({name})"
        for line, name in names
        if name in STARTERS or name.startswith(("exec", "spawn", "asyncio.create_subprocess"))
        if module.path not in MAY_START and not module.path.startswith("tests/")
    ]


def without_docstring(module: Module) -> list[str]:
    """Modules that do not say what they are for."""
    is_empty = not module.text.strip()
    return [] if is_empty or ast.get_docstring(module.tree) else [f"{module.path} has no docstring"]


def too_large(module: Module) -> list[str]:
    """Modules and functions over the house's measures."""
    lines = module.text.count("\n")
    found = [f"{module.path} has {lines} lines"] if lines > MODULE_LINES else []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > FUNCTION_LINES:
                found.append(f"{module.path}:{node.lineno} {node.name} has {size} lines")
    return found


def catches_everything(module: Module) -> list[str]:
    """`except:` and `except Exception`: an unknown state would go on."""
    return [
        f"{module.path}:{node.lineno} catches everything"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or any(name.id == "Exception" for name in ast.walk(node.type) if isinstance(name, ast.Name))
        )
    ]


def badly_named(module: Module) -> list[str]:
    """Modules named after nothing one could explain to a customer."""
    nothing = {"utils", "util", "helpers", "helper", "common", "manager", "handler", "misc"}
    return [f"{module.path} is named after nothing"] if set(Path(module.path).with_suffix("").parts) & nothing else []


Rule = Callable[[Module], list[str]]
RULES: list[Rule] = [
    broken_walls,
    uses_without_leave,
    starts_without_leave,
    without_docstring,
    too_large,
    catches_everything,
    badly_named,
]


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_its_rules(rule: Rule) -> None:
    assert [broken for module in modules() for broken in rule(module)] == []


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("appliance/x.py", "import ui.text.catalog", broken_walls),
        ("appliance/x.py", "from drivers import hardware", broken_walls),
        ("appliance/x.py", "from drivers.modbus.meter import models", broken_walls),
        ("appliance/cli/x.py", "import importlib\nimportlib.import_module('drivers.gpio')", broken_walls),
        ("appliance/cli/x.py", "import importlib\nimportlib.import_module(f'ui.{1}')", broken_walls),
        ("appliance/cli/x.py", "import importlib\nimportlib.import_module(name)", broken_walls),
        ("appliance/core.py", "from ui import touch", broken_walls),
        ("drivers/x.py", "from appliance import errors", broken_walls),
        ("drivers/modbus/x.py", "from ...appliance import errors", broken_walls),
        ("ui/touch/x.py", "from ui.admin import serve", broken_walls),
        ("ui/touch/x.py", "from drivers.interfaces import DriverError", broken_walls),
        ("ui/touch/x.py", "from .. import admin", broken_walls),
        ("ui/admin/x.py", "import ui.touch.app", broken_walls),
        ("ui/text/x.py", "def f():\n    import ui.touch", broken_walls),
        ("appliance/store/x.py", "import sqlite3", uses_without_leave),
        ("tests/x.py", "import sqlite3", uses_without_leave),
        ("appliance/backup/x.py", "import apsw", uses_without_leave),
        ("appliance/x.py", "from pymodbus.client import AsyncModbusTcpClient", uses_without_leave),
        ("drivers/modbus/meter.py", "import pymodbus", uses_without_leave),
        ("drivers/gpio.py", "import RPi.GPIO", uses_without_leave),
        ("drivers/gpio.py", "__import__('lgpio')", uses_without_leave),
        ("ui/admin/x.py", "if True:\n    import kivy", uses_without_leave),
        ("ui/touch/x.py", "import flask", uses_without_leave),
        ("appliance/x.py", "from subprocess import run", uses_without_leave),
        ("appliance/x.py", "import os\nos.system('true')", starts_without_leave),
        ("ui/touch/x.py", "import os\nos.execv('true', [])", starts_without_leave),
        ("drivers/x.py", "import asyncio\nasyncio.create_subprocess_exec('true')", starts_without_leave),
        ("appliance/x.py", "x = 1\n", without_docstring),
        ("appliance/x.py", "x = 1\n" * 401, too_large),
        ("appliance/x.py", "def f():\n" + "    x = 1\n" * 50, too_large),
        ("appliance/x.py", "async def f():\n" + "    x = 1\n" * 50, too_large),
        ("appliance/x.py", "try:\n    x = 1\nexcept Exception:\n    pass", catches_everything),
        ("appliance/x.py", "try:\n    x = 1\nexcept (OSError, Exception):\n    pass", catches_everything),
        ("appliance/x.py", "try:\n    x = 1\nexcept:\n    pass", catches_everything),
        ("appliance/utils.py", '"""Things."""', badly_named),
        ("ui/common/x.py", '"""Things."""', badly_named),
    ],
)
def test_each_rule_sees_what_breaks_it(path: str, text: str, rule: Rule) -> None:
    assert rule(Module(path, text)) != []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("appliance/core.py", "from drivers import hardware"),
        ("appliance/x.py", "from drivers.interfaces import DriverError"),
        ("appliance/store/x.py", "import apsw.ext"),
        ("ui/touch/x.py", "from ui.text import catalog\nfrom kivy.app import App\nfrom appliance import clock"),
        ("drivers/hardware.py", "import importlib\nimportlib.import_module('RPi.GPIO')"),
        ("appliance/x.py", "import uiautomation, driverset, apswutils"),
    ],
)
def test_what_is_allowed_is_let_through(path: str, text: str) -> None:
    module = Module(path, text)
    assert broken_walls(module) + uses_without_leave(module) == []


def test_every_leave_is_used() -> None:
    house = modules()
    unused = [
        f"{pattern} may import {package} and does not"
        for package, patterns in MAY_IMPORT.items()
        for pattern in patterns
        if not any(
            is_in(name, package) for module in house if fnmatch(module.path, pattern) for _, name in imports(module)
        )
    ]
    assert unused == []
