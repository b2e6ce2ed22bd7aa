//! Sound files that the browser unpacks: all of one at once.

use js_sys::ArrayBuffer;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioBuffer, OfflineAudioContext};

use crate::format;

/// Largest file that is given to the browser; an hour of speech, as browsers record it, has less.
const MOST_BYTES: u32 = 60_000_000;
/// What the browser is asked for; the engine goes on from there.
const RATE_HZ: u32 = 48_000;

/// What the browser made of a file.
pub struct Decoded {
    /// The mean of its channels.
    pub samples: Vec<f32>,
    /// Moments a second.
    pub rate_hz: u32,
    /// How many channels the file has.
    pub channels: usize,
}

/// A file that could not be opened otherwise, as `why` says.
pub async fn decoded(name: &str, body: &ArrayBuffer, why: &str) -> Result<Decoded, String> {
    if body.byte_length() > MOST_BYTES {
        let most = format::bytes(MOST_BYTES.into());
        return Err(format!(
            "{why}. The browser may know it, but is asked only for files of up to {most}."
        ));
    }
    let lost =
        |_| format!("{why}, nor does this browser know it: give a WAV, MP3, M4A, FLAC or OGG file");
    let context = OfflineAudioContext::new_with_number_of_channels_and_length_and_sample_rate(
        1,
        1,
        RATE_HZ as f32,
    )
    .map_err(lost)?;
    let decoding = context.decode_audio_data(body).map_err(lost)?;
    let buffer: AudioBuffer =
        JsFuture::from(decoding).await.and_then(|b| b.dyn_into()).map_err(lost)?;
    let channels = buffer.number_of_channels();
    let mut samples = vec![0.; buffer.length() as usize];
    for channel in 0..channels {
        let one = buffer.get_channel_data(channel).map_err(lost)?;
        let share = 1. / channels as f32;
        samples.iter_mut().zip(one).for_each(|(sum, sample)| *sum += sample * share);
    }
    match samples.is_empty() {
        true => Err(format!("{name} has no sound in it")),
        false => Ok(Decoded { samples, rate_hz: RATE_HZ, channels: channels as usize }),
    }
}
