"""Texts with entities, parsed, normalized and linked as TDLib does it."""
