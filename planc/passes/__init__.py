"""The pipeline: named steps from graph to graph, each in a file of its own.

The verifier runs after every step. There is no step yet that rewrites a graph: lowering already
gives the parallel form that the interpreter runs.
"""
