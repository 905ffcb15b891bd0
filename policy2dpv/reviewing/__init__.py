"""What people decide of what was read."""
