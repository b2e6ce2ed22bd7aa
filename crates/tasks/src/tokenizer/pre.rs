use api::Failure;

/// How byte-level text is cut into words before merging, by the name a GGUF gives it.
pub(super) struct Cut {
    name: &'static str,
    /// Regular expressions, applied one after another; each match and each gap is a piece.
    pub(super) patterns: &'static [&'static str],
    /// Text is composed (NFC) first.
    pub(super) composed: bool,
    /// A word that is in the vocabulary as it stands is not built by merges.
    pub(super) whole_words: bool,
    /// The answer to a missing `tokenizer.ggml.add_bos_token`.
    pub(super) begins: bool,
}

// Names and expressions: llama.cpp's `src/llama-vocab.cpp`, and the `tokenizer.json` of each family
// where llama.cpp spells out what its regex engine lacks. NFC is from Qwen2's `tokenizer.json`.
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT4O: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const PUNCTUATION: &str = r"[\p{P}\$\+<=>\^~\|]+";
const DIGIT: &str = r"\p{N}";

const ALL: &[Cut] = &[
    cut("gpt-2", &[GPT2]),
    cut("gpt2", &[GPT2]),
    cut("phi-2", &[GPT2]),
    cut("default", &[PUNCTUATION, GPT2, r"\p{N}+", "[0-9][0-9][0-9]"]),
    cut("smollm", &[DIGIT, GPT2]),
    cut("starcoder", &[DIGIT, GPT2]),
    cut("smaug-bpe", &[LLAMA3]),
    cut("dbrx", &[LLAMA3]),
    cut("gpt-4o", &[GPT4O]),
    Cut { whole_words: true, begins: true, ..cut("llama-bpe", &[LLAMA3]) },
    Cut { whole_words: true, begins: true, ..cut("llama3", &[LLAMA3]) },
    Cut { whole_words: true, begins: true, ..cut("llama-v3", &[LLAMA3]) },
    Cut { whole_words: true, begins: true, ..cut("tekken", &[TEKKEN]) },
    Cut { composed: true, ..cut("qwen2", &[QWEN2]) },
    Cut { composed: true, ..cut("deepseek-r1-qwen", &[QWEN2]) },
];

const fn cut(name: &'static str, patterns: &'static [&'static str]) -> Cut {
    Cut { name, patterns, composed: false, whole_words: false, begins: false }
}

/// The cut of this name, or a refusal naming it.
pub(super) fn find(name: &str) -> Result<&'static Cut, Failure> {
    ALL.iter().find(|cut| cut.name == name).ok_or_else(|| {
        Failure::input(
            "tokenizer.ggml.pre",
            format!("`{name}` is a way of cutting text this build does not know"),
        )
    })
}
