"""The tools that a request may need, of a set that is too large to be shown (TinyAgent's ToolRAG,
arXiv 2409.00608).

Tools are ranked by Okapi BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009)
over the stems of the words in their names, descriptions and parameters. What the best ones cannot
be called without comes with them: a tool whose argument is of a copied type, an e-mail address,
brings the best of those that find such addresses, and one that needs an identifier the best one of
those that find it; and these what they need.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import bm25s
import numpy as np
import snowballstemmer
from bm25s.stopwords import STOPWORDS_EN

from planc.decode.identifiers import identifiers_of, words
from planc.parse import parse
from planc.source import Source
from planc.syntax import Call, walk
from planc.tools import Tool, ToolSet
from planc.types import Nominal, nominals

MANY = 32
"""A model is shown all tools of a set with no more than these."""

_SOURCES = 4  # tools that are brought for a value of a copied type

_STEMMER = snowballstemmer.stemmer("english")


class Ranking:
    """Tools, to be ranked by how well they go with requests."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self.tools = list(tools)
        self._index = bm25s.BM25()
        told = [_stems(_about(tool)) or [""] for tool in self.tools]
        self._index.index(told, show_progress=False)

    def scores(self, request: str) -> np.ndarray:
        """How well each tool goes with a request, in the tools' order; 0 for one that shares no
        word with it."""
        known = [stem for stem in _stems(request) if stem in self._index.vocab_dict]
        if not known:
            return np.zeros(len(self.tools), np.float32)
        return np.asarray(self._index.get_scores(known))

    def best(self, request: str, count: int) -> list[Tool]:
        """The `count` tools that go best with a request, the best one first."""
        order = np.argsort(-self.scores(request), kind="stable")
        return [self.tools[i] for i in order[:count]]


def relevant(tools: ToolSet, ranking: Ranking, request: str, count: int) -> ToolSet:
    """The `count` tools that go best with a request and what they need, in the set's order, with
    the examples that use no others."""
    ranked = [tool.name for tool in ranking.best(request, len(tools))]
    kept = set(ranked[:count])
    identifiers = identifiers_of(tuple(tools.values()))
    left = ranked[:count]
    while left:
        tool = tools[left.pop()]
        copied = ((_returning(tools, of), _SOURCES) for of in _copied(tool))
        found = ((sources, 1) for sources in identifiers.needed(tool))
        for sources, most in (*copied, *found):
            if not sources & kept:
                new = [name for name in ranked if name in sources][:most]
                kept |= set(new)
                left += new
    return ToolSet(
        [tool for tool in tools.values() if tool.name in kept],
        [example for example in tools.examples if _used(example.plan) <= kept],
    )


def _about(tool: Tool) -> str:
    told = [f"{p.name} {p.description} {p.type}" for p in tool.parameters]
    return " ".join([tool.name, tool.description, *told])


def _stems(text: str) -> Sequence[str]:
    return [_stem(word) for word in words(text) if word not in STOPWORDS_EN]


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    stem: str = _STEMMER.stemWord(word)
    return stem


def _returning(tools: ToolSet, of: Nominal) -> set[str]:
    """The tools that find values of a type."""
    return {tool.name for tool in tools.values() if of in nominals(tool.result)}


def _copied(tool: Tool) -> set[Nominal]:
    """The types of a tool's required arguments that no plan can make up."""
    required = (parameter.type for parameter in tool.parameters if parameter.required)
    return {nominal for of in required for nominal in nominals(of) if nominal.copied}


@lru_cache(maxsize=1024)
def _used(plan: str) -> frozenset[str]:
    """The tools that a plan calls."""
    statements = parse(Source(plan)).statements
    return frozenset(
        node.tool for one in statements for node in walk(one) if isinstance(node, Call)
    )
