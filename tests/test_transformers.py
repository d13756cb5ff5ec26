"""The constraint on another engine: a random model of the transformers library, made here."""

from __future__ import annotations

from typing import Any

import pytest

from planc import toolset
from planc.compile import compile_plan
from planc.decode.constraint import PlanConstraint
from planc.decode.matcher import SLICES
from planc.source import Source

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
LIMIT = 120
REQUEST = "mail a@b.example that the plumber comes at noon"


@pytest.fixture(scope="module")
def engine() -> Any:
    """Outlines' model around a GPT-2 of two layers with random weights, and its tokenizer."""
    import outlines
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    corpus = [tool.signature() for tool in toolset.load(["stdlib_tools"]).values()]
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=600,
            special_tokens=["<|end|>", "<|pad|>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token="<|end|>", pad_token="<|pad|>"
    )
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=640,  # more than the tokenizer has, as padded embeddings have
        n_positions=512,
        n_embd=32,
        n_layer=2,
        n_head=2,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = transformers.GPT2LMHeadModel(config).eval()
    return outlines.from_transformers(model, tokenizer)


@pytest.mark.parametrize("sampling", [False, True])
def test_every_plan_of_a_random_model_is_well_typed(engine: Any, sampling: bool) -> None:
    import llguidance.hf

    tools = toolset.load(["stdlib_tools"])
    tokenizer = llguidance.hf.from_tokenizer(engine.hf_tokenizer, slices=SLICES)
    constraint = PlanConstraint(tokenizer, tools, REQUEST, engine.tensor_library_name, LIMIT)
    for seed in range(4):
        torch.manual_seed(seed)
        constraint.reset()
        plans = engine.generate_batch(
            ["Plan:", "A plan of two lines:"],
            constraint,
            max_new_tokens=LIMIT,
            do_sample=sampling,
            num_beams=1,
        )
        assert constraint.error is None
        assert len(constraint.matchers) == 2
        for text, matcher in zip(plans, constraint.matchers, strict=True):
            assert matcher.complete
            assert text.rstrip("\n") == matcher.text.rstrip("\n")
            compile_plan(Source(text), tools)
