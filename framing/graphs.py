"""The network as ONNX graphs, written node by node from its weights.

Two graphs, since two things have different neighbours. The encoder with the heads for labels and evidence
sees one sentence at a time: it takes sentences of one length together, so that nothing is padded and no mask
is needed. The attribution head reads the token states of a whole window.

No sum may be taken in another order for one sentence than for several, as the runtime's own mean is. So a
mean over tokens is a product with each sentence by itself, and the evidence is added up by the engine.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto

Weights = Mapping[str, NDArray[np.float32]]
OPSET, MICROSOFT = 20, "com.microsoft"
IR_VERSION = 10
GATES = (0, 3, 1, 2)  # torch orders them input, forget, cell, output; ONNX input, output, forget, cell


class Graph:
    """Nodes and weights on the way to a graph; each method returns the name of what it adds."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def add(self, kind: str, *inputs: str, domain: str = "", outputs: int = 1, **settings: Any) -> list[str]:
        """Add a node; return the names of its outputs."""
        from onnx import helper

        names = [f"{kind}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **settings))
        return names

    def one(self, kind: str, *inputs: str, domain: str = "", **settings: Any) -> str:
        """Add a node of one output; return its name."""
        return self.add(kind, *inputs, domain=domain, **settings)[0]

    def weight(self, array: NDArray[Any]) -> str:
        """Add a constant."""
        from onnx import numpy_helper

        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def product(self, x: str, weight: NDArray[np.float32], name: str) -> str:
        """Add the product of an encoder's layer, its weight as torch keeps it: (out, in).

        Args:
            x: What it reads.
            weight: Its weight.
            name: Of the layer's part; other precisions need it.
        """
        return self.one("MatMul", x, self.weight(weight.T))

    def linear(self, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """Add what torch's Linear does, in fp32 always."""
        return self.one("Add", self.one("MatMul", x, self.weight(weight.T)), self.weight(bias))

    def normal(self, x: str, weights: Weights, name: str, epsilon: float) -> str:
        """Add a layer norm over the last axis."""
        scale, shift = self.weight(weights[f"{name}.weight"]), self.weight(weights[f"{name}.bias"])
        return self.one("LayerNormalization", x, scale, shift, axis=-1, epsilon=epsilon)

    def finish(
        self, name: str, inputs: Mapping[str, Any], outputs: Mapping[str, tuple[str, Any]]
    ) -> "ModelProto":
        """Make the model.

        Args:
            name: Of the graph.
            inputs: Name → (type, shape).
            outputs: Name → what gives it, and its shape.
        """
        from onnx import TensorProto, helper

        for output, (source, _) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [source], [output]))
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info(n, kind, shape) for n, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, (_, shape) in outputs.items()],
            self.weights,
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def build_encoder(
    weights: Weights, encoder: Mapping[str, Any], graph: Graph, layers: Sequence[int] = ()
) -> "ModelProto":
    """Build the graph from sentences of one length to token states and logits.

    Args:
        weights: The network's state: name → array.
        encoder: Its encoder's settings.
        graph: An empty one, whose kind decides the precision.
        layers: Whose states the label head reads; the last alone if not given.

    Returns:
        `ids` (sentences, tokens) → `states` (sentences, tokens, width), `evidence` (sentences, tokens, codes)
        and `labels`, what the label head says of each sentence: (sentences, 1, codes). The engine adds the
        evidence.
    """
    from onnx import TensorProto

    epsilon = float(encoder.get("layer_norm_eps", 1e-12))
    x = graph.normal(_embedded(graph, weights), weights, "encoder.embeddings.LayerNorm", epsilon)
    states = [x]
    for layer in range(int(encoder["num_hidden_layers"])):
        x = _layer(
            graph, x, weights, f"encoder.encoder.layer.{layer}", int(encoder["num_attention_heads"]), epsilon
        )
        states.append(x)
    evidence = graph.linear(x, weights["evidence_head.weight"], weights["evidence_head.bias"])
    read = graph.one("Concat", *(states[n] for n in layers), axis=-1) if layers else x
    labels = _label_head(graph, _token_mean(graph, read), weights)
    (codes, width), shape = weights["evidence_head.weight"].shape, ["sentences", "tokens"]
    return graph.finish(
        "encoder",
        {"ids": (TensorProto.INT64, shape)},
        {
            "states": (x, [*shape, width]),
            "labels": (labels, [shape[0], 1, codes]),
            "evidence": (evidence, [*shape, codes]),
        },
    )


def _token_mean(graph: Graph, read: str) -> str:
    """Add the mean over tokens but for [CLS]: (sentences, tokens, width) → (sentences, 1, width)."""
    at, axis = graph.weight(np.array([1])), graph.weight(np.array([1]))
    words = graph.one("Slice", read, at, graph.weight(np.array([np.iinfo(np.int64).max])), axis)
    count = graph.one("Shape", words, start=1, end=2)
    share = graph.one("Reciprocal", graph.one("Cast", count, to=1))
    row = graph.one("Expand", share, graph.one("Concat", graph.weight(np.array([1])), count, axis=0))
    return graph.one("MatMul", row, words)


