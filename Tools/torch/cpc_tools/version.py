"""Which formats this package reads and writes."""

# The first number is the schema of the datasets that are read.
VERSION = "1.0.0"
SCHEMA = 1
# Formats of checkpoints that are read; the last is the one that is written.
CHECKPOINTS = ("1", "2")


def upgrade(of: str) -> str:
    """What to do about a file of a later format."""
    return (f"this is cpc_tools {VERSION}, which reads {of}: upgrade cpc_tools to the version of the tool that wrote it "
            "(pip install --upgrade ./Tools/torch)")
