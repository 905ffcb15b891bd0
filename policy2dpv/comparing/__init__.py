"""Differences and contradictions in meaning, between versions and documents."""
