//! Pieces of sound, played one after the other while more of them are made.

use leptos::{logging::warn, prelude::*};
use wasm_bindgen::JsValue;
use web_sys::AudioContext;

/// How much earlier than it is heard a piece is handed on, in seconds: browsers drop what comes late.
const AHEAD_S: f64 = 0.05;

/// What plays; it is silent once it is no longer wanted.
#[derive(Clone, Copy)]
pub struct Playing {
    context: StoredValue<Option<AudioContext>, LocalStorage>,
    /// When all that was added so far will have been heard, by the context's clock.
    until_s: StoredValue<f64>,
}

/// What plays for the component that asks for it.
pub fn use_playing() -> Playing {
    let playing = Playing { context: StoredValue::new_local(None), until_s: StoredValue::new(0.) };
    on_cleanup(move || playing.end());
    playing
}

impl Playing {
    /// Begins anew. To be called when a person presses something: browsers let no other page be heard.
    pub fn begin(self) {
        self.end();
        match AudioContext::new() {
            Ok(context) => {
                self.until_s.set_value(0.);
                self.context.set_value(Some(context));
            }
            Err(why) => warn!("nothing can be heard: {why:?}"),
        }
    }

    /// Plays one channel after what was added before; nothing, unless it has begun.
    pub fn add(self, samples: &[f32], rate_hz: u32) {
        let heard = self.context.try_with_value(|context| match context {
            Some(context) => self.schedule(context, samples, rate_hz),
            None => Ok(()),
        });
        if let Some(Err(why)) = heard {
            warn!("a piece cannot be heard: {why:?}");
        }
    }

    fn schedule(
        self,
        context: &AudioContext,
        samples: &[f32],
        rate_hz: u32,
    ) -> Result<(), JsValue> {
        let len = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        let buffer = context.create_buffer(1, len, rate_hz as f32)?;
        buffer.copy_to_channel(samples, 0)?;
        let node = context.create_buffer_source()?;
        node.set_buffer(Some(&buffer));
        node.connect_with_audio_node(&context.destination())?;
        let at_s = self.until_s.get_value().max(context.current_time() + AHEAD_S);
        node.start_with_when(at_s)?;
        self.until_s.set_value(at_s + buffer.duration());
        Ok(())
    }

    /// Is silent.
    pub fn end(self) {
        if let Some(context) = self.context.try_update_value(Option::take).flatten() {
            // It fails for one that is closed already.
            drop(context.close());
        }
    }
}
