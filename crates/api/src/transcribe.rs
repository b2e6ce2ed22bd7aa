//! Write down what is said in a sound, or what it says in English.
//!
//! A recording may be hours long, and an engine's memory never shrinks: so whoever asks cuts it in pieces of some
//! minutes and asks about one after the other. What an answer says of its [`Place`] goes into the next question.
//! Then what is heard is what would be heard of the whole at once, but for this: what is very soft counts as silence,
//! and how soft that is goes by the loudest moment up to the end of the piece, not of the whole.
//!
//! ```text
//! piece 1: starts_s 0,   ends false, place None     -> text, place { from_s: 114.2, .. }
//! piece 2: starts_s 113, ends true,  place 114.2 .. -> text, place { from_s: 180.0, .. }
//! ```

use serde::{Deserialize, Serialize};

pub use crate::translate::Language;
use crate::{Asked, Loading, Task};

/// Marker for this task.
pub struct Transcribe;

impl Task for Transcribe {
    const NAME: &'static str = "transcribe";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// Most samples of a piece, those of all channels together: 192 MB.
pub const MOST_SAMPLES: usize = 48_000_000;
/// Most channels.
pub const MOST_CHANNELS: u16 = 64;
/// Most characters of a prompt.
pub const MOST_PROMPT_CHARACTERS: usize = 10_000;
/// Most temperatures in a list.
pub const MOST_TEMPERATURES: usize = 20;
/// How long a piece is by custom, in seconds: 15 MB of samples at 16 kHz.
pub const PIECE_S: u32 = 240;
/// What a piece has before its place, in seconds, so that nothing is different at its beginning.
pub const LEAD_S: u32 = 1;

/// A piece of a recording, and how it is to be written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The piece.
    pub sound: Sound,
    /// Where to go on; `None` begins with the piece's first sample. Given back by an answer to the same recording,
    /// asked in the same way, or by a [`Listening`] before it was stopped.
    pub place: Option<Place>,
    /// Code of the language that is spoken, one of [`About::languages`]; `None` lets the model tell by the first half
    /// minute.
    pub language: Option<String>,
    /// What to write.
    pub goal: Goal,
    /// Say when each chunk of text is spoken. A recording longer than the model's window always does.
    pub timestamps: bool,
    /// What may have been said before: names and words as they are to be spelled. May be empty.
    pub prompt: String,
    /// How a recording is gone through that is longer than the model's window.
    pub form: Form,
    /// Same seed, same question: same answer. Only temperatures above 0 ask for it.
    pub seed: u64,
}

/// A piece of a recording as it was decoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sound {
    /// Between -1 and 1; those of all channels of one moment stand together: `[l, r, l, r]`.
    pub samples: Vec<f32>,
    /// How many channels.
    pub channels: u16,
    /// Moments a second; the engine brings them to the model's rate.
    pub rate_hz: u32,
    /// When the piece begins in the recording, in whole seconds, as then all pieces have samples at the same places.
    pub starts_s: u32,
    /// The recording ends with the piece. If not, the last part of it, which is shorter than the model's window, is
    /// left for the next.
    pub ends: bool,
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goal {
    /// What is said, in its own language.
    Transcribe,
    /// What is said, in English.
    Translate,
}

/// How a recording is gone through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Form {
    /// Half a minute after the other: each begins where the last time was told in the one before, may read the text
    /// before it, and is tried again where it came to nothing.
    Sequential(Sequential),
    /// Windows of half a minute that overlap by 5 seconds at each side; what they have in common is told once.
    Chunks,
}

/// What the sequential form does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sequential {
    /// Temperatures tried one after the other, until an answer is good enough; at least one. 0 takes the likeliest.
    pub temperatures: Vec<f32>,
    /// An answer whose tokens are shorter by more than this when compressed says the same again and again.
    pub compression_ratio: Option<f32>,
    /// An answer whose tokens have a lower logarithm of probability, on average, is doubtful.
    pub log_probability: Option<f32>,
    /// A half minute that is more probably no speech than this, and doubtful, is passed over. Asks for
    /// `log_probability`.
    pub no_speech: Option<f32>,
    /// Each half minute reads what was written before it.
    pub condition_on_previous: bool,
}

impl Default for Sequential {
    /// What Whisper's paper does, with the ratio that holds for tokens instead of letters.
    // Radford et al. 2022, section 4.5; `openai/whisper-*` on the hub, "Long-form transcription", has the ratio.
    fn default() -> Self {
        Self {
            temperatures: vec![0., 0.2, 0.4, 0.6, 0.8, 1.],
            compression_ratio: Some(1.35),
            log_probability: Some(-1.),
            no_speech: Some(0.6),
            condition_on_previous: false,
        }
    }
}

/// Where an answer about a recording stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The moment of the recording up to which all is heard, in seconds. The next piece begins [`LEAD_S`] before, or
    /// at the recording's beginning.
    pub from_s: f64,
    /// What the engine has to know of what came before; only an engine reads it.
    pub known: Vec<u8>,
}

/// What arrives while the model loads and listens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The language was told.
    Language(Spoken),
    /// Something more was heard.
    Listening(Listening),
}

/// How far an answer has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listening {
    /// The moment of the recording that is heard, in seconds.
    pub done_s: f64,
    /// When the piece ends in the recording, in seconds.
    pub total_s: f64,
    /// Chunks that are new since the last of these messages and will not change.
    pub settled: Vec<Chunk>,
    /// What is said after them as far as it is known; it may still change, and the next message replaces it.
    pub open: Vec<Chunk>,
    /// Where to go on if this question is stopped now; `None` where that has not changed. It goes with the settled
    /// chunks up to this message.
    pub place: Option<Place>,
}

/// The loaded model, and what was said if there was a sound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What listened.
    pub model: About,
    /// What it heard in this piece.
    pub heard: Option<Heard>,
}

/// What was heard in a piece.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The language, if the model knows several and any was to be told.
    pub spoken: Option<Spoken>,
    /// What was said, in order; those of the pieces before it are not among them. None: there is no speech.
    pub chunks: Vec<Chunk>,
    /// Their texts one after the other.
    pub text: String,
    /// Parts in which nothing is said, as far as they were passed over for it.
    pub silences: Vec<Span>,
    /// Goes into the question about the next piece.
    pub place: Place,
}

/// A text and when it is spoken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// When it begins in the recording, in seconds.
    pub start_s: f64,
    /// When it ends; the end of what was heard where the model did not tell.
    pub end_s: f64,
    /// As the model wrote it; it may begin with a space.
    pub text: String,
}

/// A part of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// When it begins, in seconds.
    pub start_s: f64,
    /// When it ends.
    pub end_s: f64,
}

/// The language of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// Which.
    pub language: Language,
    /// How sure the model is, between 0 and 1, among the languages it knows; `None` where it was asked for.
    pub probability: Option<f32>,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Languages it knows, by name; none where it knows only one, English as a rule, and cannot translate.
    pub languages: Vec<Language>,
    /// Whether it can write in English what is said in another language.
    pub translates: bool,
    /// How much it listens to at once, in milliseconds.
    pub window_ms: u32,
    /// Most tokens of a prompt.
    pub prompt_tokens: u32,
}
