"""Train a multi-layer perceptron to tell two moons apart, with `Value` as the only engine.

python examples/mlp.py              train, and print the loss
python examples/mlp.py FOLDER       also draw mlp_loss.svg and mlp_boundary.png in a folder (needs matplotlib)
"""

import math
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from mgrad_cli import Value

Point: TypeAlias = tuple[float, float]

STEPS = 100
BLUE, ORANGE = "#0072b2", "#d55e00"


class Neuron:
    """A weighted sum of the inputs plus a bias, passed through tanh in a hidden layer."""

    def __init__(self, inputs: int, is_hidden: bool) -> None:
        self.weights = [Value(random.gauss(0, 1)) for _ in range(inputs)]
        self.bias = Value(0.0)
        self.is_hidden = is_hidden

    def __call__(self, inputs: Sequence[Any]) -> Value:
        total: Value = sum((w * x for w, x in zip(self.weights, inputs, strict=True)), self.bias)
        return total.tanh() if self.is_hidden else total

    def parameters(self) -> Iterator[Value]:
        yield from (*self.weights, self.bias)


class Layer:
    """Several neurons that receive the same inputs."""

    def __init__(self, inputs: int, outputs: int, is_hidden: bool) -> None:
        self.neurons = [Neuron(inputs, is_hidden) for _ in range(outputs)]

    def __call__(self, inputs: Sequence[Any]) -> list[Value]:
        return [neuron(inputs) for neuron in self.neurons]

    def parameters(self) -> Iterator[Value]:
        for neuron in self.neurons:
            yield from neuron.parameters()


class MLP:
    """Layers in a row: `MLP(2, [8, 8, 1])` has two inputs, two hidden layers of eight neurons, and one output."""

    def __init__(self, inputs: int, sizes: Sequence[int]) -> None:
        widths = [inputs, *sizes]
        last = len(sizes) - 1
        self.layers = [Layer(widths[i], widths[i + 1], is_hidden=i < last) for i in range(len(sizes))]

    def __call__(self, point: Sequence[Any]) -> Value:
        values: Sequence[Any] = point
        for layer in self.layers:
            values = layer(values)
        score: Value = values[0]
        return score

    def parameters(self) -> Iterator[Value]:
        for layer in self.layers:
            yield from layer.parameters()


def moons(count: int, noise: float) -> tuple[list[Point], list[int]]:
    """Return points on two interleaved half circles, with Gaussian noise, and for each its moon: 1 or -1."""
    points, sides = [], []
    for i in range(count):
        side = 1 if i % 2 else -1
        angle = math.pi * (i // 2) / (count // 2 - 1)
        x, y = (math.cos(angle), math.sin(angle)) if side > 0 else (1 - math.cos(angle), 0.5 - math.sin(angle))
        points.append((x + random.gauss(0, noise), y + random.gauss(0, noise)))
        sides.append(side)
    return points, sides


def loss_of(model: MLP, points: Sequence[Point], sides: Sequence[int]) -> tuple[Value, float]:
    """Return the mean logistic loss log(1 + exp(-side*score)) plus weight decay, and the accuracy."""
    scores = [model(point) for point in points]
    losses = [(-side * score).softplus() for side, score in zip(sides, scores, strict=True)]
    decay = sum((p * p for p in model.parameters()), Value(0.0)) * 1e-4
    loss = sum(losses, Value(0.0)) / len(losses) + decay
    correct = sum(side * score.data > 0 for side, score in zip(sides, scores, strict=True))
    return loss, correct / len(points)


def train(model: MLP, points: Sequence[Point], sides: Sequence[int]) -> list[float]:
    """Run gradient descent on all points, with a learning rate that falls from 1 to 0.1, and return every loss."""
    losses = []
    for step in range(STEPS + 1):
        loss, accuracy = loss_of(model, points, sides)
        losses.append(loss.data)
        if step % 20 == 0:
            print(f"step {step:3}  loss {loss.data:.4f}  accuracy {accuracy:4.0%}")
        loss.backward()
        rate = 1 - 0.9 * step / STEPS
        for parameter in model.parameters():
            parameter.data -= rate * parameter.grad
    return losses


def picture(width: float, height: float) -> tuple[Any, Any]:
    """Return an empty figure, its size in inches, and its axes."""
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcdefaults()
    matplotlib.rcParams.update({"svg.hashsalt": "mgrad", "svg.fonttype": "none"})
    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def draw_loss(losses: Sequence[float], path: Path) -> None:
    """Draw the loss at each step on a logarithmic scale."""
    figure, axes = picture(7.0, 3.6)
    axes.semilogy(losses, color=BLUE, linewidth=2)
    axes.plot(STEPS, losses[-1], "o", color=BLUE)
    offset = {"xytext": (0, 10), "textcoords": "offset points", "ha": "center"}
    axes.annotate(f"{losses[-1]:.3f}", (STEPS, losses[-1]), color=BLUE, **offset)
    axes.grid(color="0.92", which="both")
    axes.set_xlim(0, STEPS + 4)
    ticks = [tick for tick in (0.01, 0.03, 0.1, 0.3, 1, 3) if min(losses) / 2 < tick < max(losses) * 2]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_title("Training on two moons", loc="left")
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def draw_boundary(model: MLP, points: Sequence[Point], sides: Sequence[int], path: Path) -> None:
    """Draw the probability that the model gives to the upper moon, its 10, 50 and 90 % lines, and the points."""
    from matplotlib.colors import LinearSegmentedColormap

    across = [-1.6 + 4.2 * i / 60 for i in range(61)]
    upward = [-1.2 + 2.9 * i / 42 for i in range(43)]
    chances = [[model((x, y)).sigmoid().data for x in across] for y in upward]
    figure, axes = picture(6.8, 4.3)
    colours = LinearSegmentedColormap.from_list("moons", ["#eda876", "#f6d7c0", "white", "#c3dcec", "#76b2d6"])
    extent = (across[0], across[-1], upward[0], upward[-1])
    field = axes.imshow(chances, cmap=colours, vmin=0, vmax=1, extent=extent, origin="lower", interpolation="bicubic")
    levels, widths, dashes = [0.1, 0.5, 0.9], [0.8, 1.8, 0.8], ["--", "-", "--"]
    lines = axes.contour(across, upward, chances, levels, colors="0.2", linewidths=widths, linestyles=dashes)
    bar = figure.colorbar(field, ax=axes, ticks=[0, *levels, 1], aspect=30, pad=0.02)
    bar.add_lines(lines)
    bar.outline.set_visible(False)
    bar.set_label("probability of the upper moon")
    for side, colour in ((1, BLUE), (-1, ORANGE)):
        xs, ys = zip(*(point for point, each in zip(points, sides, strict=True) if each == side), strict=True)
        axes.scatter(xs, ys, s=42, color=colour, edgecolor="white", linewidth=0.9, zorder=3)
    axes.set_aspect("equal")
    axes.set_title("What the network has learned", loc="left")
    axes.set_xlabel("x")
    axes.set_ylabel("y")
    figure.savefig(path, metadata={"Software": None})


if __name__ == "__main__":
    random.seed(42)
    points, sides = moons(100, noise=0.1)
    model = MLP(2, [8, 8, 1])
    losses = train(model, points, sides)
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1])
        folder.mkdir(parents=True, exist_ok=True)
        draw_loss(losses, folder / "mlp_loss.svg")
        draw_boundary(model, points, sides, folder / "mlp_boundary.png")
