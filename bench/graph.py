"""An ONNX graph with seeded random weights, node by node; what the benchmark's networks share.

It holds the operators that an export of the reference's network by torch holds (products and sums for
linear layers, Erf for gelu), so that onnxruntime fuses what it fuses there. q8 is made as Transformers.js
makes it: dynamic quantization, uint8 weights where there are convolutions, else int8.
"""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import save_file

OPSET = 17


class Graph:
    """Nodes of an ONNX graph, and the weights under the checkpoint's names."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.weights, self.constants, self.nodes, self.count = {}, {}, [], 0

    def op(self, kind, *inputs, name=None, **attributes):
        name = name or f"{kind}_{self.count}"
        self.count += 1
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def choice(self, condition, wanted, yes, no):
        """Outputs, as names and shapes, by either of two subgraphs; `yes()` and `no()` write one and name its outputs."""

        def branch(name, build):
            outside, self.nodes = self.nodes, []
            outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
                       for output, (_, shape) in zip(build(), wanted)]
            inside, self.nodes = self.nodes, outside
            return helper.make_graph(inside, name, [], outputs)

        branches = {"then_branch": branch("yes", yes), "else_branch": branch("no", no)}
        self.nodes.append(helper.make_node("If", [condition], [name for name, _ in wanted], "choice", **branches))

    def constant(self, value, dtype=np.float32):
        name = f"constant_{len(self.constants)}"
        self.constants[name] = np.array(value, dtype)
        return name

    def weight(self, name, *shape):
        """Drawn when it is first asked for."""
        if name not in self.weights:
            self.weights[name] = self.rng.normal(0, 0.03, shape).astype(np.float32)
        return name

    def linear(self, xs, name, inner, outer, bias=True):
        ys = self.product(xs, self.weight(f"{name}.weight", outer, inner))
        return self.op("Add", self.weight(f"{name}.bias", outer), ys) if bias else ys

    def product(self, xs, weight):
        # As an export does: the product's right side is the weight turned over.
        turned = f"{weight}^T"
        self.constants[turned] = np.ascontiguousarray(self.weights[weight].T)
        return self.op("MatMul", xs, turned)

    def norm(self, xs, name, size, eps):
        if f"{name}.weight" not in self.weights:
            self.weights[f"{name}.weight"] = self.rng.uniform(0.8, 1.2, size).astype(np.float32)
        bias = self.weight(f"{name}.bias", size)
        return self.op("LayerNormalization", xs, f"{name}.weight", bias, axis=-1, epsilon=eps)

    def gelu(self, xs):
        halved = self.op("Div", xs, self.constant(np.sqrt(2)))
        grown = self.op("Add", self.op("Erf", halved), self.constant(1))
        return self.op("Mul", self.op("Mul", xs, grown), self.constant(0.5))

    def quick_gelu(self, xs):
        return self.op("Mul", xs, self.op("Sigmoid", self.op("Mul", xs, self.constant(1.702))))

    def heads(self, xs, name, size, heads, order=(0, 2, 1, 3), bias=True):
        """A linear layer's answer, a head at a time."""
        split = self.constant([0, -1, heads, size // heads], np.int64)
        ys = self.op("Reshape", self.linear(xs, name, size, size, bias), split)
        return self.op("Transpose", ys, perm=list(order))

    def attention(self, xs, names, size, heads, mask=None, key_bias=True):
        query, key, value, output = names
        q = self.heads(xs, query, size, heads)
        k = self.heads(xs, key, size, heads, (0, 2, 3, 1), key_bias)
        v = self.heads(xs, value, size, heads)
        return self.attend(q, k, v, output, size, heads, mask)

    def attend(self, q, k, v, output, size, heads, mask):
        """`k` is turned over: `(batch, heads, head size, positions)`."""
        scores = self.op("Div", self.op("MatMul", q, k), self.constant(np.sqrt(size // heads)))
        if mask:
            scores = self.op("Add", scores, mask)
        ys = self.op("MatMul", self.op("Softmax", scores, axis=-1), v)
        ys = self.op("Transpose", ys, perm=[0, 2, 1, 3])
        ys = self.op("Reshape", ys, self.constant([0, -1, size], np.int64))
        return self.linear(ys, output, size, size)

    def before_norm(self, xs, layer, names, sizes, act, eps):
        """A layer that normalises before each half: CLIP's and Whisper's."""
        size, heads, inter, key_bias = sizes
        norm1, attention, norm2, fc1, fc2 = (f"{layer}.{name}" for name in names)
        parts = [f"{attention}.{part}" for part in ("q_proj", "k_proj", "v_proj", "out_proj")]
        ys = self.attention(self.norm(xs, norm1, size, eps), parts, size, heads, key_bias=key_bias)
        xs = self.op("Add", xs, ys)
        ys = act(self.linear(self.norm(xs, norm2, size, eps), fc1, size, inter))
        return self.op("Add", xs, self.linear(ys, fc2, inter, size))


    def hidden(self, mask):
        """What is to be added to scores: nothing where `mask` is 1, and next to minus infinity where it is 0."""
        mask = self.op("Unsqueeze", self.op("Cast", mask, to=TensorProto.FLOAT), self.constant([1, 2], np.int64))
        return self.op("Mul", self.op("Sub", self.constant(1), mask), self.constant(np.finfo(np.float32).min))

    def positions(self, ids, first=None):
        """`first` and so on, as many as there are `ids`."""
        tokens = self.op("Slice", self.op("Shape", ids), *(self.constant([n], np.int64) for n in (1, 2)))
        length, first = self.op("Squeeze", tokens), first or self.constant(0, np.int64)
        return self.op("Range", first, self.op("Add", first, length), self.constant(1, np.int64))

    def save(self, place, name, inputs, outputs):
        """`inputs` are names, types and shapes, `outputs` names and shapes; writes NAME.onnx and NAME_quantized.onnx."""
        nodes, asked = list(self.nodes), set()
        while nodes:
            node = nodes.pop()
            asked.update(node.input)
            nodes.extend(inner for attribute in node.attribute for inner in attribute.g.node)
        held = {**self.weights, **self.constants}
        model = helper.make_model(
            helper.make_graph(
                self.nodes, name, [helper.make_tensor_value_info(*one) for one in inputs],
                [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape) for output, shape in outputs],
                [numpy_helper.from_array(value, key) for key, value in held.items() if key in asked],
            ),
            opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8,
        )
        onnx.checker.check_model(model, full_check=True)
        # Laid out as on the hub, which is how Transformers.js looks for them.
        graphs = place / "onnx"
        graphs.mkdir(parents=True, exist_ok=True)
        onnx.save(model, graphs / f"{name}.onnx")
        has_conv = any(node.op_type == "Conv" for node in self.nodes)
        quantize_dynamic(graphs / f"{name}.onnx", graphs / f"{name}_quantized.onnx",
                         weight_type=QuantType.QUInt8 if has_conv else QuantType.QInt8,
                         extra_options={"EnableSubgraph": True})


def finish(place, weights, config):
    """The same weights as the reference has them, and a word on how large everything is."""
    save_file(weights, place / "model.safetensors")
    (place / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    for file in sorted(place.rglob("*.*")):
        print(f"{file.relative_to(place.parent)}: {file.stat().st_size / 1e6:.1f} MB")
