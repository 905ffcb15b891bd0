"""The commands of the command line; cli.py gathers them."""
