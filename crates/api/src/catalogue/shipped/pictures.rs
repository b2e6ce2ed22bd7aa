//! Those that look at pictures.

use super::{CHAT, Checkpoint, Quantization, file};
use crate::{
    Task, caption::Caption, classify::Classify, depth::Depth, detect::Detect, find::Find, itm::Itm,
    segment::Segment, vqa::Vqa,
};

/// Chooses labels for pictures, in the shape of CLIP.
pub(in crate::catalogue) const CLASSIFY: Checkpoint = Checkpoint {
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
pub(in crate::catalogue) const DETECT: Checkpoint = Checkpoint {
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
pub(in crate::catalogue) const CAPTION: Checkpoint = Checkpoint {
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
pub(in crate::catalogue) const VQA: Checkpoint = Checkpoint {
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
pub(in crate::catalogue) const ITM: Checkpoint = Checkpoint {
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
pub(in crate::catalogue) const DEPTH: Checkpoint = Checkpoint {
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
pub(in crate::catalogue) const SEGMENT: Checkpoint = Checkpoint {
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
pub(in crate::catalogue) const FASTSAM: Checkpoint = Checkpoint {
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
pub(in crate::catalogue) const FIND: Checkpoint = Checkpoint {
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
