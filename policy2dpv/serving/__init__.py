"""A local server: SPARQL endpoint, policies under their IRIs, JSON API, explorer."""
