"""Writes the trained segmenter as a checkpoint folder, in the names of the family.

    python -m recipes.fastsam.export --trained target/wick-fastsam --model www/models/wick-fastsam
"""

import json

from safetensors.torch import save_file

from recipes.fastsam.network import SHAPE, Network
from recipes.shared import export


def main() -> None:
    args = export.arguments(__doc__)
    network = export.load_average(Network(), args.trained).half()
    args.model.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items() if not name.endswith("num_batches_tracked")}
    save_file(weights, args.model / "model.safetensors", metadata={"format": "pt"})
    (args.model / "config.json").write_text(json.dumps(SHAPE.config(), indent=2) + "\n")
    export.listed(args.model)


if __name__ == "__main__":
    main()
