"""A published site for tests, and a real nginx that serves it with the generated snippets."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policy2dpv.publishing.publish import publish_site, read_policies

BASE = "https://shop.example/privacy/"
FIRST = """# Privacy Policy

Last updated: 1 March 2024

## What we collect

Acme Ltd is the controller of your personal data.

We use your email address to send you our newsletter.
We may share your IP address with advertising partners.
We will never sell your data.
You have the right to access your data.

- We store your name in Germany.
- We keep your postal address for 6 months.
"""
SECOND = FIRST.replace("1 March 2024", "1 March 2025").replace("6 months", "2 years")


def publish(folder: Path, *texts: str, name: str = "shop") -> Path:
    """Publish versions of one policy into the folder's site; gives the site's folder."""
    words = []
    for number, text in enumerate(texts or (FIRST,)):
        path = folder / f"{name}-{number}.md"
        path.write_text(text, "utf-8")
        words.append(f"{name}={path}")
    site = folder / "site"
    publish_site(read_policies(words, BASE, lambda said: None), BASE, site)
    return site


@contextmanager
def nginx(site: Path, work: Path) -> Iterator[int]:
    """Serve a site at its base's path with a real nginx; gives the port."""
    shutil.copytree(site, work / "root" / "privacy")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    paths = "".join(
        f"{kind}_temp_path {work};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (work / "nginx.conf").write_text(
        f"{user} daemon off; pid {work}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths} include {site}/server/nginx-http.conf;\n"
        f"server {{ listen 127.0.0.1:{port}; root {work}/root;\n"
        f"include {site}/server/nginx-server.conf; }} }}\n"
    )
    process = subprocess.Popen(["nginx", "-c", work / "nginx.conf", "-p", work])
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            http.client.HTTPConnection("127.0.0.1", port).connect()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx does not answer")
