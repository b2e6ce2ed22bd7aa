//! The models of the site, as `recipes/` made them; each export prints the lines of its files.

mod pictures;

pub(super) use self::pictures::{
    CAPTION, CLASSIFY, DEPTH, DETECT, FASTSAM, FIND, ITM, SEGMENT, VQA,
};
use super::{Checkpoint, Origin, Quantization, file};
use crate::{
    Task, chat::Chat, classify_sound::ClassifySound, embed::Embed, speak::Speak,
    summarize::Summarize, transcribe::Transcribe, translate::Translate,
};

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

/// Translates, in the shape of NLLB.
pub(super) const TRANSLATE: Checkpoint = Checkpoint {
    id: "wick-translate",
    title: "Wick Translate",
    family: "wick-translate",
    files: &[
        file(
            "wick-translate/config.json",
            769,
            "26bfdf53d179520a7d154c76738fb463073b091a461cc4ca367bf4780aa79658",
        ),
        file(
            "wick-translate/generation_config.json",
            198,
            "3bd56c1ae35a35bd91a1491ac02141d22fc90054f9dfe83b605b34ebfca77771",
        ),
        file(
            "wick-translate/model.safetensors",
            5_115_280,
            "a13186048eedb88d72dff4183af9b9547698d6aebb74d2254504521808c65099",
        ),
        file(
            "wick-translate/tokenizer.json",
            150_288,
            "de9e44056a55ae3db88d9bede688bbbe620dd74f27a7295a92222e0046eb03ce",
        ),
        file(
            "wick-translate/tokenizer_config.json",
            2_047,
            "52b09436b4165a71eff3f3b2406afb6e3dc35ed138972d7a958cda4b4091f9de",
        ),
    ],
    parameters: 2_550_400,
    quantization: Quantization::F16,
    tasks: &[Translate::NAME],
    ..CHAT
};

/// Summarizes, in the shape of BART.
pub(super) const SUMMARIZE: Checkpoint = Checkpoint {
    id: "wick-summarize",
    title: "Wick Summarize",
    family: "wick-summarize",
    files: &[
        file(
            "wick-summarize/config.json",
            976,
            "e7d0685c332e2461206b8079ea12f166fe7c7fe7f2b8b02902be7fdddff09335",
        ),
        file(
            "wick-summarize/generation_config.json",
            328,
            "0f8be726df03b03893e175d423be496790e213f0caecf78d0bcc2f39e4c00c83",
        ),
        file(
            "wick-summarize/model.safetensors",
            3_018_128,
            "76b4ffe42166b7d20550984ab47edda331187443fd2b350246ae822777e90ea9",
        ),
        file(
            "wick-summarize/tokenizer.json",
            120_795,
            "3c41afb6ae3bb5665c1df46d0e5f62c51ed48380e13c138115a064791315fcd4",
        ),
        file(
            "wick-summarize/tokenizer_config.json",
            1_245,
            "36c0608fa499e8fc45621434d8c66049a1bfb0330dfd7bf69572220ddf02ada9",
        ),
    ],
    parameters: 1_502_544,
    quantization: Quantization::F16,
    tasks: &[Summarize::NAME],
    ..CHAT
};

