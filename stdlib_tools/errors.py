"""The one way in which a standard tool fails."""


class ToolError(Exception):
    """A tool could not do what it was asked; the message is a sentence for people."""
