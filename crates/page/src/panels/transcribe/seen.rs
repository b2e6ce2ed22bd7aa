//! The recording as a picture.

use leptos::{html, prelude::*};
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::{
    part::{part, words},
    sound::{
        intake::Held,
        spectrum::{PITCHES, spectrum},
    },
    transcribe::Cut,
};

/// Moments that are drawn.
const COLUMNS: usize = 600;
/// How much of the recording is drawn, in seconds.
const DRAWN_S: u32 = 60;

/// The pitches of the recording, drawn when a person asks for them.
pub(super) fn seen(recording: RwSignal<Option<Held>, LocalStorage>) -> AnyView {
    let (open, place) = (RwSignal::new(false), NodeRef::<html::Canvas>::new());
    let said = RwSignal::new(String::new());
    Effect::new(move || {
        let (Some(canvas), Some(recording)) = (place.get(), recording.get()) else { return };
        said.set("Drawing…".into());
        spawn_local(async move {
            let told = match drawn(&recording, &canvas).await {
                Ok(told) => told,
                Err(why) => format!("The picture cannot be drawn: {why}"),
            };
            said.try_set(told);
        });
    });
    let turned = move |event: web_sys::Event| {
        let details = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        open.set(details.is_some_and(|details| details.has_attribute("open")));
    };
    view! {
        <details class="spectrum" on:toggle=turned>
            <summary>"Spectrogram"</summary>
            {part(move || open.get().then(|| view! {
                <canvas node_ref=place width=COLUMNS.to_string() height=PITCHES.to_string() role="img"
                    aria-label="Which pitches are in the recording, from left to right"></canvas>
                <p class="quiet">{words(move || said.get())}</p>
            }.into_any()))}
        </details>
    }
    .into_any()
}

async fn drawn(recording: &Held, canvas: &HtmlCanvasElement) -> Result<String, String> {
    let part = recording.part(Cut { starts_s: 0, ends_s: DRAWN_S }).await?;
    let lost = |_: JsValue| "there is not enough memory".to_owned();
    let pixels = shaded(&spectrum(&part.samples, COLUMNS));
    let (width, height) = (COLUMNS as u32, PITCHES as u32);
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), width, height)
        .map_err(lost)?;
    let brush = canvas.get_context("2d").map_err(lost)?.and_then(|brush| brush.dyn_into().ok());
    let brush: CanvasRenderingContext2d = brush.ok_or("this browser draws none")?;
    brush.put_image_data(&data, 0., 0.).map_err(lost)?;
    let seconds = part.samples.len() as f64 / f64::from(recording.rate_hz.max(1));
    let whole = if part.ends { "All" } else { "The first" };
    Ok(format!(
        "{whole} {seconds:.1} seconds from left to right; pitches from 0 Hz at the bottom to {} Hz at the top. Bright is loud.",
        recording.rate_hz / 2
    ))
}

/// A pixel for each moment and pitch, high pitches above: `(PITCHES, COLUMNS, 4)`.
fn shaded(strengths: &[f32]) -> Vec<u8> {
    let mut pixels = vec![255; PITCHES * COLUMNS * 4];
    for (column, strengths) in strengths.chunks_exact(PITCHES).enumerate() {
        for (pitch, strength) in strengths.iter().enumerate() {
            let at = ((PITCHES - 1 - pitch) * COLUMNS + column) * 4;
            let shade = |from: f32, to: f32| (from + (to - from) * strength) as u8;
            let colour = [
                shade(23., 255.),
                shade(21., 200.),
                shade(19. + 60. * strength * (1. - strength), 120.),
            ];
            if let Some(pixel) = pixels.get_mut(at..at + 3) {
                pixel.copy_from_slice(&colour);
            }
        }
    }
    pixels
}
