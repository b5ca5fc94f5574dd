"""Endpoints of the person's side, each named by its HTTP method and path; `routes` documents and joins them."""
