//! Every way to give a picture: a file, a drop, the clipboard, the camera, an address, a sample.

use leptos::prelude::*;
use web_sys::Blob;

use super::{Taken, camera::use_camera, taken};
use crate::{
    desk::{Desk, views::button},
    files::picked,
    giving::{Giving, Read},
    icon::Icon,
    part::{part, press, sent, typed},
};

/// Samples beside each of the site's models that look at pictures.
const SAMPLES: usize = 6;
/// The ways to give a picture. Around what is drawn of it, as a file may be dropped there.
#[component]
pub fn Intake(
    /// Where it says what is wrong with a picture.
    desk: Desk,
    /// What takes the picture.
    take: Callback<Taken>,
    /// What is drawn of it.
    children: Children,
) -> impl IntoView {
    let camera = use_camera();
    let giving = Giving::new(desk, take, read, "png");
    giving.hear_pastes();
    giving.first();
    view! {
        <div class="pictures" on:drop=move |event| giving.drop(&event)>
            <div class="actions">
                <label class="button" title="A PNG, JPEG, WebP or GIF file; or drop one here, or paste one">
                    {Icon::Picture.view()} "Open a picture"
                    <input class="visually-hidden" type="file" accept="image/png,image/jpeg,image/webp,image/gif"
                        aria-label="Open a picture" on:change=move |event| giving.files(picked(&event))/>
                </label>
                {button("Camera", Icon::Camera, move || camera.open(desk))}
                {address(giving)}
                {samples(giving)}
            </div>
            <p class="quiet">"Or drop a picture here, or paste one. It stays on this computer."</p>
            {camera.view(desk, take)}
            {children()}
        </div>
    }
    .into_any()
}

fn read(name: String, file: Blob) -> Read<Taken> {
    Box::pin(async move {
        let taken = taken(&name, &file).await?;
        let note = taken.note.clone();
        Ok((taken, note))
    })
}

/// The pictures that the site brings along.
fn samples(giving: Giving<Taken>) -> AnyView {
    let one = |number: usize| {
        let address = giving.sample(number)?;
        let (source, name) = (address.clone(), format!("Sample {number}"));
        let drawn = view! {
            <button type="button" class="sample" title=format!("Sample {number}") on:click=press(move || giving.address(address.clone()))>
                <img src=source alt=name width="40" height="40"/>
            </button>
        };
        Some(drawn.into_any())
    };
    (1..=SAMPLES).filter_map(one).collect_view().into_any()
}

/// A field for an address of this site.
fn address(giving: Giving<Taken>) -> AnyView {
    let (open, text) = (RwSignal::new(false), RwSignal::new(String::new()));
    let ask = move || {
        let address = text.with_untracked(|text| text.trim().to_owned());
        match address.is_empty() {
            true => {
                giving.desk.notice.set(Some("write the address of a picture of this site".into()))
            }
            false => giving.address(address),
        }
    };
    let form = move || {
        view! {
            <form class="search wide" on:submit=sent(ask)>
                <label>
                    "Address of a picture of this site"
                    <input type="text" inputmode="url" autocomplete="off" prop:value=text
                        on:input=typed(move |typed| text.set(typed))/>
                </label>
                <button type="submit">"Take it"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <button type="button" aria-expanded=move || open.get().to_string()
            on:click=press(move || open.update(|open| *open = !*open))>
            {Icon::Link.view()} "Address"
        </button>
        {part(move || open.get().then(form))}
    }
    .into_any()
}
