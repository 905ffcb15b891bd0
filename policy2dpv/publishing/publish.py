"""Policies -> a folder for any web server: pages, graphs, catalogue, and how to serve them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import msgspec

from policy2dpv.conversion import convert
from policy2dpv.data import PACKAGE, data_folder
from policy2dpv.destinations import list_policies, name_results, open_input
from policy2dpv.errors import GraphError, WriteError
from policy2dpv.graphs.identity import notice_iri
from policy2dpv.graphs.write import format_graph
from policy2dpv.publishing.published_version import (
    Version,
    VersionRecord,
    check_name,
    make_version,
    order_versions,
)
from policy2dpv.publishing.site_catalogue import build_catalogue
from policy2dpv.publishing.site_files import (
    PAGE,
    Files,
    embed_snippet,
    graph_files,
    index_page,
    policy_page,
)
from policy2dpv.publishing.site_folder import replace_folder
from policy2dpv.publishing.site_record import NAME, SiteRecord, read_site, record_site
from policy2dpv.publishing.site_server import PAGES_WORKFLOW, nginx_http, nginx_server
from policy2dpv.reading.read import LIMIT

Say = Callable[[str], None]


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A site in the making: its versions now, and the files of earlier ones that it keeps."""

    base: str
    versions: Mapping[str, Sequence[Version]]
    kept: tuple[VersionRecord, ...] = ()
    files: Mapping[str, bytes] = {}


def name_policies(inputs: Sequence[str]) -> list[tuple[str, str]]:
    """Return name and policy of each input: NAME=POLICY, or one named by its file.

    Several inputs of one given name are versions of one policy. ReadError: a folder without
    policies. GraphError: a name that cannot stand in an address, or that two policies would have.

    >>> name_policies(["privacy=old.html", "privacy=new.html", "cookies.html"])
    [('privacy', 'old.html'), ('privacy', 'new.html'), ('cookies', 'cookies.html')]
    """
    from policy2dpv.reading.media_types import ENDINGS

    given = [one.partition("=") if _is_named(one) else ("", "", one) for one in inputs]
    bare = list_policies([policy for name, _, policy in given if not name], ENDINGS)
    own = [(check_name(name), policy) for name, _, policy in given if name]
    plain = [check_name(_address_word(name)) for name in name_results(bare)]
    names = [*{name.lower() for name, _ in own}, *plain]
    for name in plain:
        if names.count(name) > 1:
            raise GraphError(name, "two policies would have this name", "write NAME=POLICY")
    return [*own, *zip(plain, bare, strict=True)]


def read_policies(
    inputs: Sequence[str], base: str, say: Say, *, language: str | None = None, limit: int = LIMIT
) -> dict[str, list[Version]]:
    """Return the versions of each policy in their order, by the policy's name.

    GraphError: a base that is no http(s) folder. Else what reading the policies raises.

    >>> read_policies([], "https://a.example/", print)
    {}
    """
    check_base(base)
    found: dict[str, list[Version]] = {}
    for name, policy in name_policies(inputs):
        made = make_version(
            name,
            convert(open_input(policy), base=base + name, language=language, limit=limit),
            base,
        )
        say(f"{policy}: {made.record.statements} statements, version {made.record.id}")
        same = [one.record.id for one in found.get(name, ())]
        if made.record.id not in same:
            found.setdefault(name, []).append(made)
    return {name: _ordered(versions) for name, versions in sorted(found.items())}


def publish_site(versions: Mapping[str, Sequence[Version]], base: str, folder: Path) -> SiteRecord:
    """Write a site in one step and return its record.

    Versions of these policies that the folder already holds, under the same base, are kept with
    their files as they are. WriteError: the folder holds something else, or a version that is
    later than one of these, or cannot be written; the extra for pages is not installed.
    """
    there = read_site(folder)
    site = keep_versions(versions, base, there, folder)
    files = site_files(site)
    records = [r for name in site.versions for r in _records(site, name)]
    files[NAME] = record_site(base, records, files)
    replace_folder(folder, files)
    return msgspec.json.decode(files[NAME], type=SiteRecord)


def dropped_policies(versions: Mapping[str, Sequence[Version]], folder: Path) -> list[str]:
    """Return the policies of the site in a folder that a new one would no longer have.

    WriteError: the folder holds something else.

    >>> dropped_policies({}, Path("no-such-folder"))
    []
    """
    there = read_site(folder)
    return sorted({one.name for one in there.versions} - versions.keys()) if there else []


def keep_versions(
    versions: Mapping[str, Sequence[Version]], base: str, there: SiteRecord | None, folder: Path
) -> Site:
    """Return the site with the earlier versions that the folder holds; they come before the new.

    WriteError: a version in the folder is later than one of the new, or a file of it is gone.

    >>> keep_versions({}, "https://a.example/", None, Path("site")).kept
    ()
    """
    if there is None or there.base != base:
        return Site(base=base, versions=versions)
    new = {(name, one.record.id) for name, found in versions.items() for one in found}
    kept = tuple(r for r in there.versions if r.name in versions and (r.name, r.id) not in new)
    _check_order(versions, there)
    stems = tuple(f"{record.name}/{record.id}." for record in kept)
    names = [name for name in there.files if name.startswith(stems)] if stems else []
    try:
        files = {name: (folder / name).read_bytes() for name in names}
    except OSError as error:
        raise WriteError(folder, f"a file of an earlier version is gone: {error.filename}",
                         "put it back, or name a new folder with -o") from error  # fmt: skip
    lasts = {record.name: record.id for record in kept}
    joined = {
        name: [_after(found[0], lasts.get(name, "")), *found[1:]]
        for name, found in versions.items()
    }
    return Site(base=base, versions=joined, kept=kept, files=files)


