//! One picture from the camera.

use gloo::utils;
use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack};

use super::{Taken, header::Size, on_white};
use crate::{
    desk::{Desk, views::button},
    icon::Icon,
    part::part,
};

/// What the camera sees at the moment; it is let go when it is no longer wanted.
#[derive(Clone, Copy)]
pub struct Camera {
    stream: RwSignal<Option<MediaStream>, LocalStorage>,
    place: NodeRef<html::Video>,
}

/// The camera of the component that asks for it.
pub fn use_camera() -> Camera {
    let camera = Camera { stream: RwSignal::new_local(None), place: NodeRef::new() };
    Effect::new(move || {
        if let Some(video) = camera.place.get() {
            video.set_src_object(camera.stream.get().as_ref());
        }
    });
    on_cleanup(move || camera.close());
    camera
}

impl Camera {
    /// Asks the person and the system for it; `said` is told why there is none.
    pub fn open(self, desk: Desk) {
        desk.notice.set(None);
        spawn_local(async move {
            match opened().await {
                // Handed on as it is: a stream's own `clone` is another one, which keeps the camera on.
                Ok(stream) => {
                    if let Some(Some(stream)) = self.stream.try_set(Some(stream)) {
                        // The panel is gone.
                        ended(&stream);
                    }
                }
                Err(why) => drop(desk.notice.try_set(Some(why.into()))),
            }
        });
    }

    /// Lets it go.
    fn close(self) {
        if let Some(stream) = self.stream.try_update_untracked(Option::take).flatten() {
            ended(&stream);
        }
        self.stream.try_set(None);
    }

    /// What it sees now.
    fn shot(self) -> Result<Taken, &'static str> {
        let waits = "the camera has not shown anything yet: wait a moment";
        let video = self.place.get_untracked().ok_or(waits)?;
        let size = Size { width: video.video_width(), height: video.video_height() };
        if size.pixels() == 0 {
            return Err(waits);
        }
        let (width, height) = (size.width.into(), size.height.into());
        let drawn = on_white(size, |brush| {
            brush.draw_image_with_html_video_element_and_dw_and_dh(&video, 0.0, 0.0, width, height)
        });
        let pixels = drawn.map_err(|_| "the camera's picture cannot be read")?;
        Ok(Taken { name: "camera.png".into(), size, note: None, pixels })
    }

    /// What it sees, while it is open, and what takes it.
    pub fn view(self, desk: Desk, take: Callback<Taken>) -> AnyView {
        let shoot = move || match self.shot() {
            Ok(taken) => {
                self.close();
                take.run(taken);
            }
            Err(why) => desk.notice.set(Some(why.into())),
        };
        part(move || {
            self.stream.with(Option::is_some).then(|| {
                view! {
                    <div class="camera">
                        <video node_ref=self.place autoplay playsinline muted aria-label="What the camera sees"></video>
                        <div class="actions">
                            {button("Take the picture", Icon::Camera, shoot)}
                            {button("Close the camera", Icon::Close, move || self.close())}
                        </div>
                    </div>
                }
                .into_any()
            })
        })
    }
}

fn ended(stream: &MediaStream) {
    for track in stream.get_tracks() {
        if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
            track.stop();
        }
    }
}

async fn opened() -> Result<MediaStream, &'static str> {
    let devices = utils::window().navigator().media_devices().ok();
    // Where an address is not secure, browsers have none.
    let devices = devices.filter(|devices| !JsValue::from(devices).is_undefined());
    let devices = devices.ok_or("this browser gives this page no camera: choose a file instead")?;
    let wish = MediaStreamConstraints::new();
    wish.set_video(&true.into());
    let asked = devices.get_user_media_with_constraints(&wish).map_err(|why| refused(&why))?;
    let stream = JsFuture::from(asked).await.map_err(|why| refused(&why))?;
    stream.dyn_into().map_err(|why| refused(&why))
}

fn refused(why: &JsValue) -> &'static str {
    let name = why.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    said(&name)
}

/// What the names of the Media Capture specification mean to a person.
fn said(name: &str) -> &'static str {
    match name {
        "NotAllowedError" | "SecurityError" => {
            "the camera was not allowed: allow it beside the page's address, or choose a file instead"
        }
        "NotFoundError" | "OverconstrainedError" => {
            "there is no camera here: choose a file instead"
        }
        "NotReadableError" | "AbortError" => {
            "the camera cannot be used: another program may have it; close that, or choose a file instead"
        }
        _ => "the camera cannot be used: choose a file instead",
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_camera_that_is_not_there_is_said_in_words() {
        let words = [
            ("NotAllowedError", "not allowed"),
            ("NotFoundError", "no camera here"),
            ("NotReadableError", "another program"),
            ("", "cannot be used"),
        ];
        for (name, words) in words {
            assert!(said(name).contains(words), "{name}");
            assert!(said(name).contains("choose a file"), "{name}");
        }
    }
}
