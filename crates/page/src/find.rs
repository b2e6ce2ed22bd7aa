//! A model that finds by words as its panel holds it.

use api::find::{About, Ask, Find, Output, Partial};

use crate::{
    desk::{Held, Stage},
    picker::title,
};

impl Held for Find {
    type Ask = Ask;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        let (name, side) = (title(&about.name), about.side_px);
        format!(
            "{name} · looks at {side} × {side} pixels · reads up to {} tokens a label",
            about.window_tokens
        )
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        match *partial {
            Partial::Loading(loading) => Stage::Loading(loading),
            Partial::Looking => Stage::Working {
                words: "Looking at the picture…",
                done: 0,
                total: 1,
                pieces: "pictures",
            },
            Partial::Reading { done_labels: done, total_labels: total } => {
                Stage::Working { words: "Reading the labels…", done, total, pieces: "labels" }
            }
        }
    }
}
