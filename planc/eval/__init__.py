"""How good plans are: scorers for requests whose right plan is known."""
