"""Reading feeds: RSS, RDF, CDF, Atom and JSON Feed from bytes to entries (pure)."""
