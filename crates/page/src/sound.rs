//! Recordings: where they come from, and parts of them as numbers.

pub mod body;
pub mod browser;
pub mod intake;
pub mod microphone;
pub mod playing;
pub mod spectrum;
pub mod unpack;
pub mod wav;

use std::{cell::RefCell, sync::Arc};

use gloo::timers::callback::Timeout;
use js_sys::{Array, Date, Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Url};

use self::{body::Body, microphone::Heard, unpack::Unpacker};
use crate::{
    format,
    lazy::{SplitLoaderError, later},
    transcribe::Cut,
};

/// Largest file that is opened: it is held in memory as it is, and unpacked part by part.
const MOST_BYTES: f64 = 500e6;
/// How long an address is kept after its recording is gone, in milliseconds.
const PLAYED_MS: u32 = 10_000;
/// How long the page unpacks between two looks at what a person does, in milliseconds.
const SLICE_MS: f64 = 25.;

/// A recording that can be played, and listened to part by part.
pub struct Recording {
    /// What it is called.
    pub name: String,
    /// Where the page plays it from.
    pub address: Address,
    /// Moments a second.
    pub rate_hz: u32,
    /// How many channels it has; parts of it have one.
    pub channels: usize,
    /// How long it is, in seconds, if that is known before it is unpacked.
    pub len_s: Option<f64>,
    source: Source,
}

enum Source {
    /// One channel.
    Here(Arc<[f32]>),
    Packed(RefCell<Box<dyn Unpacks>>),
}

/// What unpacks a file, its code fetched when the first file comes.
pub trait Unpacks {
    /// Unpacks a little more.
    fn step(&mut self);
    /// Whether moments before `end` are not unpacked yet.
    fn lacks(&self, end: u64) -> bool;
    /// Goes on from here only; from the beginning, if this was forgotten.
    ///
    /// # Errors
    /// The file cannot be read a second time.
    fn forget(&mut self, start: u64) -> Result<(), String>;
    /// What is there of these moments.
    fn part(&self, moments: std::ops::Range<u64>) -> Vec<f32>;
    /// Moments in all, once the file has ended.
    fn ended(&self) -> Option<u64>;
    /// What a person should know of the file, once it has ended.
    fn note(&self) -> Option<String>;
}

/// A part of a recording.
pub struct Part {
    /// One channel.
    pub samples: Vec<f32>,
    /// The recording ends with it.
    pub ends: bool,
    /// What a person should know of the recording.
    pub note: Option<String>,
}

/// An address of something that only this page has; given back when nobody holds it any more.
pub struct Address(String);

impl Address {
    fn of(blob: &Blob) -> Result<Self, JsValue> {
        Url::create_object_url_with_blob(blob).map(Self)
    }

    /// As the browser knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        let address = std::mem::take(&mut self.0);
        // A player that goes at the same moment may still read from there.
        let give_back = move || {
            // It fails for addresses that are none.
            let _ = Url::revoke_object_url(&address);
        };
        Timeout::new(PLAYED_MS, give_back).forget();
    }
}

impl Recording {
    /// What was made here: one channel.
    pub fn of_samples(name: String, samples: Vec<f32>, rate_hz: u32) -> Result<Self, String> {
        let bytes = Uint8Array::from(wav::wav(&samples, rate_hz).as_slice());
        let blob = Blob::new_with_u8_array_sequence(&Array::of1(&bytes));
        let address = blob.and_then(|blob| Address::of(&blob));
        let address = address.map_err(|_| format!("{name}: there is not enough memory for it"))?;
        let len_s = Some(samples.len() as f64 / f64::from(rate_hz.max(1)));
        Ok(Self {
            name,
            address,
            rate_hz,
            channels: 1,
            len_s,
            source: Source::Here(samples.into()),
        })
    }

    /// What a microphone heard.
    pub fn of_heard(heard: Heard) -> Result<Self, String> {
        match heard.samples.is_empty() {
            true => Err("nothing was recorded: wait a moment before you stop".into()),
            false => Self::of_samples("recording.wav".into(), heard.samples, heard.rate_hz),
        }
    }

