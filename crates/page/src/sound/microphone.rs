//! What is said into a microphone.

use gloo::utils;
use js_sys::Float32Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AudioContext, AudioWorkletNode, MediaStream, MessageEvent, Url};

use crate::{
    desk::Desk,
    devices::{self, Device},
};

/// The script that hands on what is heard, beside the page.
const SCRIPT: &str = "microphone.js";
/// Longest recording, in seconds: it is held in memory whole.
const MOST_S: u32 = 3600;

/// What is heard at the moment; the microphone is let go when it is no longer wanted.
#[derive(Clone, Copy)]
pub struct Microphone {
    open: RwSignal<Option<Open>, LocalStorage>,
    heard: StoredValue<Heard>,
    /// How much is recorded, in tenths of a second.
    tenths: RwSignal<u32>,
    /// How loud the last tenth of a second was, between 0 and 1.
    loudness: RwSignal<f32>,
}

/// One channel.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Between -1 and 1.
    pub samples: Vec<f32>,
    /// Moments a second.
    pub rate_hz: u32,
}

/// Everything that is open; all of it is held, or the browser lets it go.
struct Open {
    stream: MediaStream,
    listening: Listening,
}

/// What takes over what is heard.
struct Listening {
    context: AudioContext,
    node: AudioWorkletNode,
    _listener: Closure<dyn FnMut(MessageEvent)>,
}

/// The microphone of the component that asks for it.
pub fn use_microphone() -> Microphone {
    let microphone = Microphone {
        open: RwSignal::new_local(None),
        heard: StoredValue::default(),
        tenths: RwSignal::new(0),
        loudness: RwSignal::new(0.),
    };
    on_cleanup(move || drop(microphone.close()));
    microphone
}

impl Microphone {
    /// Asks the person and the system for it, and records; the desk is told why there is none.
    pub fn record(self, desk: Desk) {
        desk.notice.set(None);
        spawn_local(async move {
            match self.opened().await {
                Ok(open) => {
                    if let Some(Some(open)) = self.open.try_set(Some(open)) {
                        // The panel is gone.
                        open.end();
                    }
                }
                Err(why) => drop(desk.notice.try_set(Some(why))),
            }
        });
    }

    async fn opened(self) -> Result<Open, String> {
        let stream = devices::opened(Device::Microphone).await?;
        match self.listening(&stream).await {
            // Not a clone of it: that is another stream, and the microphone would stay on.
            Ok(listening) => Ok(Open { stream, listening }),
            Err(_) => {
                devices::ended(&stream);
                Err("what the microphone hears cannot be taken over by this browser: choose a file instead".into())
            }
        }
    }

    async fn listening(self, stream: &MediaStream) -> Result<Listening, JsValue> {
        let base = utils::document().base_uri()?.unwrap_or_default();
        let context = AudioContext::new()?;
        let script = Url::new_with_base(SCRIPT, &base)?.href();
        JsFuture::from(context.audio_worklet()?.add_module(&script)?).await?;
        let node = AudioWorkletNode::new(&context, "microphone")?;
        let rate_hz = context.sample_rate() as u32;
        self.heard.set_value(Heard { samples: Vec::new(), rate_hz });
        self.tenths.set(0);
        let listener = Closure::new(move |event: MessageEvent| {
            if let Ok(part) = event.data().dyn_into::<Float32Array>() {
                self.hear(&part.to_vec());
            }
        });
        node.port()?.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        context.create_media_stream_source(stream)?.connect_with_audio_node(&node)?;
        Ok(Listening { context, node, _listener: listener })
    }

    fn hear(self, part: &[f32]) {
        let tenths = self.heard.try_update_value(|heard| {
            heard.samples.extend_from_slice(part);
            let tenths = heard.samples.len() as u64 * 10 / u64::from(heard.rate_hz.max(1));
            u32::try_from(tenths).unwrap_or(u32::MAX)
        });
        self.loudness.try_set(loudness(part));
        self.tenths.try_set(tenths.unwrap_or_default());
    }

    /// Whether it records.
    pub fn is_open(self) -> bool {
        self.open.with(Option::is_some)
    }

    /// How much is recorded, in tenths of a second.
    pub fn tenths(self) -> u32 {
        self.tenths.get()
    }

    /// Whether no more is to be recorded.
    pub fn is_full(self) -> bool {
        self.tenths.get() >= MOST_S * 10
    }

    /// How loud it is now, between 0 and 1.
    pub fn loudness(self) -> f32 {
        self.loudness.get()
    }

    /// What was heard from a moment on, and how many moments a second there are.
    pub fn since(self, first: usize) -> Heard {
        let since = |heard: &Heard| Heard {
            samples: heard.samples.get(first..).unwrap_or_default().to_vec(),
            rate_hz: heard.rate_hz,
        };
        self.heard.with_value(since)
    }

    /// What was heard in the last seconds.
    pub fn last(self, seconds: u32) -> Heard {
        let (len, rate_hz) = self.heard.with_value(|heard| (heard.samples.len(), heard.rate_hz));
        let some = (seconds as usize).saturating_mul(rate_hz as usize);
        self.since(len.saturating_sub(some))
    }

    /// Lets it go; what was heard, once.
    pub fn close(self) -> Heard {
        if let Some(open) = self.open.try_update_untracked(Option::take).flatten() {
            open.end();
        }
        self.open.try_set(None);
        self.heard.try_update_value(std::mem::take).unwrap_or_default()
    }
}

impl Open {
    fn end(&self) {
        // What it has sent already may still come, and the listener is gone then.
        if let Ok(port) = self.listening.node.port() {
            port.set_onmessage(None);
        }
        devices::ended(&self.stream);
        // One that is closed already.
        drop(self.listening.context.close());
    }
}

/// How loud samples are: between 0, at 60 dB below the loudest possible, and 1.
fn loudness(samples: &[f32]) -> f32 {
    let power = samples.iter().map(|x| x * x).sum::<f32>() / samples.len().max(1) as f32;
    (1. + power.max(1e-12).log10() / 6.).clamp(0., 1.)
}

#[cfg(test)]
mod tests {
    use super::loudness;

    #[test]
    fn silence_is_nothing_and_the_loudest_is_all() {
        assert_eq!((loudness(&[]), loudness(&[0.; 8]), loudness(&[1., -1.])), (0., 0., 1.));
        assert!((loudness(&[0.0316; 4]) - 0.5).abs() < 0.01);
    }
}
