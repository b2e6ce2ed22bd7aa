//! Every checkpoint Wick knows by name.

mod shipped;

/// Where a checkpoint's files come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the site's own folder, beside the page; works with no network.
    Shipped,
    /// A repository on the model hub.
    Hub {
        /// Owner and name.
        repository: &'static str,
        /// Commit the files are taken from. `None` is an unpinned row: nobody could look the commit up
        /// when the row was written, so the store asks the hub once and keeps the commit it was told.
        revision: Option<&'static str>,
    },
}

/// One file of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Path inside the repository, or inside the site's `models/` folder: what is made of several
    /// files has a folder there, `wick-embed/config.json`.
    pub path: &'static str,
    /// Length; `None` only where [`Origin::Hub`] is asked for it.
    pub size_bytes: Option<u64>,
    /// Lower-case hexadecimal SHA-256; `None` only where [`Origin::Hub`] is asked for it.
    pub sha256: Option<&'static str>,
}

/// How a checkpoint's weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantization {
    /// As trained: 32 bits a weight.
    F32,
    /// 16 bits a weight.
    F16,
    /// 8 bits and a scale per 32 weights.
    Q8_0,
    /// 4 bits mostly, 5, 6 or 8 for the tensors that need them.
    Q4KM,
}

impl Quantization {
    /// What a person reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Q8_0 => "Q8_0",
            Self::Q4KM => "Q4_K_M",
        }
    }

    /// Bits a weight takes, scales included. Between the rows below `Q4_K_M` takes 5.0 to 6.5: the
    /// smaller the model, the larger its share of tensors that are kept at more bits.
    pub const fn bits_per_weight(self) -> f64 {
        match self {
            Self::F32 => 32.0,
            Self::F16 => 16.0,
            Self::Q8_0 => 8.5,
            Self::Q4KM => 5.5,
        }
    }
}

/// One row of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checkpoint {
    /// What a task's `model` field holds.
    pub id: &'static str,
    /// What a person reads.
    pub title: &'static str,
    /// Rows of one family are the same model at different quantizations.
    pub family: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// Its files.
    pub files: &'static [File],
    /// Weights in its files; a head that is stored apart from the embedding counts.
    pub parameters: u64,
    /// How they are stored.
    pub quantization: Quantization,
    /// SPDX identifier, or the licence's own name.
    pub licence: &'static str,
    /// Names of the tasks it can do.
    pub tasks: &'static [&'static str],
}

impl Checkpoint {
    /// Bytes of its files; `None` while the hub has not been asked.
    pub fn size_bytes(&self) -> Option<u64> {
        self.files.iter().map(|file| file.size_bytes).sum()
    }

    /// Bytes of its files, or where they are unknown an estimate from the number of weights: good for
    /// a fit check, not for anything that must be exact.
    pub fn likely_bytes(&self) -> u64 {
        let estimate = self.parameters as f64 * self.quantization.bits_per_weight() / 8.0;
        self.size_bytes().unwrap_or(estimate as u64)
    }

    /// Whether it can do a task.
    pub fn does(&self, task: &str) -> bool {
        self.tasks.contains(&task)
    }

    /// The next smaller row of the same family.
    pub fn smaller(&self) -> Option<&'static Self> {
        let same = |row: &&'static Self| row.family == self.family;
        let below = |row: &&'static Self| row.likely_bytes() < self.likely_bytes();
        ALL.iter().filter(same).filter(below).max_by_key(|row| row.likely_bytes())
    }
}

/// The row of a name.
pub fn find(id: &str) -> Option<&'static Checkpoint> {
    ALL.iter().find(|row| row.id == id)
}

/// The model of the site that does a task until a person chooses another: the first row that can.
pub fn shipped(task: &str) -> Option<&'static Checkpoint> {
    ALL.iter().find(|row| row.origin == Origin::Shipped && row.does(task))
}

/// Whether a name is that of a model of the site.
pub fn is_shipped(id: &str) -> bool {
    find(id).is_some_and(|row| row.origin == Origin::Shipped)
}

