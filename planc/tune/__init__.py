"""Teaching a model to plan: requests made from frames, LoRA training, adapters in GGUF."""
