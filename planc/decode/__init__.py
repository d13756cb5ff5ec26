"""Request and tools to plan text: the prompt, the constraint and the model.

The only place that imports outlines, llguidance and llama_cpp.
"""
