"""Policies as a site for any web server, and the check that it keeps true."""
