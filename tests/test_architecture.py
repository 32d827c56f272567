"""The house of docs/architecture.md, kept: imports only point downwards."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent

FEATURES = (
    "clinic.core clinic.rules clinic.access clinic.audit clinic.accounts "
    "clinic.templatetags "
    "patients.records patients.consent patients.measures patients.intake "
    "plans.catalogue plans.engine plans.planning plans.combinations plans.pauses "
    "plans.scheduling "
    "plans.messages plans.patient_mode plans.sessions plans.room plans.adverse "
    "plans.corrections plans.paper plans.progress plans.outcomes plans.reviews "
    "plans.exports plans.imports "
    "clinic.home clinic.management plans.management"
).split()

COLLECTORS = {"models", "urls", "admin", "apps", "settings", "wsgi", "templatetags"}
# Inside a feature, later files may import earlier ones. What isn't named is pure.
LAYERS = {"models": 1, "queries": 2, "services": 2}
LAYERS |= {"forms": 3, "presenters": 3, "widgets": 3, "context": 3}
LAYERS |= {"middleware": 4, "adapter": 4, "views": 4, "urls": 5}
OPEN_TO_OTHERS = 2  # pure modules, models, queries and services
TOOLS = {"clinic.core", "clinic.access", "clinic.templatetags", "clinic.management"}
TOOLS |= {"plans.management"}


def modules():
    for package in ("clinic", "patients", "plans"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" in parts or "formats" in parts:
                continue
            yield ".".join(parts).removesuffix(".__init__"), path


def imports(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def feature_of(module):
    found = ".".join(module.split(".")[:2])
    return found if found in FEATURES else None


def layer_of(module):
    """None for a package's own `__init__`."""
    parts = module.split(".")
    return LAYERS.get(parts[2], 0) if len(parts) > 2 else None


def is_ours(name):
    return name.split(".")[0] in {"clinic", "patients", "plans"}


def step_upward(module: str, name: str) -> str | None:
    """What is wrong with a module's import of another of ours."""
    feature, other = feature_of(module), feature_of(name)
    if other is None:
        return f"{module} imports the collector {name}"
    if other == feature:
        mine, theirs = layer_of(module), layer_of(name)
        if feature in TOOLS or None in (mine, theirs) or theirs <= mine:
            return None
        return f"{module} imports {name}, which stands above it"
    if FEATURES.index(other) >= FEATURES.index(feature):
        return f"{module} imports {name}, a feature above it"
    if other not in TOOLS and (layer_of(name) or 0) > OPEN_TO_OTHERS:
        return f"{module} imports {name}: views and forms are a feature's own"
    return None


def is_pure(module: str) -> bool:
    feature = feature_of(module)
    if feature in TOOLS | {None} or layer_of(module) != 0:
        return False
    return feature != "clinic.accounts" or module.split(".")[2] not in {
        "middleware",
        "adapter",
    }


def is_impure(name: str) -> bool:
    if not is_ours(name):
        return name.startswith("django")
    return bool(layer_of(name)) or feature_of(name) in TOOLS - {"clinic.core"}


@cache
def imports_by_module() -> dict[str, list[str]]:
    return {module: list(imports(path)) for module, path in modules()}


def test_every_module_stands_in_a_feature():
    strays = [
        module
        for module in imports_by_module()
        if feature_of(module) is None
        and module not in {"clinic", "patients", "plans"}
        and module.split(".")[1] not in COLLECTORS
    ]

    assert strays == []


def test_imports_point_downwards():
    upward = [
        said
        for module, names in imports_by_module().items()
        if feature_of(module)
        for name in filter(is_ours, names)
        if (said := step_upward(module, name))
    ]

    assert upward == []


def test_pure_modules_know_no_django():
    impure = [
        f"{module} is pure but imports {name}"
        for module, names in imports_by_module().items()
        if is_pure(module)
        for name in filter(is_impure, names)
    ]

    assert impure == []
