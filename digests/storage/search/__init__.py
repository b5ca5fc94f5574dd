"""The search index: what is searched, and pages of hits; the engines are in `sqlite` and `postgresql`."""
