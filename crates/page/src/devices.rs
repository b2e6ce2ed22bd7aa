//! Cameras and microphones, and why there is none.

use gloo::utils;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, MediaStream, MediaStreamConstraints, MediaStreamTrack};

/// What a page may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// Pictures that move.
    Camera,
    /// Sounds.
    Microphone,
}

impl Device {
    fn name(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Microphone => "microphone",
        }
    }
}

/// Asks the person and the system for it; why there is none, in words.
pub async fn opened(device: Device) -> Result<MediaStream, String> {
    let devices = utils::window().navigator().media_devices().ok();
    // Where an address is not secure, browsers have none.
    let devices = devices.filter(|devices| !JsValue::from(devices).is_undefined());
    let devices = devices.ok_or_else(|| {
        format!("this browser gives this page no {}: choose a file instead", device.name())
    })?;
    let wish = MediaStreamConstraints::new();
    match device {
        Device::Camera => wish.set_video(&true.into()),
        Device::Microphone => wish.set_audio(&true.into()),
    }
    let refused = |why: JsValue| {
        let name = why.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
        said(device, &name)
    };
    let asked = devices.get_user_media_with_constraints(&wish).map_err(refused)?;
    JsFuture::from(asked).await.and_then(|stream| stream.dyn_into()).map_err(refused)
}

/// Lets it go.
pub fn ended(stream: &MediaStream) {
    for track in stream.get_tracks() {
        if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
            track.stop();
        }
    }
}

/// What the names of the Media Capture specification mean to a person.
fn said(device: Device, name: &str) -> String {
    let device = device.name();
    match name {
        "NotAllowedError" | "SecurityError" => format!(
            "the {device} was not allowed: allow it beside the page's address, or choose a file instead"
        ),
        "NotFoundError" | "OverconstrainedError" => {
            format!("there is no {device} here: choose a file instead")
        }
        "NotReadableError" | "AbortError" => format!(
            "the {device} cannot be used: another program may have it; close that, or choose a file instead"
        ),
        _ => format!("the {device} cannot be used: choose a file instead"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Device, said};

    #[test]
    fn a_device_that_is_not_there_is_said_in_words() {
        let words = [
            ("NotAllowedError", "not allowed"),
            ("NotFoundError", "no camera here"),
            ("NotReadableError", "another program"),
            ("", "cannot be used"),
        ];
        for (name, words) in words {
            let why = said(Device::Camera, name);
            assert!(why.contains(words) && why.contains("choose a file"), "{why}");
        }
        assert!(said(Device::Microphone, "NotFoundError").contains("no microphone here"));
    }
}