def site_files(site: Site) -> Files:
    """Return all files of a site by their paths, without its record.

    WriteError: the extra that makes pages is not installed.
    """
    base, files = site.base, dict(site.files)
    for name, versions in site.versions.items():
        records = _records(site, name)
        for version in versions:
            stem = f"{name}/{version.record.id}"
            made = graph_files(version)
            files |= {stem + ending: data for ending, data in made.items()}
            files[stem + PAGE] = policy_page(version, base, records, latest=False)
            if version is versions[-1]:
                files |= {name + ending: data for ending, data in made.items()}
                report = _report(version, files)
                files[name + PAGE] = policy_page(version, base, records, latest=True, report=report)
    everything = {name: _records(site, name) for name in site.versions}
    latest = [records[-1] for records in everything.values()]
    files["index.html"] = index_page(base, latest, everything)
    catalogue = build_catalogue(base, [r for rs in everything.values() for r in rs],
                                "Privacy policies")  # fmt: skip
    files["catalogue.ttl"] = format_graph(catalogue, "turtle").encode()
    files["catalogue.rdf"] = format_graph(catalogue, "rdfxml").encode()
    files["sitemap.xml"] = _sitemap(base, everything).encode()
    return files | _fixed_files(base, [r for rs in everything.values() for r in rs])


def embed(inputs: Sequence[str], base: str, say: Say, **options: object) -> str:
    """Return the snippet for one policy's existing page. GraphError: several policies."""
    versions = read_policies(inputs, base, say, **options)  # type: ignore[arg-type]
    made = [one for found in versions.values() for one in found]
    if len(made) != 1:
        raise GraphError("--embed", f"{len(made)} policies for one page", "name one policy")
    return embed_snippet(made[0])


def _fixed_files(base: str, records: Sequence[VersionRecord]) -> Files:
    """What every site has: context, style, and the snippets for servers."""
    static = PACKAGE / "static"
    return {
        "context.jsonld": (data_folder("vocab") / "context.jsonld").read_bytes(),
        "static/published.css": (static / "published.css").read_bytes(),
        "static/mark.svg": (static / "mark.svg").read_bytes(),
        "server/nginx-http.conf": nginx_http().encode(),
        "server/nginx-server.conf": nginx_server(base, records).encode(),
        "server/github-pages.yml": PAGES_WORKFLOW.encode(),
        ".nojekyll": b"",
    }


def _report(version: Version, files: Files) -> str:
    """Add what the notice says of the items that laws ask for; return the page's address."""
    from policy2dpv.checking.report import report_policy
    from policy2dpv.checking.report_html import format_html

    name = f"{version.record.name}.report.html"
    files[name] = format_html(report_policy(version.graph)).encode("utf-8", "replace")
    return name


def _sitemap(base: str, versions: Mapping[str, Sequence[VersionRecord]]) -> str:
    """The sitemap (sitemaps.org, protocol 0.9)."""
    pages = [base]
    for name, records in versions.items():
        pages += [base + name, *(f"{base}{name}/{record.id}" for record in records)]
    lines = [f"  <url><loc>{escape(page)}</loc></url>" for page in pages]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return "\n".join([f'{head}<urlset xmlns="{space}">', *lines, "</urlset>", ""])


def check_base(base: str) -> str:
    """Return the IRI under which a site stands. GraphError: it is no http(s) folder.

    >>> check_base("https://a.example/privacy")
    Traceback (most recent call last):
    policy2dpv.errors.GraphError: --base: 'https://a.example/privacy' is no folder; end it ...
    """
    if not base.endswith("/"):
        raise GraphError("--base", f"{base!r} is no folder", "end it with a slash")
    if not base.startswith(("https://", "http://")) or "?" in base:
        advice = "give the address of the folder, such as https://example.org/privacy/"
        raise GraphError("--base", f"{base!r} is no web address", advice)
    return notice_iri("", base)


def _is_named(one: str) -> bool:
    name, sign, _ = one.partition("=")
    return bool(sign) and not set("/\\.:") & set(name) and not Path(one).exists()


def _address_word(name: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return kept.strip("-_").lower() or "policy"


def _ordered(versions: Sequence[Version]) -> list[Version]:
    records = order_versions([version.record for version in versions])
    by_id = {version.record.id: version for version in versions}
    return [msgspec.structs.replace(by_id[r.id], record=r) for r in records]


def _after(version: Version, last: str) -> Version:
    record = msgspec.structs.replace(version.record, previous=last)
    return msgspec.structs.replace(version, record=record)


def _check_order(versions: Mapping[str, Sequence[Version]], there: SiteRecord) -> None:
    """WriteError: the site holds a version that is later than one that is published now."""
    for name, found in versions.items():
        new = [version.record for version in found]
        again = False
        for old in there.of(name):
            if old.id in {record.id for record in new}:
                again = True
            elif again or (old.date and new[0].date and old.date > new[0].date):
                advice = "give all versions from this one on, or name a new folder with -o"
                raise WriteError(name, f"the site holds a later version, {old.id}", advice)


def _records(site: Site, name: str) -> list[VersionRecord]:
    """The versions of a policy in their order, those kept first."""
    kept = [record for record in site.kept if record.name == name]
    return [*kept, *(version.record for version in site.versions[name])]
