"""What can be wrong with files: each message names the file and the cause."""


class DatasetError(ValueError):
    """A dataset that is damaged, too new, or does not have what was asked of it."""


class CheckpointError(ValueError):
    """A file that is no checkpoint, is damaged or too new, or does not fit what is asked of it."""
