"""How a file arrives: from a hub, or in pieces from the Python package index."""