const CHAT: &[&str] = &["chat"];
const EMBED: &[&str] = &["embed"];
const TRANSCRIBE: &[&str] = &["transcribe"];
const SPEAK: &[&str] = &["speak"];

/// One file of which everything is known.
const fn file(path: &'static str, size_bytes: u64, sha256: &'static str) -> File {
    File { path, size_bytes: Some(size_bytes), sha256: Some(sha256) }
}

/// One file of which the hub must be asked.
const fn unknown(path: &'static str) -> File {
    File { path, size_bytes: None, sha256: None }
}

const fn hub(repository: &'static str, commit: &'static str) -> Origin {
    Origin::Hub { repository, revision: Some(commit) }
}

const SMOLLM2_135M: Checkpoint = Checkpoint {
    id: "smollm2-135m-q8_0",
    title: "SmolLM2 135M Instruct",
    family: "smollm2-135m",
    origin: hub("bartowski/SmolLM2-135M-Instruct-GGUF", "09816acd5d99df7be770d85ea30822623dab342c"),
    files: &[unknown("SmolLM2-135M-Instruct-Q8_0.gguf")],
    parameters: 134_515_008,
    quantization: Quantization::Q8_0,
    licence: "Apache-2.0",
    tasks: CHAT,
};

const SMOLLM2_360M: Checkpoint = Checkpoint {
    id: "smollm2-360m-q8_0",
    title: "SmolLM2 360M Instruct",
    family: "smollm2-360m",
    origin: hub(
        "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
        "593b5a2e04c8f3e4ee880263f93e0bd2901ad47f",
    ),
    files: &[file(
        "smollm2-360m-instruct-q8_0.gguf",
        386_404_992,
        "48ab3034d0dd401fbc721eb1df3217902fee7dab9078992d66431f09b7750201",
    )],
    parameters: 361_821_120,
    quantization: Quantization::Q8_0,
    licence: "Apache-2.0",
    tasks: CHAT,
};

const QWEN2_5: Checkpoint = Checkpoint {
    id: "qwen2.5-0.5b-q8_0",
    title: "Qwen2.5 0.5B Instruct",
    family: "qwen2.5-0.5b",
    origin: hub("Qwen/Qwen2.5-0.5B-Instruct-GGUF", "9217f5db79a29953eb74d5343926648285ec7e67"),
    files: &[file(
        "qwen2.5-0.5b-instruct-q8_0.gguf",
        675_710_816,
        "ca59ca7f13d0e15a8cfa77bd17e65d24f6844b554a7b6c12e07a5f89ff76844e",
    )],
    parameters: 630_167_424,
    quantization: Quantization::Q8_0,
    licence: "Apache-2.0",
    tasks: CHAT,
};

const QWEN3: Checkpoint = Checkpoint {
    id: "qwen3-0.6b-q8_0",
    title: "Qwen3 0.6B",
    family: "qwen3-0.6b",
    origin: hub("Qwen/Qwen3-0.6B-GGUF", "23749fefcc72300e3a2ad315e1317431b06b590a"),
    files: &[file(
        "Qwen3-0.6B-Q8_0.gguf",
        639_446_688,
        "9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031",
    )],
    parameters: 596_049_920,
    quantization: Quantization::Q8_0,
    licence: "Apache-2.0",
    tasks: CHAT,
};

const LLAMA_3_2: Checkpoint = Checkpoint {
    id: "llama-3.2-1b-q8_0",
    title: "Llama 3.2 1B Instruct",
    family: "llama-3.2-1b",
    origin: hub("bartowski/Llama-3.2-1B-Instruct-GGUF", "067b946cf014b7c697f3654f621d577a3e3afd1c"),
    files: &[file(
        "Llama-3.2-1B-Instruct-Q8_0.gguf",
        1_321_083_008,
        "432f310a77f4650a88d0fd59ecdd7cebed8d684bafea53cbff0473542964f0c3",
    )],
    parameters: 1_235_814_400,
    quantization: Quantization::Q8_0,
    licence: "Llama 3.2 Community License",
    tasks: CHAT,
};

