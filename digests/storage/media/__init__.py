"""Storing what became of pictures and mosaics; the pictures themselves are in a folder."""
