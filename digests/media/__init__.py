"""Pictures of articles: fetched, judged, kept small, and put together as mosaics."""
