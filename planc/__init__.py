"""planc: a compiler toolchain for function-calling plans."""