const GEMMA_3_1B: Checkpoint = Checkpoint {
    id: "gemma-3-1b-q8_0",
    title: "Gemma 3 1B",
    family: "gemma-3-1b",
    origin: Origin::Hub { repository: "unsloth/gemma-3-1b-it-GGUF", revision: None },
    files: &[unknown("gemma-3-1b-it-Q8_0.gguf")],
    parameters: 999_885_952,
    quantization: Quantization::Q8_0,
    licence: "Gemma Terms of Use",
    tasks: CHAT,
};

const WHISPER_TINY: Checkpoint = Checkpoint {
    id: "whisper-tiny",
    title: "Whisper Tiny",
    family: "whisper-tiny",
    origin: Origin::Hub { repository: "openai/whisper-tiny", revision: None },
    files: &[
        unknown("config.json"),
        unknown("generation_config.json"),
        unknown("preprocessor_config.json"),
        unknown("tokenizer.json"),
        unknown("tokenizer_config.json"),
        unknown("model.safetensors"),
    ],
    parameters: 37_760_640,
    quantization: Quantization::F32,
    licence: "Apache-2.0",
    tasks: TRANSCRIBE,
};

const VITS_LJS: Checkpoint = Checkpoint {
    id: "vits-ljs",
    title: "VITS LJ Speech",
    family: "vits-ljs",
    origin: Origin::Hub { repository: "kakao-enterprise/vits-ljs", revision: None },
    files: &[
        unknown("config.json"),
        unknown("vocab.json"),
        unknown("tokenizer_config.json"),
        unknown("model.safetensors"),
    ],
    parameters: 36_311_472,
    quantization: Quantization::F32,
    licence: "MIT",
    tasks: SPEAK,
};

