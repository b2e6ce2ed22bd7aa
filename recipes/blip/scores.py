"""How good captions, answers and matches are."""

from collections import Counter

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers.models.blip.modeling_blip_text import BlipTextLMHeadModel

from recipes.blip import network, world
from recipes.blip.network import Learner
from recipes.shapes.words import NUMBERS, many
from recipes.shapes.world import Thing
from recipes.shapes.figures import COLOURS

_ONE = {many(kind): kind for kind in world.ALL_KINDS} | {kind: kind for kind in world.ALL_KINDS}


def things_of(text: str) -> Counter | None:
    """What a caption names and how often; nothing if it is not a caption."""
    found, count, colour = Counter(), None, None
    for word in text.replace(",", " ").split():
        if word in ("a", "an") or word in NUMBERS:
            count, colour = max(1, NUMBERS.index(word)) if word in NUMBERS else 1, None
        elif word in COLOURS:
            colour = word
        elif word in _ONE:
            if count is None or colour is None:
                return None
            found[f"{colour} {_ONE[word]}"] += count
            count = None
    return found


def names_all(text: str, things: list[Thing]) -> bool:
    return things_of(text) == Counter(thing.name for thing in things)


def _greedy(decoder: BlipTextLMHeadModel, states: Tensor, most: int = 24) -> list[int]:
    ids = [network.BEGIN]
    while len(ids) < most:
        following = int(decoder(input_ids=torch.tensor([ids]), encoder_hidden_states=states, use_cache=False).logits[0, -1].argmax())
        if following == network.SEP:
            break
        ids.append(following)
    return ids[1:]


@torch.no_grad()
def quick(model: Learner, pieces: Tokenizer, items: list[dict]) -> dict:
    """Shares of captions that name all things, of right answers, of pairs whose true text matches better, and is nearer."""
    told = answered = asked = matched = nearer = 0
    for item in items:
        made = world.scene(item["seed"])
        states = model.vision(pixel_values=network.pixels([made.pixels])).last_hidden_state
        told += names_all(pieces.decode(_greedy(model.teller, states)), made.things)
        for question, answer in item["questions"][:2]:
            read = model.read(torch.tensor([pieces.encode(question).ids]), states)
            answered += pieces.decode(_greedy(model.answerer, read, 6)) == answer
            asked += 1
        ids = network.padded([pieces.encode(text).ids for text in item["texts"]])
        logits = model.itm_head(model.read(ids, states.expand(2, -1, -1))[:, 0])
        matched += bool(logits[0, 1] - logits[0, 0] > logits[1, 1] - logits[1, 0])
        seen = model.vision_proj(states[:, 0])
        near = torch.nn.functional.cosine_similarity(model.text_proj(model.read(ids, None)[:, 0]), seen)
        nearer += bool(near[0] > near[1])
    return {"captions": told / len(items), "answers": answered / asked, "matches": matched / len(items), "nearer": nearer / len(items)}
