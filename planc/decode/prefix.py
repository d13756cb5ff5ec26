"""The keys and values of a prompt's beginning, kept on disk from one run to the next.

The lessons, the tools and their examples make up most of a prompt and seldom change. A file holds
them for one model file, with the adapter on it, and one beginning; the oldest files go when there
are more than a few.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import tempfile
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import llama_cpp

from planc.models import cache_folder

_WORTH_KEEPING = 256  # tokens
_MAX_FILES = 8
_MAX_KEPT = 4  # by one run: lessons and tools, to judge and to plan
_STALE = 3600.0  # seconds after which nobody writes a file any more


class PrefixCache:
    """The kept beginnings for one model file. A run keeps a few: requests over many tool sets come
    in batches, and would push out what other runs begin with."""

    def __init__(self, model: Path) -> None:
        stat = model.stat()
        self._model = f"{model.resolve()} {stat.st_size} {stat.st_mtime_ns}"
        self._left = _MAX_KEPT

    def restore(
        self,
        llama: llama_cpp.Llama,
        beginnings: Sequence[Sequence[int]],
        known: int,
        adapter: str = "",
    ) -> int:
        """Puts a model, which knows the first `known` of a prompt's tokens, into the state after
        one of the prompt's beginnings, of which each goes on where the one before it ends: from
        disk, or else by evaluating them, which then are kept; gives how many tokens were known or
        came from disk. `adapter` names the one on the model. A cache that cannot be written is
        done without."""
        missing = []
        for tokens in reversed(beginnings):
            if len(tokens) < _WORTH_KEEPING:
                continue
            if known >= len(tokens):
                break
            path = self._path(tokens, adapter)
            if self._load(llama, path, tokens):
                known = len(tokens)
                break
            known = min(known, llama.n_tokens)  # a file that is no good has cost the rest
            missing.append((path, tokens))
        evaluated = known
        for path, tokens in reversed(missing):
            if self._left:
                llama.n_tokens = evaluated  # `eval` drops what is behind
                llama.eval(tokens[evaluated:])
                evaluated = len(tokens)
                self._save(llama, path, tokens)
                self._left -= 1
        return known

    def _path(self, tokens: Sequence[int], adapter: str) -> Path:
        weights = f"{self._model} {adapter} {llama_cpp.__version__} "
        digest = hashlib.sha256(weights.encode())
        digest.update(array("i", tokens).tobytes())
        return cache_folder() / "prefixes" / f"{digest.hexdigest()[:32]}.state"

    def _load(self, llama: llama_cpp.Llama, path: Path, tokens: Sequence[int]) -> bool:
        if not path.is_file():
            return False
        found = (llama_cpp.llama_token * len(tokens))()
        count = ctypes.c_size_t(0)
        llama.reset()
        read = llama_cpp.llama_state_seq_load_file(
            llama.ctx, os.fsencode(path), 0, found, len(tokens), ctypes.byref(count)
        )
        if not read or list(found[: count.value]) != list(tokens):
            llama.reset()
            llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(llama.ctx), True)
            with suppress(OSError):  # of another user, or on a disk that is only read
                path.unlink()
            return False
        llama.input_ids[: len(tokens)] = tokens
        llama.n_tokens = len(tokens)
        with suppress(OSError):
            os.utime(path)
        return True

    def _save(self, llama: llama_cpp.Llama, path: Path, tokens: Sequence[int]) -> None:
        kept = (llama_cpp.llama_token * len(tokens))(*tokens)
        temporary: str | None = None
        begin = time.time()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(".part", dir=path.parent)
            os.close(descriptor)
            size = llama_cpp.llama_state_seq_save_file(
                llama.ctx, os.fsencode(temporary), 0, kept, len(tokens)
            )
            if size:
                os.replace(temporary, path)
                temporary = None
            files = sorted(path.parent.glob("*.state"), key=_changed)
            left = [file for file in path.parent.glob("*.part") if _changed(file) < begin - _STALE]
            for old in (*files[:-_MAX_FILES], *left):
                old.unlink(missing_ok=True)
        except OSError:
            return
        finally:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)


def _changed(file: Path) -> float:
    return file.stat().st_mtime
