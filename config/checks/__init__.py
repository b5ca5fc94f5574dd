"""What options may contain: each check raises NotAllowed, whose text says what can be written instead.

The text never contains the value: a password may have been written in the wrong place.
"""