/// Every row; adding one is one entry here.
///
/// Commits, sizes and check sums are those that public projects pin for their users; where only the
/// file's name is known, the row says so by `None` and the hub is asked.
pub const ALL: &[Checkpoint] = &[
    shipped::CHAT,
    shipped::TRANSLATE,
    shipped::SMALL_TALK,
    shipped::SUMMARIZE,
    shipped::EMBED,
    shipped::CLASSIFY,
    shipped::DETECT,
    shipped::CAPTION,
    shipped::VQA,
    shipped::ITM,
    shipped::FIND,
    shipped::SEGMENT,
    shipped::FASTSAM,
    shipped::DEPTH,
    shipped::LISTEN,
    shipped::SPEAK,
    shipped::SOUND,
    SMOLLM2_135M,
    Checkpoint {
        id: "smollm2-135m-q4_k_m",
        files: &[file(
            "SmolLM2-135M-Instruct-Q4_K_M.gguf",
            105_454_432,
            "2e8040ceae7815abe0dcb3540b9995eaa1fa0d2ca9e797d0a635ae4433c68c2d",
        )],
        quantization: Quantization::Q4KM,
        ..SMOLLM2_135M
    },
    SMOLLM2_360M,
    Checkpoint {
        id: "smollm2-360m-q4_k_m",
        origin: hub(
            "mfuntowicz/SmolLM2-360M-Instruct-Q4_K_M-GGUF",
            "de67c694b3fa2c6e9b45b50f286b2555c5dee2a8",
        ),
        files: &[file(
            "smollm2-360m-instruct-q4_k_m.gguf",
            270_590_528,
            "8856952e27c65a87618f8347d1d06328c3953af04e8327b6dd1fab6670358fd0",
        )],
        quantization: Quantization::Q4KM,
        ..SMOLLM2_360M
    },
    QWEN2_5,
    Checkpoint {
        id: "qwen2.5-0.5b-q4_k_m",
        files: &[file(
            "qwen2.5-0.5b-instruct-q4_k_m.gguf",
            491_400_032,
            "74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db",
        )],
        quantization: Quantization::Q4KM,
        ..QWEN2_5
    },
    QWEN3,
    Checkpoint {
        id: "qwen3-0.6b-q4_k_m",
        origin: hub("unsloth/Qwen3-0.6B-GGUF", "50968a4468ef4233ed78cd7c3de230dd1d61a56b"),
        files: &[file(
            "Qwen3-0.6B-Q4_K_M.gguf",
            396_705_472,
            "ac2d97712095a558e31573f62f466a3f9d93990898b0ec79d7c974c1780d524a",
        )],
        quantization: Quantization::Q4KM,
        ..QWEN3
    },
    LLAMA_3_2,
    Checkpoint {
        id: "llama-3.2-1b-q4_k_m",
        files: &[file(
            "Llama-3.2-1B-Instruct-Q4_K_M.gguf",
            807_694_464,
            "6f85a640a97cf2bf5b8e764087b1e83da0fdb51d7c9fab7d0fece9385611df83",
        )],
        quantization: Quantization::Q4KM,
        ..LLAMA_3_2
    },
    Checkpoint {
        id: "gemma-3-270m-q8_0",
        title: "Gemma 3 270M",
        family: "gemma-3-270m",
        origin: hub("ggml-org/gemma-3-270m-it-GGUF", "e7647be17ae1108f2f605ed061ca0608b171afff"),
        files: &[file(
            "gemma-3-270m-it-Q8_0.gguf",
            291_545_600,
            "0ef57d2c838458a1952664260dcba38e5bdda37494f3af732f06e4add24068e3",
        )],
        parameters: 268_098_176,
        quantization: Quantization::Q8_0,
        licence: "Gemma Terms of Use",
        tasks: CHAT,
    },
    GEMMA_3_1B,
    Checkpoint {
        id: "gemma-3-1b-q4_k_m",
        origin: hub("ggml-org/gemma-3-1b-it-GGUF", "f9c28bcd85737ffc5aef028638d3341d49869c27"),
        files: &[file(
            "gemma-3-1b-it-Q4_K_M.gguf",
            806_058_240,
            "8ccc5cd1f1b3602548715ae25a66ed73fd5dc68a210412eea643eb20eb75a135",
        )],
        quantization: Quantization::Q4KM,
        ..GEMMA_3_1B
    },
    Checkpoint {
        id: "phi-3-mini-4k-q4_k_m",
        title: "Phi-3 Mini 4K Instruct",
        family: "phi-3-mini-4k",
        origin: hub(
            "microsoft/Phi-3-mini-4k-instruct-gguf",
            "a64113399c2f6b8ad3e11c394733a2ddadaa7f33",
        ),
        files: &[file(
            "Phi-3-mini-4k-instruct-q4.gguf",
            2_393_231_072,
            "8a83c7fb9049a9b2e92266fa7ad04933bb53aa1e85136b7b30f1b8000ff2edef",
        )],
        parameters: 3_821_079_552,
        quantization: Quantization::Q4KM,
        licence: "MIT",
        tasks: CHAT,
    },
    WHISPER_TINY,
    Checkpoint {
        id: "whisper-base",
        title: "Whisper Base",
        family: "whisper-base",
        origin: Origin::Hub { repository: "openai/whisper-base", revision: None },
        parameters: 72_593_920,
        ..WHISPER_TINY
    },
    VITS_LJS,
    Checkpoint {
        id: "mms-tts-eng",
        title: "MMS English speech",
        family: "mms-tts",
        origin: Origin::Hub { repository: "facebook/mms-tts-eng", revision: None },
        parameters: 36_284_592,
        licence: "CC-BY-NC-4.0",
        ..VITS_LJS
    },
    Checkpoint {
        id: "all-minilm-l6-v2",
        title: "all-MiniLM-L6-v2",
        family: "all-minilm-l6-v2",
        origin: hub(
            "sentence-transformers/all-MiniLM-L6-v2",
            "1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
        ),
        files: &[
            file(
                "config.json",
                612,
                "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            ),
            file(
                "tokenizer.json",
                466_247,
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            ),
            file(
                "modules.json",
                349,
                "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
            ),
            file(
                "sentence_bert_config.json",
                53,
                "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            ),
            file(
                "1_Pooling/config.json",
                190,
                "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
            ),
            file(
                "model.safetensors",
                90_868_376,
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
        ],
        parameters: 22_713_216,
        quantization: Quantization::F32,
        licence: "Apache-2.0",
        tasks: EMBED,
    },
];
