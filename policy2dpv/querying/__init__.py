"""Graphs asked: named queries and SPARQL over files, stores and endpoints."""
