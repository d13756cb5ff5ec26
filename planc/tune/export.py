"""Adapters as GGUF files, which llama.cpp puts on top of a model's weights.

The format is llama.cpp's own (`convert_lora_to_gguf.py` there): `general.type` is `adapter`,
`adapter.type` is `lora`, and for each weight `NAME` of the model there are `NAME.lora_a` of shape
(rank, in) and `NAME.lora_b` of shape (out, rank).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from planc.diagnostics import CANNOT_WRITE, NO_TRAINING, Diagnostic, PlanError

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
    heads for queries and for keys; `about` is written into the file's metadata. Raises `PlanError`
    (E105) if it cannot be written.
    """
    part = path.with_suffix(".part")
    try:
        writer = gguf.GGUFWriter(part, architecture)
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
        for name, value in about.items():
            writer.add_string(name, value)
        for name, tensor in state.items():
            layer, kind, which = _parts(name)
            if _is_interleaved(architecture, kind, which):
                tensor = _interleaved(tensor, heads[kind == "attn_k"])
            told = _told(layer, kind, which)
            writer.add_tensor(told, np.ascontiguousarray(tensor, dtype=np.float16))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        part.replace(path)
    except OSError as error:
        message = f"`{path}` cannot be written: {error.strerror or error}"
        raise PlanError(Diagnostic(CANNOT_WRITE, message)) from error
    finally:
        part.unlink(missing_ok=True)


def rank_and_alpha(path: Path) -> tuple[int, int]:
    """Those of an adapter that `export` has written. Raises `PlanError` (E603) for one that has no
    weights."""
    reader = _reader(path)
    alpha = reader.fields.get(gguf.Keys.Adapter.LORA_ALPHA)
    tensor = next((one for one in reader.tensors if one.name.endswith(".lora_a")), None)
    if alpha is None or tensor is None:
        raise PlanError(Diagnostic(NO_TRAINING, f"`{path}` has no weights of an adapter"))
    return len(tensor.data), int(alpha.contents())


def weights(
    path: Path, names: Iterable[str], architecture: str, heads: tuple[int, int]
) -> dict[str, np.ndarray[Any, Any]]:
    """The weights of an adapter that `export` has written, by their names in peft's state dict.
    Raises `PlanError` (E603) if it has not all of them."""
    tensors = {tensor.name: tensor.data for tensor in _reader(path).tensors}
    found = {}
    for name in names:
        layer, kind, which = _parts(name)
        tensor = tensors.get(_told(layer, kind, which))
        if tensor is None:
            message = f"`{path}` has no weights for `{kind}` of layer {layer}"
            raise PlanError(Diagnostic(NO_TRAINING, message))
        if _is_interleaved(architecture, kind, which):
            tensor = _halved(tensor, heads[kind == "attn_k"])
        found[name] = tensor
    return found


def _reader(path: Path) -> gguf.GGUFReader:
    """Reads an adapter of which `planc.adapters` has read the metadata. Raises `PlanError` (E603)
    for one that is damaged."""
    try:
        return gguf.GGUFReader(path)
    except (OSError, ValueError, IndexError, KeyError) as error:
        raise PlanError(Diagnostic(NO_TRAINING, f"`{path}` is damaged: {error}")) from error


def _parts(name: str) -> tuple[str, str, str]:
    """The layer, the weight's name in llama.cpp, and A or B."""
    found = _WEIGHT.fullmatch(name)
    if found is None or found[2] not in _NAMES:
        raise ValueError(f"`{name}` is no weight that llama.cpp has an adapter for")
    return found[1], _NAMES[found[2]], found[3]


def _told(layer: str, kind: str, which: str) -> str:
    """The name in the file of one of a weight's two halves, A or B."""
    return f"blk.{layer}.{kind}.weight.lora_{which.lower()}"


def _is_interleaved(architecture: str, kind: str, which: str) -> bool:
    """Whether the rows of a weight stand in another order in the file."""
    return architecture == "llama" and which == "B" and kind in ("attn_q", "attn_k")


def require_exportable(names: Iterable[str]) -> None:
    """Raises `PlanError` (E603) if there is a weight among those of an adapter, by their names in
    peft's state dict, that cannot be written."""
    for name in names:
        try:
            _parts(name)
        except ValueError as error:
            message = f"models of this architecture cannot be trained: {error}"
            raise PlanError(Diagnostic(NO_TRAINING, message)) from error


def _interleaved(tensor: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """The rows of a query's or key's weight in the order that llama.cpp's rotary embedding of the
    llama architecture takes: of each head the two halves by turns."""
    out, rank = tensor.shape
    halves = tensor.reshape(heads, 2, out // heads // 2, rank)
    return halves.swapaxes(1, 2).reshape(out, rank)


def _halved(tensor: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """The rows as they were before `_interleaved`."""
    out, rank = tensor.shape
    pairs = tensor.reshape(heads, out // heads // 2, 2, rank)
    return pairs.swapaxes(1, 2).reshape(out, rank)
