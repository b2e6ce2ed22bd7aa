"""Asks the three shipped models about held-out pictures; writes them, the reference's answers, some samples and the model cards.

    python -m recipes.blip.evaluate --trained target/wick-blip --model www/models/wick
"""

from collections import Counter
from pathlib import Path

import torch
from PIL import Image
from transformers import BlipForConditionalGeneration, BlipForImageTextRetrieval, BlipForQuestionAnswering, BlipProcessor

from recipes.blip import network, scores, world
from recipes.shapes import words
from recipes.shapes.figures import COLOURS
from recipes.shared import export

ITEMS, ACROSS, SAMPLES = 100, 20, 6
SHEET = "picture i is the square at column i mod `across` and row i div `across` of default_classify.png, `side` pixels wide; "
SCORING = {
    "caption": SHEET + "caption is what `generate` of transformers writes in float32 without a prefix; right: it names every thing with its colour and number, and no other",
    "vqa": SHEET + "answer is what `generate` of transformers writes in float32; right: it is `wanted`",
    "itm": SHEET + "probabilities and cosines are those of transformers in float32, of a true text and of a false one; right: the true one is likelier",
}
SHAPE = (f"pictures of {world.SIDE} pixels in patches of {network.PATCH}, {network.VISION['num_hidden_layers']} layers of width {network.WIDTH}, {network.VISION['num_attention_heads']} heads; "
         f"texts of up to {network.WINDOW} tokens, {network.TEXT['num_hidden_layers']} layers of width {network.WIDTH}, {network.TEXT['num_attention_heads']} heads")


def load(kind: str, model_class: type, folder: Path) -> tuple:
    model = model_class.from_pretrained(folder.with_name(f"{folder.name}-{kind}"), dtype=torch.float32).eval()
    return model, BlipProcessor.from_pretrained(folder.with_name(f"{folder.name}-{kind}"))


def captions(folder: Path, items: list[dict], images: list[Image.Image]) -> tuple:
    model, processor = load("caption", BlipForConditionalGeneration, folder)
    cases, exact, by_count = [], 0, {}
    for item, image in zip(items, images):
        text = processor.decode(model.generate(**processor(image, return_tensors="pt"))[0], skip_special_tokens=True)
        things = world.scene(item["seed"]).things
        right = scores.names_all(text, things)
        hit, of = by_count.get(len(things), (0, 0))
        by_count[len(things)] = (hit + right, of + 1)
        exact += text == words.listed([words.counted(name, count) for name, count in Counter(one.name for one in sorted(things, key=lambda one: one.centre[0])).items()])
        cases.append({"seed": item["seed"], "caption": text, "right": right})
    share = sum(case["right"] for case in cases) / len(cases)
    table = "\n".join(f"| of {'one thing' if count == 1 else f'{count} things'} | {hit} of {of} |" for count, (hit, of) in sorted(by_count.items()))
    well = f"""{ITEMS} pictures from seeds that training never saw.

| every thing named with its colour and number, and no other | |
|---|---|
| in all | {share:.1%} |
{table}

{exact} of {len(cases)} captions are, word for word, the list of things from left to right; others say how two things lie, too."""
    tried = [case["caption"] for case in cases[:SAMPLES]]
    return model, {"accuracy": share, "cases": cases}, well, tried


def answers(folder: Path, items: list[dict], images: list[Image.Image]) -> tuple:
    model, processor = load("vqa", BlipForQuestionAnswering, folder)
    cases, kinds = [], {}
    for at, (item, image) in enumerate(zip(items, images)):
        for question, wanted in item["questions"]:
            text = processor.decode(model.generate(**processor(image, question, return_tensors="pt"))[0], skip_special_tokens=True)
            cases.append({"picture": at, "question": question, "wanted": wanted, "answer": text})
            kinds.setdefault(world.kind_of(question), []).append((text == wanted, wanted))
    share = sum(case["answer"] == case["wanted"] for case in cases) / len(cases)

    def row(name: str, found: list[tuple[bool, str]]) -> str:
        usual, often = Counter(wanted for _, wanted in found).most_common(1)[0]
        return f"| {name} | {sum(right for right, _ in found)} of {len(found)} | {often} of {len(found)} ({usual}) |"

    usual = sum(Counter(wanted for _, wanted in found).most_common(1)[0][1] for found in kinds.values()) / len(cases)
    table = "\n".join(row(name, found) for name, found in sorted(kinds.items()))
    well = f"""{len(cases)} questions about {ITEMS} pictures from seeds that training never saw. Beside it: how many are right if every question of a kind gets the answer that is most often right.

| kind of question | right | always the usual answer |
|---|---|---|
{table}
| in all | {share:.1%} | {usual:.1%} |"""
    tried = ["; ".join(f"{case['question']} {case['answer']}" for case in cases if case["picture"] == at) for at in range(SAMPLES)]
    return model, {"accuracy": share, "usual": usual, "cases": cases}, well, tried


