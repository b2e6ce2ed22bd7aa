//! The models of the site, as `recipes/` made them; each export prints the lines of its files.

use super::{Checkpoint, Origin, Quantization, file};
use crate::{Task, chat::Chat, embed::Embed};

/// Answers, in the shape of Llama.
pub(super) const CHAT: Checkpoint = Checkpoint {
    id: "wick-chat",
    title: "Wick Chat",
    family: "wick-chat",
    origin: Origin::Shipped,
    files: &[file(
        "wick-chat-q8_0.gguf",
        2_998_400,
        "e8ab2861af901f791d8e69d9d2e9fc54f3d92022c3c3d8440e75663d913b7bae",
    )],
    parameters: 2_755_008,
    quantization: Quantization::Q8_0,
    licence: "MIT OR Apache-2.0",
    tasks: &[Chat::NAME],
};

/// Places sentences, in the shape of MiniLM.
pub(super) const EMBED: Checkpoint = Checkpoint {
    id: "wick-embed",
    title: "Wick Embed",
    family: "wick-embed",
    files: &[
        file(
            "wick-embed/config.json",
            572,
            "08456d989ddec0d9cd1be68a2f41d6f67775f2c24122c7d3c81309787783ebae",
        ),
        file(
            "wick-embed/model.safetensors",
            1_938_664,
            "b8dfeccecbc8ecc159211057962e59beda71dfe26586563d6f00541d69f36baf",
        ),
        file(
            "wick-embed/modules.json",
            350,
            "21ddb3037a55ebf4549eb5c1dc44c3f28f10b56ec7f1335c92fd90e5b30d88ac",
        ),
        file(
            "wick-embed/sentence_bert_config.json",
            53,
            "e938f936ec4aae1ec7b178977b4e9cf8593ae9ee3481759a4612d78e4d442001",
        ),
        file(
            "wick-embed/tokenizer.json",
            27_492,
            "29c14ca5db7f17a8f416706f495f99e0036be565f309596ead417b1c3915deef",
        ),
        file(
            "wick-embed/1_Pooling/config.json",
            191,
            "aa546d8a5c05a91e161cf517803345d8fcafd7096141cf406cfe4e7c689a7505",
        ),
    ],
    parameters: 965_632,
    quantization: Quantization::F16,
    tasks: &[Embed::NAME],
    ..CHAT
};
