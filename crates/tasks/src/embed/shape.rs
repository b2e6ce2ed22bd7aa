use std::borrow::Cow;

use api::{
    Failure,
    embed::{Embed, Pooling},
};
use serde::Deserialize;

use crate::{
    Kit,
    checkpoint::{self, no_model, parsed},
};

const MODULES: &str = "modules.json";
const SENTENCE: &str = "sentence_bert_config.json";

/// What a sentence model's small files say about how it is read. Without them: the mean of all tokens,
/// at length 1, of as many tokens as the network has positions for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) pooling: Pooling,
    pub(super) normalized: bool,
    max_seq_length: Option<usize>,
    do_lower_case: bool,
}

// Fields are those of the files.
#[derive(Deserialize)]
struct Module {
    path: String,
    r#type: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sentence {
    max_seq_length: Option<usize>,
    do_lower_case: bool,
}

#[derive(Deserialize)]
struct Modes {
    #[serde(flatten)]
    all: std::collections::BTreeMap<String, serde_json::Value>,
}

impl Shape {
    pub(super) async fn read(
        kit: &Kit<Embed>,
        model: &str,
        names: &[String],
    ) -> Result<Self, Failure> {
        let bytes = async |name: &str| checkpoint::read(kit, model, names, name).await;
        let modules = bytes(MODULES).await?;
        let (folder, normalized) = match &modules {
            Some(body) => steps(parsed(MODULES, body)?)?,
            None => (Some("1_Pooling".to_owned()), true),
        };
        let pooling = match folder.map(|folder| format!("{folder}/config.json")) {
            Some(file) => match bytes(&file).await? {
                Some(body) => mode(&file, parsed(&file, &body)?)?,
                None if modules.is_some() => return Err(lacks(&file)),
                None => Pooling::Mean,
            },
            None => Pooling::Mean,
        };
        let sentence = match bytes(SENTENCE).await? {
            Some(body) => parsed(SENTENCE, &body)?,
            None => Sentence::default(),
        };
        let Sentence { max_seq_length, do_lower_case } = sentence;
        Ok(Self { pooling, normalized, max_seq_length, do_lower_case })
    }

    /// Most tokens a text may have in a network of so many positions.
    pub(super) fn window_tokens(&self, positions: usize) -> usize {
        self.max_seq_length.unwrap_or(positions).min(positions)
    }

    /// A text as the tokenizer is given it.
    pub(super) fn prepared<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.do_lower_case {
            true => text.to_lowercase().into(),
            false => text.into(),
        }
    }
}

fn lacks(file: &str) -> Failure {
    no_model(format!(
        "{MODULES} names {file}, which is not among the files: choose the whole folder of the model"
    ))
}

/// The pooling's folder, and whether vectors are normalized.
fn steps(modules: Vec<Module>) -> Result<(Option<String>, bool), Failure> {
    let (mut folder, mut normalized) = (None, false);
    for Module { path, r#type } in modules {
        match r#type.rsplit('.').next().unwrap_or_default() {
            "Transformer" => {}
            "Pooling" => folder = Some(path),
            "Normalize" => normalized = true,
            other => {
                let reason =
                    format!("{MODULES} has a step `{other}`, which this build does not have");
                return Err(no_model(reason));
            }
        }
    }
    Ok((folder, normalized))
}

/// The one way of pooling that is switched on.
fn mode(file: &str, modes: Modes) -> Result<Pooling, Failure> {
    let on = |(name, value): &(&String, &serde_json::Value)| {
        name.starts_with("pooling_mode_") && value.as_bool() == Some(true)
    };
    let named = modes.all.get("pooling_mode").and_then(serde_json::Value::as_str);
    let switched = modes.all.iter().filter(on).map(|(name, _)| name.as_str());
    let all: Vec<&str> = named.into_iter().chain(switched).collect();
    match all[..] {
        ["pooling_mode_mean_tokens" | "mean"] => Ok(Pooling::Mean),
        ["pooling_mode_cls_token" | "cls"] => Ok(Pooling::First),
        ["pooling_mode_max_tokens" | "max"] => Ok(Pooling::Largest),
        _ => Err(no_model(format!(
            "{file} asks for {}; this build has one of mean, cls or max",
            if all.is_empty() { "no pooling".to_owned() } else { all.join(" and ") }
        ))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[track_caller]
    fn check(json: &str, want: Result<Pooling, &str>) {
        match (mode("p", serde_json::from_str(json).unwrap()), want) {
            (Ok(got), Ok(want)) => assert_eq!(got, want, "{json}"),
            (Err(why), Err(want)) => assert!(why.to_string().contains(want), "{why}"),
            (got, _) => panic!("{json}: {got:?}"),
        }
    }

    #[test]
    fn one_way_of_pooling_is_taken_and_no_other() {
        check(
            r#"{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}"#,
            Ok(Pooling::Mean),
        );
        check(r#"{"pooling_mode_cls_token": true}"#, Ok(Pooling::First));
        check(r#"{"word_embedding_dimension": 3, "pooling_mode": "max"}"#, Ok(Pooling::Largest));
        check("{}", Err("no pooling"));
        check(r#"{"pooling_mode_weightedmean_tokens": true}"#, Err("weightedmean"));
        let two = r#"{"pooling_mode_cls_token": true, "pooling_mode_max_tokens": true}"#;
        check(two, Err("pooling_mode_cls_token and pooling_mode_max_tokens"));
    }

    #[test]
    fn a_step_that_is_not_known_is_refused() {
        let module =
            |path: &str, name: &str| Module { path: path.into(), r#type: format!("a.b.{name}") };
        let known = vec![module("", "Transformer"), module("1_Pooling", "Pooling")];
        assert_eq!(steps(known), Ok((Some("1_Pooling".into()), false)));
        let why = steps(vec![module("2_Dense", "Dense")]).unwrap_err().to_string();
        assert!(why.contains("`Dense`"), "{why}");
    }

    #[test]
    fn a_window_is_never_larger_than_the_network() {
        let shape = |max_seq_length| Shape {
            pooling: Pooling::Mean,
            normalized: true,
            max_seq_length,
            do_lower_case: true,
        };
        assert_eq!(shape(Some(256)).window_tokens(512), 256);
        assert_eq!(shape(Some(600)).window_tokens(512), 512);
        assert_eq!(shape(None).window_tokens(512), 512);
        assert_eq!(shape(None).prepared("AÉ"), "aé");
    }
}
