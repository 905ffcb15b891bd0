"""Bytes -> Document: any format's words and structure, never changed afterwards."""
