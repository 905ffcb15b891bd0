"""The server: SPARQL endpoint, policies under their IRIs, JSON API and explorer in one app.

It reads only: nothing that a request brings is kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from policy2dpv.serve_limits import Limits
from policy2dpv.serve_pool import WorkerPool
from policy2dpv.serve_requests import Refused
from policy2dpv.serve_sparql import METHODS, SparqlEndpoint

if TYPE_CHECKING:
    from starlette.applications import Starlette
