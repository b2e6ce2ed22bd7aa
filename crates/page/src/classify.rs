//! Labels of a picture: how they are read off a field, and what is saved of their scores.

use api::classify::{About, Ask, Classify, Output, Partial, Score};
use leptos::prelude::*;
use serde_json::json;

use crate::{
    desk::{
        Held, Stage,
        field::{Kind, PLAIN},
    },
    embed::table::field,
    picker::title,
};

/// Where a label goes in a template.
const PLACE: &str = "{}";

impl Held for Classify {
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

/// A field for labels.
pub const LABELS: Kind = Kind {
    hint: "One label a line",
    accept: ".txt",
    counted: |typed| match Labels::read(typed, "").map_or(0, |labels| labels.texts.len()) {
        1 => "1 label".into(),
        count => format!("{count} labels"),
    },
    ..PLAIN
};

/// Labels, and the lines they stand in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// As the model reads them.
    pub texts: Vec<String>,
    /// Counted from 1; empty lines hold no label.
    lines: Vec<usize>,
}

impl Labels {
    /// One label a line, each put into the template if there is one.
    pub fn read(typed: &str, template: &str) -> Result<Self, String> {
        let template = template.trim();
        if !template.is_empty() && !template.contains(PLACE) {
            return Err(format!(
                "template: write {PLACE} where the label goes, as in “a photo of {PLACE}”"
            ));
        }
        let filled = |label: &str| match template {
            "" => label.to_owned(),
            template => template.replace(PLACE, label),
        };
        let labels = (1..).zip(typed.lines().map(str::trim)).filter(|(_, label)| !label.is_empty());
        let (lines, texts): (Vec<_>, Vec<_>) =
            labels.map(|(line, label)| (line, filled(label))).unzip();
        match texts.is_empty() {
            true => Err("labels: there are none, write one a line, at least two to compare".into()),
            false => Ok(Self { texts, lines }),
        }
    }

    /// What the page calls a field of the question.
    pub fn called(&self, field: &str) -> Option<String> {
        match field {
            "picture" => Some("Picture".into()),
            "labels" => Some("Labels".into()),
            _ => {
                let number: usize = field.strip_prefix("label ")?.parse().ok()?;
                let line = self.lines.get(number.checked_sub(1)?)?;
                Some(format!("Labels, line {line}"))
            }
        }
    }
}

/// A part of one as people read it.
pub fn share(probability: f32) -> String {
    format!("{:.1} %", probability * 100.0)
}

/// A label a line, the likeliest first.
pub fn csv(scores: &[Score]) -> String {
    let line = |s: &Score| format!("{},{:.6},{:.4}\n", field(&s.label), s.probability, s.logit);
    format!("label,probability,logit\n{}", scores.iter().map(line).collect::<String>())
}

/// The same with the model's and the picture's name.
pub fn json(scores: &[Score], model: &str, picture: &str) -> String {
    let one =
        |s: &Score| json!({ "label": s.label, "probability": s.probability, "logit": s.logit });
    let scores: Vec<_> = scores.iter().map(one).collect();
    format!("{:#}\n", json!({ "model": model, "picture": picture, "scores": scores }))
}

/// A bar for every label, the likeliest first.
pub fn bars(scores: &[Score]) -> AnyView {
    let bar = |score: &Score| {
        let part = score.probability.to_string();
        view! {
            <li>
                <span dir="auto">{score.label.clone()}</span>
                <meter min="0" max="1" value=part aria-hidden="true"></meter>
                <strong>{share(score.probability)}</strong>
                <small title="Cosine of both, times the scale the model has learnt">
                    {format!("logit {:.2}", score.logit)}
                </small>
            </li>
        }
    };
    view! { <ol class="scores" id="scores" aria-label="Labels, the likeliest first">{scores.iter().map(bar).collect_view()}</ol> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_label_put_into_the_template() {
        let labels = Labels::read(" a cat\n\na dog \r\n", "").unwrap();
        assert_eq!(labels.texts, ["a cat", "a dog"]);
        assert_eq!(labels.called("label 2").as_deref(), Some("Labels, line 3"));
        assert_eq!(labels.called("label 3"), None);
        assert_eq!(labels.called("labels").as_deref(), Some("Labels"));
        let filled = Labels::read("cat", " a photo of {}, a {} ").unwrap();
        assert_eq!(filled.texts, ["a photo of cat, a cat"]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(Labels::read(" \n", "").unwrap_err().starts_with("labels: there are none"));
        assert!(Labels::read("cat", "a photo").unwrap_err().contains("write {} where"));
    }

    #[test]
    fn files_hold_every_score() {
        let score =
            |label: &str, probability, logit| Score { label: label.into(), probability, logit };
        let scores = [score("a cat, asleep", 0.75, 20.5), score("a dog", 0.25, 19.401_4)];
        let want =
            "label,probability,logit\n\"a cat, asleep\",0.750000,20.5000\na dog,0.250000,19.4014\n";
        assert_eq!(csv(&scores), want);
        let all: serde_json::Value = serde_json::from_str(&json(&scores, "m", "p.png")).unwrap();
        assert_eq!(
            (&all["picture"], &all["scores"][1]["label"]),
            (&"p.png".into(), &"a dog".into())
        );
        assert_eq!(share(0.123_46), "12.3 %");
    }
}
