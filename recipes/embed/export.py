"""Writes the trained sentence model as a checkpoint folder, with the files by which sentence-transformers knows how to pool.

    python -m recipes.embed.export --trained target/wick-embed --model www/models/wick-embed
"""

import json
from pathlib import Path

from tokenizers import Tokenizer
from transformers import BertTokenizerFast

from recipes.embed import network
from recipes.shared import export

MODULES = ["", "1_Pooling", "2_Normalize"]
KINDS = ["Transformer", "Pooling", "Normalize"]


def write_pooling(folder: Path) -> None:
    modules = [{"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{kind}"} for at, (path, kind) in enumerate(zip(MODULES, KINDS))]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2) + "\n")
    pooling = {"word_embedding_dimension": network.SHAPE["hidden_size"], "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False,
               "pooling_mode_mean_sqrt_len_tokens": False}
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling, indent=2) + "\n")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": network.WINDOW, "do_lower_case": False}, indent=2) + "\n")


def main() -> None:
    args = export.arguments(__doc__)
    pieces = Tokenizer.from_file(str(args.trained / "tokenizer.json"))
    tokenizer = BertTokenizerFast(tokenizer_object=pieces, do_lower_case=True, model_max_length=network.WINDOW)
    export.write(export.load_average(network.model(), args.trained), tokenizer, args.model)
    write_pooling(args.model)


if __name__ == "__main__":
    main()
