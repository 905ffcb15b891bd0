"""Why the graph says what it says, and why it says no more."""
