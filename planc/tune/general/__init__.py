"""Requests over many made-up tool sets, for models that plan over tools they have not seen."""
