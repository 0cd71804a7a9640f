"""constraints.txt pins exactly what the project pulls in."""

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]


def wanted() -> dict[str, str]:
    """Name and installed version of everything that `ttsd[dev,qwen]` needs, however indirectly; torch aside."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    todo = [Requirement(text) for text in project["dependencies"] + extras["dev"] + extras["qwen"]]
    found: dict[str, str] = {}
    seen: set[str] = set()
    while todo:
        requirement = todo.pop()
        if str(requirement) in seen or requirement.name == "torch":
            continue
        seen.add(str(requirement))
        installed = distribution(requirement.name)
        found[canonicalize_name(requirement.name)] = installed.version
        todo += [r for text in installed.requires or () if applies(r := Requirement(text), requirement.extras)]
    return found


def applies(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def test_every_dependency_is_pinned_at_the_version_that_is_tested() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    missing = {name: version for name, version in wanted().items() if pinned.get(name) != version}
    assert not missing, "put into constraints.txt:\n" + "\n".join(f"{n}=={v}" for n, v in sorted(missing.items()))


def test_a_constraint_is_a_name_and_a_version_and_no_address() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if not line.startswith("#"):
            assert Requirement(line).url is None
            assert str(Requirement(line).specifier).startswith("==")


def test_torch_is_left_to_the_machine() -> None:
    assert "torch" not in (ROOT / "constraints.txt").read_text()
    try:
        distribution("torch")
    except PackageNotFoundError:
        return