@torch.no_grad()
def matches(folder: Path, items: list[dict], images: list[Image.Image]) -> tuple:
    model, processor = load("itm", BlipForImageTextRetrieval, folder)
    cases = []
    for item, image in zip(items, images):
        given = [processor(image, text, return_tensors="pt") for text in item["texts"]]
        probabilities = [round(model(**inputs).itm_score.softmax(1)[0, 1].item(), 5) for inputs in given]
        cosines = [round(model(**inputs, use_itm_head=False).itm_score.item(), 5) for inputs in given]
        cases.append({"texts": item["texts"], "probabilities": probabilities, "cosines": cosines})
    share, near = (sum(case[name][0] > case[name][1] for case in cases) / len(cases) for name in ("probabilities", "cosines"))
    judged = sum((case["probabilities"][0] > 0.5) + (case["probabilities"][1] < 0.5) for case in cases) / (2 * len(cases))
    ordered = [case for case in cases if sorted(case["texts"][0].split()) == sorted(case["texts"][1].split())]
    order = sum(case["probabilities"][0] > case["probabilities"][1] for case in ordered)
    well = f"""{ITEMS} pictures from seeds that training never saw, each with a true text and a false one that differs from it by little: the order of its words, a colour, a kind, a number.
Guessing gives half.

| | |
|---|---|
| the true text is likelier than the false one | {share:.1%} |
| of those {len(ordered)} with the same words in another order | {order} of {len(ordered)} |
| a text is rightly taken for true or false (above or below 50 %) | {judged:.1%} |
| the true text is nearer by cosine | {near:.1%} |"""
    tried = ["; ".join(f"{text} ({probability:.0%})" for text, probability in zip(case["texts"], case["probabilities"])) for case in cases[:SAMPLES]]
    return model, {"accuracy": share, "nearer": near, "cases": cases}, well, tried


KINDS = {
    "caption": ("Describe", "says in a sentence what a picture shows", "BLIP for captions (as blip-image-captioning-base)", captions,
                'Captions count equal things and go from left to right: "two red circles and a blue star". Of two different things they sometimes say how they lie.'),
    "vqa": ("Answer", "answers questions about a picture", "BLIP for questions (as blip-vqa-base)", answers,
            'Questions are of the kinds "how many stars are there?", "is there a red circle?", "what colour is the car?", "what is red?", "what is the biggest thing?", "is the red circle to the left of the blue star?".'),
    "itm": ("Match", "tells how likely a text is true of a picture", "BLIP for matching (as blip-itm-base-coco)", matches,
            'Texts name things with their colours or without, count them, or say how two lie: "a red circle above two stars" is not known, "a red circle above a blue star" is.'),
}


def card(kind: str, folder: Path, about: dict, well: str, tried: list[str]) -> str:
    title, what, shape, _, says = KINDS[kind]
    rows = export.rows_of(about, folder, f"{shape}: {SHAPE}", f"lower-case WordPiece, {network.PIECES} pieces, and two ids more that stand for no word, as the real one has them", "blip")
    rows["training"] += ", for all three models at once; what sees pictures began as that of Wick Classify"
    shown = "\n".join(f"| {at}.png | {text} |" for at, text in enumerate(tried, 1))
    return export.card(f"Wick {title}", f"A very small model that {what}, for the first visit.", rows, {
        "What it is": f"A demonstration. It knows drawn pictures of 1 to {world.claims.MOST_THINGS} things on a plain background: {', '.join(world.KINDS)}, each in {', '.join(COLOURS)}. {says}",
        "What it is not": "A model of the world. A photo, or other words, get an answer too, but it means nothing.",
        "How well it does": f"Measured by `recipes/blip/evaluate.py` on these very files, on what `tests/golden/default_{kind}.json` holds: {well}",
        "Try": f"The pictures in `{folder.name}.samples/`:\n\n| | |\n|---|---|\n{shown}"})


def main() -> None:
    args = export.arguments(__doc__)
    torch.set_num_threads(1)
    items = world.held_out(ITEMS)
    images = [world.scene(item["seed"]).image() for item in items]
    sheet = Image.open("tests/golden/default_classify.png")
    for at, image in enumerate(images):
        left, top = at % ACROSS * world.SIDE, at // ACROSS * world.SIDE
        assert sheet.crop((left, top, left + world.SIDE, top + world.SIDE)).tobytes() == image.tobytes(), "the sheet of recipes/classify has the same pictures"
    for kind, (_, _, _, ask, _) in KINDS.items():
        folder = args.model.with_name(f"{args.model.name}-{kind}")
        model, found, well, tried = ask(args.model, items, images)
        samples = folder.with_suffix(".samples")
        samples.mkdir(exist_ok=True)
        for at, image in enumerate(images[:SAMPLES], 1):
            image.save(samples / f"{at}.png", optimize=True)
        export.write_json(Path(f"tests/golden/default_{kind}.json"), {
            "made_by": export.made_by("recipes/blip/evaluate.py"), "model": folder.name, "scoring": SCORING[kind], "side": world.SIDE, "across": ACROSS, **found})
        parameters = sum(weight.numel() for weight in model.parameters())
        folder.with_suffix(".card.md").write_text(card(kind, folder, {**export.spent(args.trained), "parameters": parameters}, well, tried))
        print(kind, {name: value for name, value in found.items() if name != "cases"}, well, *tried, sep="\n")


if __name__ == "__main__":
    main()
