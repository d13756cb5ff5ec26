"""What planc shows: plans as JSON, graphs as text and pictures, runs as they happen."""
