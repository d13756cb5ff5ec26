"""Adapters as GGUF files, which llama.cpp puts on top of a model's weights.

The format is llama.cpp's own (`convert_lora_to_gguf.py` there): `general.type` is `adapter`,
`adapter.type` is `lora`, and for each weight `NAME` of the model there are `NAME.lora_a` of shape
(rank, in) and `NAME.lora_b` of shape (out, rank).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np

_WEIGHT = re.compile(
    r".*\.layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)_proj\.lora_([AB])(?:\.\w+)?\.weight"
)
_NAMES = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def export(
    path: Path,
    state: Mapping[str, np.ndarray[Any, Any]],
    architecture: str,
    heads: tuple[int, int],
    alpha: float,
    about: Mapping[str, str],
) -> None:
    """Writes an adapter in half precision.

    `state` has the weights by their names in peft's state dict; `heads` are the model's numbers of
    heads for queries and for keys; `about` is written into the file's metadata.
    """
    part = path.with_suffix(".part")
    writer = gguf.GGUFWriter(part, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for name, value in about.items():
        writer.add_string(name, value)
    for name, tensor in state.items():
        found = _WEIGHT.fullmatch(name)
        if found is None:
            raise ValueError(f"`{name}` is no weight that llama.cpp has an adapter for")
        layer, kind, which = found.groups()
        if architecture == "llama" and which == "B" and kind in "qk":
            tensor = _interleaved(tensor, heads[kind == "k"])
        told = f"blk.{layer}.{_NAMES[kind]}.weight.lora_{which.lower()}"
        writer.add_tensor(told, np.ascontiguousarray(tensor, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(path)


def _interleaved(tensor: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """The rows of a query's or key's weight in the order that llama.cpp's rotary embedding of the
    llama architecture takes: of each head the two halves by turns."""
    out, rank = tensor.shape
    halves = tensor.reshape(heads, 2, out // heads // 2, rank)
    return halves.swapaxes(1, 2).reshape(out, rank)
