"""Running a graph: the interpreter, who may write, and what is told about it."""
