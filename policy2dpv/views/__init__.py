"""A policy's graph as people see it: facts, statements, lit text, flow, pages."""
