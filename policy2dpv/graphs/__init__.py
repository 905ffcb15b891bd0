"""Statements -> triples -> files: graphs with their evidence, and graphs read back."""
