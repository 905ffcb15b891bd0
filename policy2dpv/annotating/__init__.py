"""Document -> Segments -> Annotations -> Statements: what words say, and what belongs together."""