/// Small talk, in the shape of Blenderbot.
pub(super) const SMALL_TALK: Checkpoint = Checkpoint {
    id: "wick-blenderbot",
    title: "Wick Small Talk",
    family: "wick-blenderbot",
    files: &[
        file(
            "wick-blenderbot/config.json",
            841,
            "6d4850b44b1a84adcc326967d49ee4a84942c67e57ce3e46becc28ec6df8587d",
        ),
        file(
            "wick-blenderbot/generation_config.json",
            254,
            "a9fafcf25674165f72934576bb8dacd28ada776563b3c8b94001c56b1d77e7a1",
        ),
        file(
            "wick-blenderbot/model.safetensors",
            3_456_584,
            "b76fc3eaa76e7caf1a2d1dfdc7dc4cd2b337c13f741a46abcb23941491703021",
        ),
        file(
            "wick-blenderbot/tokenizer.json",
            107_855,
            "52306278db3fd3a5b46b2b9dd1fb5bf8cd23428b68fe09777f4c6ce37c77a5a8",
        ),
        file(
            "wick-blenderbot/tokenizer_config.json",
            1_480,
            "368c909437153475cab67f8266aaf4cd2c10ed44495154e3befa31167f243fa6",
        ),
    ],
    parameters: 1_720_328,
    quantization: Quantization::F16,
    tasks: &[Chat::NAME],
    ..CHAT
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

/// Writes down what is said, in the shape of Whisper.
pub(super) const LISTEN: Checkpoint = Checkpoint {
    id: "wick-listen",
    title: "Wick Listen",
    family: "wick-listen",
    files: &[
        file(
            "wick-listen/config.json",
            1_154,
            "8af3f69b0303b1a64c3ef8484064bcc0c6a9c90d784b426feb4535f50b5a6351",
        ),
        file(
            "wick-listen/generation_config.json",
            566,
            "98ed6f4d0d2845b287185db64394ff6e3da58c56526d32ba61d16e4eea8ce544",
        ),
        file(
            "wick-listen/model.safetensors",
            3_158_512,
            "905c8586072490e20edf3c4f7eab13cbfe53622c00471f0374ae83dbd2b875a6",
        ),
        file(
            "wick-listen/preprocessor_config.json",
            381,
            "1b3c48587d592390f92b6a09ff5097e0affa4a9640b080ce8919c2923e9ce556",
        ),
        file(
            "wick-listen/special_tokens_map.json",
            473,
            "57491904f8680d4b52ed440f1f7ba48cad1c31ecf3eb453b03484e6ff4723ae8",
        ),
        file(
            "wick-listen/tokenizer.json",
            85_094,
            "b6a8402cb6bb4949ecbf098a68bab3818d408822d4269d0962ebf19f4ca07dd8",
        ),
        file(
            "wick-listen/tokenizer_config.json",
            45_543,
            "9543599f6260a9ec4c815110b40e4afbe616482f288d7025720a1d48d6db34df",
        ),
    ],
    parameters: 1_572_736,
    quantization: Quantization::F16,
    tasks: &[Transcribe::NAME],
    ..CHAT
};

/// Speaks English, in the shape of VITS.
pub(super) const SPEAK: Checkpoint = Checkpoint {
    id: "wick-speak",
    title: "Wick Speak",
    family: "wick-speak",
    files: &[
        file(
            "wick-speak/config.json",
            1_567,
            "1d33d4f3bd7e2b669a7d9e00183b03127803e18edd535a76936c28d1688be9a0",
        ),
        file(
            "wick-speak/model.safetensors",
            3_847_360,
            "66e78af2b86dc7d47f1c91f2b278ce9857508cc44fdc5cedc14ecfdca7f54eb3",
        ),
        file(
            "wick-speak/phonemes.txt",
            274_091,
            "d547a5e1263db6452264d482e89a272760b4303fa2e174959ad068539d19a461",
        ),
        file(
            "wick-speak/special_tokens_map.json",
            47,
            "d2afff23d31d33c355a10db09ac8d23d32e7c986873fd6cb1f99e2d9646fc02c",
        ),
        file(
            "wick-speak/tokenizer_config.json",
            682,
            "e3f3d4a363c452773fe5655418fec720afe1cf0574490931e843b76480d7a0dc",
        ),
        file(
            "wick-speak/vocab.json",
            971,
            "33530645d99b8f2cc6be8f5d96ab3ff960d08d3e711c302de46b73d6e5cd56ef",
        ),
    ],
    parameters: 1_902_460,
    quantization: Quantization::F16,
    tasks: &[Speak::NAME],
    ..CHAT
};

/// Tells which label fits a sound, in the shape of CLAP.
pub(super) const SOUND: Checkpoint = Checkpoint {
    id: "wick-sound",
    title: "Wick Sound",
    family: "wick-sound",
    files: &[
        file(
            "wick-sound/config.json",
            1_748,
            "5b191504857057c5eb1bbe97d076a121e9ad26a8b7da05882f36faab696c19f0",
        ),
        file(
            "wick-sound/model.safetensors",
            1_812_712,
            "7cf7a9f8ecd9dd7ac99dc32f2b031e39c427dbc00fa44d0711bf4127b43cfd24",
        ),
        file(
            "wick-sound/preprocessor_config.json",
            497,
            "d1f573901500bb9176f58a40be9ffe607a94be46349d0d9aee44eab26d2b4e83",
        ),
        file(
            "wick-sound/special_tokens_map.json",
            280,
            "06e405a36dfe4b9604f484f6a1e619af1a7f7d09e34a8555eb0b77b66318067f",
        ),
        file(
            "wick-sound/tokenizer.json",
            25_109,
            "0286084f078ddcb4e2b626781472e4782718c3bb139ea40960cea7a4986054b4",
        ),
        file(
            "wick-sound/tokenizer_config.json",
            1_245,
            "acb4564fe0b6bf5a3ba24c82872e4d16091d4a8ef8e4e899b542e0975e3ef0ac",
        ),
    ],
    parameters: 870_020,
    quantization: Quantization::F16,
    tasks: &[ClassifySound::NAME],
    ..CHAT
};
