"""The house stands: names resolve, layers hold, locks are closed, the tree is clean."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = ("features", "models", "monitoring", "serving")
LOCKS = sorted(REPOSITORY.glob("requirements*.lock"))

# Only the command line may load these, and migrations run by alembic alone.
HEAVY = ("mlflow", "evidently")
OUTSIDE_SERVING = {"cli", "migrations", "__main__.py"}


def run(*command: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def python(code: str, cwd: Path = REPOSITORY) -> str:
    finished = run(sys.executable, "-c", code, cwd=cwd)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def tracked(*folders: str) -> list[Path]:
    finished = run("git", "ls-files", "-z", "--", *folders)
    if finished.returncode:
        pytest.skip("not a git checkout, so nothing tells which files are tracked")
    names = [name for name in finished.stdout.split("\0") if name]
    return [REPOSITORY / name for name in names if (REPOSITORY / name).is_file()]


# Names


def test_mlflow_is_the_library_from_the_repository_root():
    where = python("import mlflow; mlflow.start_run; print(mlflow.__file__)")
    assert "site-packages" in Path(where).parts


def test_mlflow_is_the_library_under_pytest(tmp_path):
    body = (
        "from pathlib import Path\n"
        "import mlflow\n"
        "def test_library():\n"
        "    assert mlflow.start_run\n"
        "    assert 'site-packages' in Path(mlflow.__file__).parts\n"
    )
    (tmp_path / "test_library.py").write_text(body)
    options = ("-q", "-p", "no:cacheprovider", "-c", "pyproject.toml", "--rootdir", ".")
    finished = run(sys.executable, "-m", "pytest", *options, str(tmp_path / "test_library.py"))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "1 passed" in finished.stdout


def test_the_mlflow_folder_holds_no_python():
    assert (REPOSITORY / "mlflow" / "MLproject").is_file()
    assert not list((REPOSITORY / "mlflow").rglob("*.py"))


@pytest.mark.parametrize("name", PACKAGES)
def test_our_packages_are_ours_from_anywhere(name, tmp_path):
    where = python(f"import {name}; print({name}.__file__)", cwd=tmp_path)
    assert Path(where) == REPOSITORY / name / "__init__.py"


# Layers


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return run(sys.executable, "-c", command, "--no-cache", cwd=folder)


@pytest.fixture
def house(tmp_path):
    """A copy of the four packages in which a test may do wrong."""
    for name in PACKAGES:
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def test_layers_hold():
    finished = lint_imports(REPOSITORY)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert " 0 broken" in finished.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("features/intruder.py", "import models", "An import never runs upward"),
        ("models/intruder.py", "import sqlalchemy", "Only serving knows the web and the database"),
        ("serving/intruder.py", "import mlflow", "Serving starts without mlflow and evidently"),
    ],
)
def test_a_broken_layer_is_noticed(house, module, line, contract):
    (house / module).write_text(f"{line}\n")
    finished = lint_imports(house)
    assert finished.returncode != 0
    assert f"{contract} BROKEN" in finished.stdout


def test_serving_loads_neither_mlflow_nor_evidently():
    files = [file.relative_to(REPOSITORY) for file in (REPOSITORY / "serving").rglob("*.py")]
    served = [file for file in files if not OUTSIDE_SERVING.intersection(file.parts)]
    names = sorted(".".join(f.with_suffix("").parts).removesuffix(".__init__") for f in served)
    assert "serving" in names
    loaded = python(
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert loaded == ""


# The distribution


@pytest.mark.slow("builds a wheel")
def test_the_wheel_carries_every_file_of_the_packages(house):
    shutil.copy(REPOSITORY / "LICENSE", house)
    for file in REPOSITORY.glob("README.md"):
        shutil.copy(file, house)
    build = "from setuptools import build_meta; build_meta.build_wheel('wheels')"
    finished = run(sys.executable, "-c", build, cwd=house)
    assert finished.returncode == 0, finished.stderr
    (wheel,) = (house / "wheels").glob("voorzet-*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    wanted = {file.relative_to(REPOSITORY).as_posix() for file in tracked(*PACKAGES)}
    assert wanted
    assert wanted - carried == set()
    assert {name.split("/")[0] for name in carried if ".dist-info/" not in name} == set(PACKAGES)


# The locks


def requirements(lock: Path) -> list[str]:
    """The logical lines of a lock: continuation lines joined, blanks and comments left out."""
    joined = re.sub(r"\\\n\s*", "", lock.read_text())
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def test_there_is_a_lock_for_every_way_to_install():
    names = {lock.name for lock in LOCKS}
    assert names == {
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-bench.lock",
        "requirements-bootstrap.lock",
    }


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_requirement_is_pinned_and_hashed_and_none_has_a_url(lock):
    assert "://" not in lock.read_text()
    lines = requirements(lock)
    assert lines
    form = re.compile(
        r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==[^\s@]+( ; [^@]+?)? ?--hash=sha256:"
    )
    assert [line for line in lines if not form.match(line)] == []


def test_the_locks_agree():
    def pins(name: str) -> set[str]:
        return {line.split("--hash")[0].strip() for line in requirements(REPOSITORY / name)}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")
    assert pins("requirements-dev.lock") <= pins("requirements-bench.lock")
    assert pins("requirements-bootstrap.lock") <= pins("requirements-dev.lock")


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ()),
        ("requirements-dev.lock", ("dev",)),
        ("requirements-bench.lock", ("dev", "bench")),
    ],
)
def test_the_locks_satisfy_the_project(lock, extras):
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    pins = {}
    for line in requirements(REPOSITORY / lock):
        pin = Requirement(line.split("--hash")[0])
        pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    for text in wanted:
        need = Requirement(text)
        found = pins.get(canonicalize_name(need.name), [])
        assert found, f"{need.name} is not in {lock}: run make lock"
        for pin in found:
            (exact,) = pin.specifier
            assert need.specifier.contains(exact.version), f"{pin} in {lock} is not {need}"


# The tree

REGISTRIES = re.compile(
    r"pypi[.]org|pythonhosted[.]org|npmjs[.](org|com)|anaconda[.](org|com)|"
    r"(deb|security)[.]debian[.]org|(index|find)[-_](url|links) *= *\S",
    re.IGNORECASE,
)
DEVELOPER_PATHS = re.compile(r"(?<![\w.~-])/(root|home|Users|work)/[\w.]")


@pytest.mark.parametrize("pattern", [REGISTRIES, DEVELOPER_PATHS], ids=["registry", "path"])
def test_no_tracked_file_names_a_registry_or_a_developer_machine(pattern):
    files = tracked()
    assert files
    found = [
        f"{file.relative_to(REPOSITORY)}: {match.group()}"
        for file in files
        if (match := pattern.search(file.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRIES, "see " + ".".join(("https://pypi", "org/simple"))),
        (REGISTRIES, "index-url" + " = https://example.org"),
        (DEVELOPER_PATHS, "cd /" + "/".join(("home", "anna", "voorzet"))),
        (DEVELOPER_PATHS, '"/' + "root" + '/.cache"'),
    ],
)
def test_the_patterns_find_what_they_look_for(pattern, text):
    assert pattern.search(text)
