"""Errors of the program's shell."""


class StartError(Exception):
    """The program can't start or go on; its text is one sentence for an operator, with the mend."""