    /// A sound file; what to do if it is none.
    pub async fn of_file(name: String, blob: Blob) -> Result<Self, String> {
        let (size, most) = (format::bytes(blob.size() as u64), format::bytes(MOST_BYTES as u64));
        if blob.size() == 0. {
            return Err(format!("{name} is empty: choose a sound file"));
        }
        if blob.size() > MOST_BYTES {
            return Err(format!(
                "{name} has {size}, and this page opens up to {most}: save it as MP3 or M4A, which are smaller, or \
                 cut it in parts"
            ));
        }
        let lost = || format!("{name} cannot be read: it may have been moved or changed");
        let body = JsFuture::from(blob.array_buffer()).await.map_err(|_| lost())?;
        let address = Address::of(&blob).map_err(|_| lost())?;
        let unpacking = unpacking().await;
        let unpack = unpacking
            .map_err(|_| "what opens sound files could not be fetched: there may be no network")?;
        match unpack(Body::of(Uint8Array::new(&body)), &name) {
            Ok(opened) => {
                let Opened { rate_hz, channels, len_s, unpacks } = opened;
                let source = Source::Packed(RefCell::new(unpacks));
                Ok(Self { name, address, rate_hz, channels, len_s, source })
            }
            // Another kind of file, perhaps one that the browser knows.
            Err(why) => {
                let decoded = browser::decoded(&name, &body.into(), &why).await?;
                let browser::Decoded { samples, rate_hz, channels } = decoded;
                let len_s = Some(samples.len() as f64 / f64::from(rate_hz.max(1)));
                let source = Source::Here(samples.into());
                Ok(Self { name, address, rate_hz, channels, len_s, source })
            }
        }
    }

    /// A part of it; shorter than asked for where the recording ends.
    pub async fn part(&self, cut: Cut) -> Result<Part, String> {
        let moment = |seconds: u32| u64::from(seconds) * u64::from(self.rate_hz);
        let (start, end) = (moment(cut.starts_s), moment(cut.ends_s));
        match &self.source {
            Source::Here(samples) => {
                let len = samples.len();
                let at = |moment: u64| usize::try_from(moment).unwrap_or(len).min(len);
                let part = samples.get(at(start)..at(end)).unwrap_or_default();
                Ok(Part { samples: part.to_vec(), ends: at(end) == len, note: None })
            }
            Source::Packed(packed) => {
                let gone = "it is being read already";
                packed.try_borrow_mut().map_err(|_| gone)?.forget(start)?;
                while unpacked_some(packed, end).ok_or(gone)? {
                    others_turn().await;
                }
                let packed = packed.try_borrow().map_err(|_| gone)?;
                let ends = packed.ended().is_some_and(|len| len <= end);
                let note = if ends { packed.note() } else { None };
                Ok(Part { samples: packed.part(start..end), ends, note })
            }
        }
    }
}

/// Lets the page do what it has to do meanwhile.
async fn others_turn() {
    let turn = Promise::new(&mut |go_on, _| {
        // Whoever waits for it is called whatever this gives.
        Timeout::new(0, move || drop(go_on.call0(&JsValue::NULL))).forget();
    });
    // It is never refused.
    let _ = JsFuture::from(turn).await;
}

/// Unpacks for a moment; whether something is lacking still, or nothing if it is unpacked elsewhere.
fn unpacked_some(packed: &RefCell<Box<dyn Unpacks>>, end: u64) -> Option<bool> {
    let mut packed = packed.try_borrow_mut().ok()?;
    let begun = Date::now();
    while packed.lacks(end) {
        packed.step();
        if Date::now() - begun > SLICE_MS {
            return Some(true);
        }
    }
    Some(false)
}

/// A file that can be unpacked.
pub struct Opened {
    rate_hz: u32,
    channels: usize,
    len_s: Option<f64>,
    unpacks: Box<dyn Unpacks>,
}

/// Opens a sound file of some name.
type Unpack = fn(Body, &str) -> Result<Opened, String>;

fn opened(body: Body, name: &str) -> Result<Opened, String> {
    let unpacker = Unpacker::open(body, name)?;
    let (rate_hz, channels) = unpacker.form();
    let len_s = unpacker.said_len().map(|len| len as f64 / f64::from(rate_hz.max(1)));
    Ok(Opened { rate_hz, channels, len_s, unpacks: Box::new(unpacker) })
}

async fn unpacking() -> Result<Unpack, SplitLoaderError> {
    later!(later_sound: Unpack, opened).await
}
