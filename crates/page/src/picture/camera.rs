//! One picture from the camera.

use leptos::{html, prelude::*};
use wasm_bindgen_futures::spawn_local;
use web_sys::MediaStream;

use super::{Taken, header::Size, on_white};
use crate::{
    desk::{Desk, views::button},
    devices::{Device, ended, opened},
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
            match opened(Device::Camera).await {
                // Handed on as it is: a stream's own `clone` is another one, which keeps the camera on.
                Ok(stream) => {
                    if let Some(Some(stream)) = self.stream.try_set(Some(stream)) {
                        // The panel is gone.
                        ended(&stream);
                    }
                }
                Err(why) => drop(desk.notice.try_set(Some(why))),
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
