//! The models of the site, as `recipes/` made them; each export prints the lines of its files.

use super::{Checkpoint, Origin, Quantization, file};
use crate::{
    Task, caption::Caption, chat::Chat, classify::Classify, depth::Depth, detect::Detect,
    embed::Embed, find::Find, itm::Itm, segment::Segment, summarize::Summarize,
    transcribe::Transcribe, translate::Translate, vqa::Vqa,
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

/// Chooses labels for pictures, in the shape of CLIP.
pub(super) const CLASSIFY: Checkpoint = Checkpoint {
    id: "wick-classify",
    title: "Wick Classify",
    family: "wick-classify",
    files: &[
        file(
            "wick-classify/config.json",
            1_124,
            "d28ed4b624c3e2169e98031591b66f2b2e4bffd71fc633e49e6b6968a95aa941",
        ),
        file(
            "wick-classify/model.safetensors",
            2_352_306,
            "4e01b274a94bf979a67588efd330a352795a97af3fdd129b87d4f9ad7893f70a",
        ),
        file(
            "wick-classify/preprocessor_config.json",
            453,
            "8d4f94c79f8b552ebf7e563722b1a8a3069f8abae0a9d5e53b5bbe6fef7f101f",
        ),
        file(
            "wick-classify/tokenizer.json",
            19_118,
            "23abb1e08182626dd002f7a0185beb63843f6f9d48e68fe4c122402cf1054a2c",
        ),
    ],
    parameters: 1_169_953,
    quantization: Quantization::F16,
    tasks: &[Classify::NAME],
    ..CHAT
};

/// Finds things, in the shape of DETR.
pub(super) const DETECT: Checkpoint = Checkpoint {
    id: "wick-detect",
    title: "Wick Detect",
    family: "wick-detect",
    files: &[
        file(
            "wick-detect/config.json",
            2_055,
            "9b69607d72b9b3860ca154860ad4992980977eb878d4021b292406350f809ca4",
        ),
        file(
            "wick-detect/model.safetensors",
            3_215_710,
            "efd53609cb796e9f7c7a699b21198a887e41914e6f0127d518d3f562c93911f3",
        ),
        file(
            "wick-detect/preprocessor_config.json",
            467,
            "923a9c040b8e140898595f3f39bfda98c7da801df263895e640fcd8e9ca42aeb",
        ),
    ],
    parameters: 1_595_707,
    quantization: Quantization::F16,
    tasks: &[Detect::NAME],
    ..CHAT
};

/// Says what pictures show, in the shape of BLIP.
pub(super) const CAPTION: Checkpoint = Checkpoint {
    id: "wick-caption",
    title: "Wick Describe",
    family: "wick-caption",
    files: &[
        file(
            "wick-caption/config.json",
            1_234,
            "90f5df1a670c4fa63387c53807e2f383dbd362ef2abea16c9285264c9498b539",
        ),
        file(
            "wick-caption/model.safetensors",
            2_891_292,
            "b4111c82e0002037dd25a394fec840a4d84653bfd42a192da08c1e7e8c96e73f",
        ),
        file(
            "wick-caption/preprocessor_config.json",
            381,
            "40264bad5bcd3f61c4e5cf8abdc66c59ab812ef11080a18ea71ba90bbba2895c",
        ),
        file(
            "wick-caption/tokenizer.json",
            6_764,
            "942ac739ffbb5e60fb942a477f45d1e4104fc57d9dc0cacb8875b173d354f5eb",
        ),
    ],
    parameters: 1_438_726,
    quantization: Quantization::F16,
    tasks: &[Caption::NAME],
    ..CHAT
};

/// Answers questions about pictures, in the shape of BLIP.
pub(super) const VQA: Checkpoint = Checkpoint {
    id: "wick-vqa",
    title: "Wick Answer",
    family: "wick-vqa",
    files: &[
        file(
            "wick-vqa/config.json",
            1_230,
            "fdd92d030c0bfa822671471e12434e65cdebc3cfe57fa9e70b1bff17c150fef0",
        ),
        file(
            "wick-vqa/model.safetensors",
            4_034_332,
            "a6ad0cd54eba8fef33c6b55ef28b3bbec0f6516ac73d061b8accc27cd92b219a",
        ),
        file(
            "wick-vqa/preprocessor_config.json",
            381,
            "40264bad5bcd3f61c4e5cf8abdc66c59ab812ef11080a18ea71ba90bbba2895c",
        ),
        file(
            "wick-vqa/tokenizer.json",
            6_764,
            "942ac739ffbb5e60fb942a477f45d1e4104fc57d9dc0cacb8875b173d354f5eb",
        ),
    ],
    parameters: 2_006_790,
    quantization: Quantization::F16,
    tasks: &[Vqa::NAME],
    ..CHAT
};

/// Tells how well texts fit pictures, in the shape of BLIP.
pub(super) const ITM: Checkpoint = Checkpoint {
    id: "wick-itm",
    title: "Wick Match",
    family: "wick-itm",
    files: &[
        file(
            "wick-itm/config.json",
            1_231,
            "c90f1c0dcce607ad6aa053bba2252bb7e2e08eac81df075a7c97e34a41f80076",
        ),
        file(
            "wick-itm/model.safetensors",
            2_890_388,
            "d749bf77a329317823f31921bb6338ad60708459f531c6f0e69d0ad4d6e6ec8d",
        ),
        file(
            "wick-itm/preprocessor_config.json",
            381,
            "40264bad5bcd3f61c4e5cf8abdc66c59ab812ef11080a18ea71ba90bbba2895c",
        ),
        file(
            "wick-itm/tokenizer.json",
            6_764,
            "942ac739ffbb5e60fb942a477f45d1e4104fc57d9dc0cacb8875b173d354f5eb",
        ),
    ],
    parameters: 1_438_466,
    quantization: Quantization::F16,
    tasks: &[Itm::NAME],
    ..CHAT
};

/// Tells how near everything is, in the shape of Depth Anything V2.
pub(super) const DEPTH: Checkpoint = Checkpoint {
    id: "wick-depth",
    title: "Wick Depth",
    family: "wick-depth",
    files: &[
        file(
            "wick-depth/config.json",
            1_476,
            "6740337e619500182332285750b2f86c71a130491b281143b80df3dfca862a28",
        ),
        file(
            "wick-depth/model.safetensors",
            1_528_250,
            "4eaf6caab4bc638e953593405f9d018dfa402a523b9a0972eaa3605cec9e4637",
        ),
        file(
            "wick-depth/preprocessor_config.json",
            493,
            "6e698f5cc7a1f35a94ab27cb4909181a31b5d37704655b495ed32c13985a4eda",
        ),
    ],
    parameters: 756_225,
    quantization: Quantization::F16,
    tasks: &[Depth::NAME],
    ..CHAT
};

/// Draws the outline of what is pointed at, in the shape of SAM.
pub(super) const SEGMENT: Checkpoint = Checkpoint {
    id: "wick-segment",
    title: "Wick Segment",
    family: "wick-segment",
    files: &[
        file(
            "wick-segment/config.json",
            1_472,
            "2e8c0fc7fe0053cb1a5facda7a2c8a0713bdb050443c2a540f21c65cd9b0125f",
        ),
        file(
            "wick-segment/model.safetensors",
            2_290_548,
            "699d2c755bee2f822ba80854f7878885671729e5442cb9328fa6ed5db74b3f5e",
        ),
        file(
            "wick-segment/preprocessor_config.json",
            562,
            "6e23dcce688d7e96a69de5a8aac7832cb6528d81ad8620e55e19c0c24d73c6f6",
        ),
    ],
    parameters: 1_133_598,
    quantization: Quantization::F16,
    tasks: &[Segment::NAME],
    ..CHAT
};

/// Draws the outlines of everything at once, in the shape of FastSAM.
pub(super) const FASTSAM: Checkpoint = Checkpoint {
    id: "wick-fastsam",
    title: "Wick FastSAM",
    family: "wick-fastsam",
    files: &[
        file(
            "wick-fastsam/config.json",
            153,
            "bb6aebcb1c7b1607b0216deea5cdfba14b6dfd832887092c440b01a6c65d5177",
        ),
        file(
            "wick-fastsam/model.safetensors",
            1_793_510,
            "7a59c8b0b6fa5027c5e20bbb3767e3506b13cf81fa21de8d0125f8754ec14427",
        ),
    ],
    parameters: 875_059,
    quantization: Quantization::F16,
    tasks: &[Segment::NAME],
    ..CHAT
};

/// Finds by words, in the shape of OWL-ViT.
pub(super) const FIND: Checkpoint = Checkpoint {
    id: "wick-find",
    title: "Wick Find",
    family: "wick-find",
    files: &[
        file(
            "wick-find/config.json",
            1_065,
            "e89af18924ab9fbaf07c4d03dbc250073e7be4d86bcdc992f7979b700bcdb267",
        ),
        file(
            "wick-find/model.safetensors",
            2_432_310,
            "32ba6f9d883ad38cb622da9c2127ff4d8cdfd6c2853db3fceebfdf7e48dfef2c",
        ),
        file(
            "wick-find/preprocessor_config.json",
            442,
            "70da5e56b703d391d3f264b9b7b70f28e83d041bfcc2ebf7ca2a8c00a35793c0",
        ),
        file(
            "wick-find/tokenizer.json",
            17_526,
            "293077d61f7ed62f7a1620b0e46e6fbe1f8d0c917b1d8d53e89c7557cae6ce5e",
        ),
    ],
    parameters: 1_208_967,
    quantization: Quantization::F16,
    tasks: &[Find::NAME],
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
