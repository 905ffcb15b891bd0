"""Reads privacy policies and writes Data Privacy Vocabulary graphs that point to their words.

>>> conversion = convert(b"We use your email address to send you our newsletter.")
>>> "EmailAddress" in conversion.to_turtle()
True
"""

__version__ = "0.1.0"

from policy2dpv.annotating.annotate import annotate_segments
from policy2dpv.annotating.relate import relate_annotations
from policy2dpv.annotating.segment import find_segments
from policy2dpv.checking.check import check_graph
from policy2dpv.checking.report import report_graph
from policy2dpv.conversion import Conversion, convert
from policy2dpv.errors import (
    AnnotatorError,
    GraphError,
    LanguageError,
    PluginError,
    PolicyError,
    QueryError,
    ReadError,
    TableError,
    VocabularyError,
    WriteError,
)
from policy2dpv.graphs.graph import build_graph
from policy2dpv.graphs.write import write_graph
from policy2dpv.knowledge.lexicon import load_lexicon
from policy2dpv.knowledge.vocabulary import load_vocabulary
from policy2dpv.model import Annotation, Block, Document, Segment, Statement
from policy2dpv.querying.query import run_query
from policy2dpv.reading.read import read_document

__all__ = [
    "Annotation",
    "AnnotatorError",
    "Block",
    "Conversion",
    "Document",
    "GraphError",
    "LanguageError",
    "PluginError",
    "PolicyError",
    "QueryError",
    "ReadError",
    "Segment",
    "Statement",
    "TableError",
    "VocabularyError",
    "WriteError",
    "__version__",
    "annotate_segments",
    "build_graph",
    "check_graph",
    "convert",
    "find_segments",
    "load_lexicon",
    "load_vocabulary",
    "read_document",
    "relate_annotations",
    "report_graph",
    "run_query",
    "write_graph",
]
