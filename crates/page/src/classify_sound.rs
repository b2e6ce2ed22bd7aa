//! Labels of a sound, as the page keeps them.

use api::classify_sound::{About, Ask, ClassifySound, Output, Partial};

use crate::{
    desk::{Held, Stage},
    picker::title,
};

impl Held for ClassifySound {
    type Ask = Ask;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        let (name, seconds) = (title(&about.name), f64::from(about.length_ms) / 1000.);
        format!("{name} · listens to {seconds} s at {} Hz", about.rate_hz)
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        match *partial {
            Partial::Loading(loading) => Stage::Loading(loading),
            Partial::Listening => {
                Stage::Working { words: "Listening…", done: 0, total: 1, pieces: "sounds" }
            }
            Partial::Reading { done_labels: done, total_labels: total } => {
                Stage::Working { words: "Reading the labels…", done, total, pieces: "labels" }
            }
        }
    }
}
