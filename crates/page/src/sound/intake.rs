//! Every way to give a sound: a file, a drop, the clipboard, the microphone, a sample; and what plays it.

use std::rc::Rc;

use leptos::{html, prelude::*};
use web_sys::Blob;

use super::{
    Recording,
    microphone::{Heard, Microphone},
};
use crate::{
    desk::{Desk, views::button},
    files::picked,
    format::clock,
    giving::{Giving, Read},
    icon::Icon,
    part::{during, part, press, words},
};

/// Samples beside each of the site's models that listen.
const SAMPLES: usize = 6;

/// A recording that several hold.
pub type Held = Rc<Recording>;

/// The ways to give a sound. Around what is made of it, as a file may be dropped there.
#[component]
pub fn Intake(
    /// Where it says what is wrong with a sound.
    desk: Desk,
    /// The microphone.
    microphone: Microphone,
    /// What takes a file.
    take: Callback<Held>,
    /// What takes what the microphone has heard.
    recorded: Callback<Heard>,
    /// What is made of it.
    children: Children,
) -> impl IntoView {
    let giving = Giving::new(desk, take, read, "wav");
    giving.hear_pastes();
    giving.first();
    let idle = move || !microphone.is_open();
    let stop = move || recorded.run(microphone.close());
    let record = move || {
        giving.give_up();
        microphone.record(desk);
    };
    Effect::new(move || {
        if microphone.is_open() && microphone.is_full() {
            desk.notice.set(Some("the recording is an hour long, and ends here".into()));
            stop();
        }
    });
    view! {
        <div class="pictures" on:drop=move |event| giving.drop(&event)>
            {during(idle, move || view! {
                <div class="actions">
                    <label class="button" title="A WAV, MP3, M4A, FLAC, OGG or WebM file; or drop one here, or paste one">
                        {Icon::Open.view()} "Open a sound"
                        <input class="visually-hidden" type="file" accept="audio/*,video/*,.mkv"
                            aria-label="Open a sound" on:change=move |event| giving.files(picked(&event))/>
                    </label>
                    {button("Record", Icon::Microphone, record)}
                    {samples(giving)}
                </div>
            }.into_any())}
            {during(move || microphone.is_open(), move || recording(microphone, stop))}
            <p class="quiet">"Or drop a sound here. It stays on this computer."</p>
            {children()}
        </div>
    }
    .into_any()
}

fn read(name: String, file: Blob) -> Read<Held> {
    Box::pin(async move { Ok((Rc::new(Recording::of_file(name, file).await?), None)) })
}

/// The sounds that the site brings along.
fn samples(giving: Giving<Held>) -> AnyView {
    let one = |number: usize| {
        let address = giving.sample(number)?;
        let choose = press(move || giving.address(address.clone()));
        let name = format!("Sample {number}");
        Some(
            view! { <button type="button" class="small" on:click=choose>{name}</button> }
                .into_any(),
        )
    };
    (1..=SAMPLES).filter_map(one).collect_view().into_any()
}

/// What is shown while the microphone is open.
fn recording(microphone: Microphone, stop: impl Fn() + Copy + Send + 'static) -> AnyView {
    let time = words(move || clock(f64::from(microphone.tenths()) / 10.));
    view! {
        <div class="actions recording">
            <button type="button" class="stop" on:click=press(stop)>{Icon::Stop.view()} "Stop recording"</button>
            <span class="dot" aria-hidden="true"></span>
            <span role="timer" aria-live="off">{time}</span>
            <meter min="0" max="1" aria-label="Loudness" value=move || microphone.loudness().to_string()></meter>
        </div>
    }
    .into_any()
}

/// What plays the recording; `place` is where others find it.
pub fn player(
    recording: RwSignal<Option<Held>, LocalStorage>,
    place: NodeRef<html::Audio>,
) -> AnyView {
    part(move || {
        let recording = recording.get()?;
        let len = recording.len_s.map(|len_s| format!("{}, ", clock(len_s))).unwrap_or_default();
        let channels = match recording.channels {
            1 => "one channel".to_owned(),
            count => format!("{count} channels, mixed to one"),
        };
        let said = format!("{} · {len}{} Hz, {channels}", recording.name, recording.rate_hz);
        let address = recording.address.as_str().to_owned();
        Some(
            view! {
                <div class="sound">
                    <audio node_ref=place controls preload="metadata" src=address aria-label="The recording"></audio>
                    <p class="quiet">{said}</p>
                </div>
            }
            .into_any(),
        )
    })
}
