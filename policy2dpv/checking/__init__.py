"""Whether graphs and tables are right, and what a notice says of what laws ask for."""