def _label_head(graph: Graph, means: str, weights: Weights) -> str:
    """Add the label head, with its hidden layer if it has one."""

    def layer(name: str, x: str) -> str:
        return graph.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    if "label_head.inner.weight" not in weights:
        return layer("label_head", means)
    return layer("label_head.outer", graph.one("Relu", layer("label_head.inner", means)))


def _embedded(graph: Graph, weights: Weights) -> str:
    name = "encoder.embeddings"
    # Every token is of type 0 and stands at its place in the sentence: one table for both.
    places = (
        weights[f"{name}.position_embeddings.weight"] + weights[f"{name}.token_type_embeddings.weight"][0]
    )
    first, axis = graph.weight(np.array([0])), graph.weight(np.array([0]))
    tokens = graph.one("Shape", "ids", start=1, end=2)
    here = graph.one("Slice", graph.weight(places), first, tokens, axis)
    words = graph.one("Gather", graph.weight(weights[f"{name}.word_embeddings.weight"]), "ids")
    return graph.one("Add", words, here)


def _layer(graph: Graph, x: str, weights: Weights, name: str, heads: int, epsilon: float) -> str:
    def joined(part: str) -> NDArray[np.float32]:
        return np.concatenate(
            [weights[f"{name}.attention.self.{n}.{part}"] for n in ("query", "key", "value")]
        )

    def added(part: str, inner: str, outer: str) -> str:
        product = graph.product(inner, weights[f"{part}.dense.weight"], part)
        linear = graph.one("Add", product, graph.weight(weights[f"{part}.dense.bias"]))
        return graph.normal(graph.one("Add", linear, outer), weights, f"{part}.LayerNorm", epsilon)

    read = graph.product(x, joined("weight"), f"{name}.attention.self")
    parts = graph.add("Split", read, outputs=3, axis=-1, num_outputs=3)
    bias = graph.weight(joined("bias"))
    read = graph.one("MultiHeadAttention", *parts, bias, domain=MICROSOFT, num_heads=heads)
    x = added(f"{name}.attention.output", read, x)
    inner = graph.product(x, weights[f"{name}.intermediate.dense.weight"], f"{name}.intermediate")
    bias = graph.weight(weights[f"{name}.intermediate.dense.bias"])
    return added(f"{name}.output", graph.one("BiasGelu", inner, bias, domain=MICROSOFT), x)


def build_tagger(weights: Weights) -> "ModelProto":
    """Build the attribution head's graph: `states` (tokens, width) of a window → `tags` (tokens, 4)."""
    from onnx import TensorProto

    graph, name = Graph(), "attribution_head"
    x = graph.one("Unsqueeze", "states", graph.weight(np.array([1])))  # (tokens, 1 window, width)
    layers = sum(key.startswith(f"{name}.memory.weight_ih_l") for key in weights) // 2
    for layer in range(layers):
        x = _memory(graph, x, weights, f"{name}.memory", layer)
    remembered = graph.one("Squeeze", x, graph.weight(np.array([1])))
    both = graph.one("Concat", "states", remembered, axis=-1)
    tags = graph.linear(both, weights[f"{name}.tags.weight"], weights[f"{name}.tags.bias"])
    kinds, read = weights[f"{name}.tags.weight"].shape
    width = read - 2 * weights[f"{name}.memory.weight_hh_l0"].shape[1]
    return graph.finish(
        "tagger",
        {"states": (TensorProto.FLOAT, ["tokens", width])},
        {"tags": (tags, ["tokens", kinds])},
    )


def _memory(graph: Graph, x: str, weights: Weights, name: str, layer: int) -> str:
    """Add a layer of an LSTM that reads both ways: (tokens, 1, in) → (tokens, 1, 2 × memory)."""
    size = weights[f"{name}.weight_hh_l{layer}"].shape[1]

    def gates(part: str, way: str) -> NDArray[np.float32]:
        found = weights[f"{name}.{part}_l{layer}{way}"]
        return np.concatenate([found.reshape(4, size, *found.shape[1:])[gate] for gate in GATES])

    ways: Sequence[str] = ("", "_reverse")
    read, kept = (np.stack([gates(part, way) for way in ways]) for part in ("weight_ih", "weight_hh"))
    bias = np.stack([np.concatenate([gates("bias_ih", way), gates("bias_hh", way)]) for way in ways])
    names = [graph.weight(array) for array in (read, kept, bias)]
    y = graph.one("LSTM", x, *names, hidden_size=size, direction="bidirectional")  # (tokens, 2, 1, memory)
    y = graph.one("Transpose", y, perm=[0, 2, 1, 3])
    return graph.one("Reshape", y, graph.weight(np.array([0, 1, -1])))
