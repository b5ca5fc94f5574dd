"""A strict server of feeds for tests: it behaves like real ones on demand, and writes down all that it is asked.

`server.py` serves, `scripts.py` says what, `record.py` holds what was asked and answered, and `rules.py` is the list of
rules against which that is held.
"""
