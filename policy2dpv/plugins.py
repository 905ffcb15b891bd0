"""What other packages add by entry points: readers, tables, annotators (docs/plugins.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policy2dpv.errors import PluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

READERS = "policy2dpv.readers"
MAPPINGS = "policy2dpv.mappings"
ANNOTATORS = "policy2dpv.annotators"


def plugin_names(group: str) -> list[str]:
    """The names that installed packages offer in a group, sorted.

    >>> plugin_names("policy2dpv.no-such-group")
    []
    """
    from importlib.metadata import entry_points

    return sorted({point.name for point in entry_points(group=group)})


def load_plugin(group: str, name: str) -> object | None:
    """Return what a package offers under a name, None where none does.

    PluginError: it cannot be loaded, or two packages offer different things under the name.

    >>> load_plugin(ANNOTATORS, "no-such-annotator") is None
    True
    """
    from importlib.metadata import entry_points

    points = sorted(set(entry_points(group=group, name=name)), key=lambda point: point.value)
    if not points:
        return None
    if len({point.value for point in points}) > 1:
        packages = " and ".join(dict.fromkeys(map(_describe, points)))
        raise PluginError(name, f"{packages} both offer it in {group}", "remove one of them")
    try:
        return points[0].load()  # type: ignore[no-any-return]
    except Exception as error:  # whatever a foreign package raises while it loads
        found = f"{_describe(points[0])} cannot be loaded: {failure(error)}"
        raise PluginError(name, found, "repair or remove the package") from error


def failure(error: Exception) -> str:
    r"""An exception of foreign code in one line.

    >>> failure(KeyError("a")), failure(ValueError("no\nmodel"))
    ("KeyError: 'a'", 'ValueError: no model')
    """
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _describe(point: EntryPoint) -> str:
    package = point.dist.name if point.dist else "a package"
    return f"{package} ({point.value})"
