"""Errors that end the program."""


class StartError(Exception):
    """The program can't start or go on; its text tells an operator why, and how to fix it."""
