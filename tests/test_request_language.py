"""A request that the adapters have not been taught the language of is told apart, and no other."""

from __future__ import annotations

from random import Random

import pytest

from planc.decode.language import is_foreign
from planc.eval.assistant import Assistant
from planc.tune.data import made_up
from planc.tune.standard.requests import request


@pytest.mark.parametrize(
    "text",
    [
        "Rappelle-moi demain à 9 h d'appeler le dentiste",
        "Erinnere mich morgen um 9 an den Zahnarzt",
        "Recuérdame mañana a las 9 llamar al dentista",
        "Ricordami domani alle 9 di chiamare il dentista",
        "Lembra-me amanhã às 9 de ligar para o dentista",
        "Herinner me morgen om 9 uur aan de tandarts",
        "明天九点提醒我看牙医",
        "Напомни мне завтра о враче",
    ],
)
def test_another_language_is_noticed(text: str) -> None:
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "Flights from Los Angeles to Las Vegas, de luxe",
        "Lunch with Nia",
        "Mail the lease to Sid",
        "Convert 20 euros",
        "9:30",
        "",
        "Play La Vie en rose",
    ],
)
def test_english_is_not(text: str) -> None:
    assert not is_foreign(text)


def test_no_request_that_is_taught_or_measured_is_taken_for_another_language() -> None:
    texts = [request(Random(seed), "train").text for seed in range(200)]
    texts += [sample.text for sample in made_up(None, 200, 0, "train")]
    texts += [case.query for case in Assistant().cases()]
    assert not [text for text in texts if is_foreign(text)]
