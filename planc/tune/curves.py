"""How a training went, as a picture: SVG that any browser shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 320, 56, 56, 34, 40
_SMOOTH = 0.9  # how much of the mean so far stays at each step
_BLUE, _RED, _GREY = "#2563eb", "#b91c1c", "#6b7280"


@dataclass(frozen=True)
class Test:
    """What a model with the adapter of a step makes of requests that it is not trained on: the
    mean loss over the plans' tokens, and the share of the plans of which every token was the
    likeliest of those that take part."""

    step: int
    loss: float
    right: float


def picture(losses: Sequence[float], tests: Sequence[Test], title: str) -> str:
    """The losses of the steps, as a running mean, and those of the tests, on a logarithmic scale;
    and the share of the tests' plans that are right, on a scale of its own."""
    steps = max(len(losses), 1)
    smooth = _smoothed(losses)
    told = [loss for loss in (*smooth, *(test.loss for test in tests)) if loss > 0]
    low = math.floor(math.log10(min(told, default=0.1)))
    high = max(math.ceil(math.log10(max(told, default=1.0))), low + 1)

    def x(step: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * step / steps

    def y(share: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    def of_loss(loss: float) -> float:
        return y((math.log10(max(loss, 10**low)) - low) / (high - low))

    parts = [_text(_WIDTH / 2, 18, title, "middle", "#111827")]
    for power in range(low, high + 1):
        at = of_loss(10**power)
        parts.append(_line([(_LEFT, at), (_WIDTH - _RIGHT, at)], "#e5e7eb"))
        parts.append(_text(_LEFT - 6, at + 4, f"{10**power:g}", "end"))
    for percent in range(0, 101, 25):
        parts.append(
            _text(_WIDTH - _RIGHT + 6, y(percent / 100) + 4, f"{percent} %", "start", _RED)
        )
    for quarter in range(5):
        step = steps * quarter // 4
        parts.append(_text(x(step), _HEIGHT - _BOTTOM + 18, f"{step}", "middle"))
    parts.append(_line([(x(i + 1), of_loss(loss)) for i, loss in enumerate(smooth)], "#93c5fd"))
    parts.append(_line([(x(test.step), of_loss(test.loss)) for test in tests], _BLUE))
    parts.append(_line([(x(test.step), y(test.right)) for test in tests], _RED))
    legend = (
        ("#93c5fd", "loss in training"),
        (_BLUE, "loss in tests"),
        (_RED, "plans right in tests"),
    )
    for place, (colour, name) in enumerate(legend):
        parts.append(_text(_LEFT + 210 * place, _HEIGHT - 6, f"— {name}", "start", colour))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" '
        f'fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _smoothed(losses: Sequence[float]) -> list[float]:
    mean, found = 0.0, []
    for number, loss in enumerate(losses, 1):
        mean = _SMOOTH * mean + (1 - _SMOOTH) * loss
        found.append(mean / (1 - _SMOOTH**number))  # without the zero that it began with
    return found


def _line(points: Sequence[tuple[float, float]], colour: str) -> str:
    said = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{said}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _text(x: float, y: float, said: str, anchor: str, colour: str = _GREY) -> str:
    plain = said.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{plain}</text>'
