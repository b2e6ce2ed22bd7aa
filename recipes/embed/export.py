"""Writes the trained sentence model as a checkpoint folder, with the files by which sentence-transformers knows how to pool.

    python -m recipes.embed.export --trained target/wick-embed --model www/models/wick-embed
"""

from tokenizers import Tokenizer
from transformers import BertTokenizerFast

from recipes.embed import network
from recipes.shared import export

MODULES = ["", "1_Pooling", "2_Normalize"]
KINDS = ["Transformer", "Pooling", "Normalize"]


def pooling() -> dict[str, object]:
    modules = [{"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{kind}"} for at, (path, kind) in enumerate(zip(MODULES, KINDS))]
    modes = {f"pooling_mode_{mode}": mode == "mean_tokens" for mode in ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens")}
    return {
        "modules.json": modules, "1_Pooling/config.json": {"word_embedding_dimension": network.SHAPE["hidden_size"], **modes},
        "sentence_bert_config.json": {"max_seq_length": network.WINDOW, "do_lower_case": False}}


def main() -> None:
    args = export.arguments(__doc__)
    pieces = Tokenizer.from_file(str(args.trained / "tokenizer.json"))
    tokenizer = BertTokenizerFast(tokenizer_object=pieces, do_lower_case=True, model_max_length=network.WINDOW)
    export.write(export.load_average(network.model(), args.trained), tokenizer, args.model, more=pooling())


if __name__ == "__main__":
    main()
