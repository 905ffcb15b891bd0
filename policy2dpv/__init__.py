"""Reads privacy policies and writes Data Privacy Vocabulary graphs that point to their words."""

__version__ = "0.1.0"
