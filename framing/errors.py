"""The one error a user sees: a single clear line."""


class FramingError(Exception):
    """Something outside the code is wrong: a file, a field, a setting, a model folder.

    The message is one line that says where it is (file and line number), what was found, what was
    expected and what to do. The command line prints it and exits with 1, without a traceback.
    """
