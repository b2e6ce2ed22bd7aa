use api::{Failure, translate::Language};
use models::seq2seq::Family;

use super::names::name;
use crate::{checkpoint::no_model, seq2seq::Writer, text::Text};

/// Codes shown when one is not known.
const SHOWN: usize = 8;

/// How a model is told what to translate into what.
pub(super) enum Languages {
    /// By tokens of M2M100 and NLLB: the source's before the text, the target's as the first answer.
    Coded(Vec<Code>),
    /// Not at all, or by a token of the target before the text, if Marian's vocabulary has several.
    Marian { source: String, targets: Vec<Code> },
    /// By words before the text, as T5's `config.json` has them for each pair.
    Told(Vec<Told>),
}

/// A language and its token.
pub(super) struct Code {
    code: String,
    /// None if the model is not told.
    id: Option<u32>,
}

/// A pair that `config.json` names.
pub(super) struct Told {
    source: String,
    target: String,
    task: String,
}

/// Of one question: what is put around a text, and what the answer begins with.
#[derive(Default)]
pub(super) struct Pair {
    /// Put before the tokens of the text, instead of the checkpoint's own.
    before: Before,
    /// First token of the answer.
    pub(super) first: Option<u32>,
    /// Name in `config.json`.
    pub(super) task: Option<String>,
}

#[derive(Default)]
enum Before {
    #[default]
    Nothing,
    /// A token, with the end of the text after it.
    Token {
        code: u32,
        end: u32,
    },
    Words(String),
}

impl Pair {
    /// Ids of a text as the model is given it.
    pub(super) fn ids(&self, text: &Text, source: &str) -> Result<Vec<u32>, Failure> {
        match &self.before {
            Before::Nothing => text.whole(source),
            Before::Words(words) => text.whole(&format!("{words}{source}")),
            Before::Token { code, end } => {
                let own = text.plain(source)?;
                Ok([*code].into_iter().chain(own).chain([*end]).collect())
            }
        }
    }
}

impl Languages {
    /// What a model's vocabulary, or its files, know.
    pub(super) fn read(writer: &Writer) -> Result<Self, Failure> {
        let languages = match writer.family() {
            Family::M2m100 => Self::Coded(coded(&writer.text, flores_or_m2m)),
            Family::Marian => Self::Marian {
                source: writer.tokenizer.source_lang.clone().unwrap_or_else(|| "source".into()),
                targets: marian(writer),
            },
            Family::T5 => Self::Told(writer.tasks().filter_map(told).collect()),
            Family::Bart | Family::Blenderbot | Family::Mbart => {
                let reason = "it is no translator: choose a model of M2M100, NLLB, Marian or T5";
                return Err(no_model(reason.into()));
            }
        };
        match languages.targets().is_empty() {
            true => Err(no_model(
                "neither its tokenizer nor its config.json names a language it translates".into(),
            )),
            false => Ok(languages),
        }
    }

    /// The name in `config.json` that its settings stand under.
    pub(super) fn task(&self) -> Option<&str> {
        match self {
            Self::Coded(_) | Self::Marian { .. } => None,
            Self::Told(pairs) => pairs.first().map(|pair| pair.task.as_str()),
        }
    }

    /// Most tokens that are put around a text.
    pub(super) fn around(&self, writer: &Writer) -> Result<usize, Failure> {
        match self {
            Self::Coded(_) | Self::Marian { .. } => Ok(2),
            Self::Told(pairs) => {
                let mut most = 0;
                for pair in pairs {
                    let words = writer.prefix(&pair.task).unwrap_or_default();
                    most = most.max(writer.text.whole(words)?.len());
                }
                Ok(most)
            }
        }
    }

    /// What it reads, by name.
    pub(super) fn sources(&self) -> Vec<Language> {
        match self {
            Self::Coded(codes) => listed(codes.iter().map(|one| one.code.as_str())),
            Self::Marian { source, .. } => listed([source.as_str()].into_iter()),
            Self::Told(pairs) => listed(pairs.iter().map(|pair| pair.source.as_str())),
        }
    }

    /// What it writes, by name.
    pub(super) fn targets(&self) -> Vec<Language> {
        match self {
            Self::Coded(codes) | Self::Marian { targets: codes, .. } => {
                listed(codes.iter().map(|one| one.code.as_str()))
            }
            Self::Told(pairs) => listed(pairs.iter().map(|pair| pair.target.as_str())),
        }
    }

    /// How to ask for a pair.
    pub(super) fn pair(
        &self,
        writer: &Writer,
        source: &str,
        target: &str,
    ) -> Result<Pair, Failure> {
        known("source", source, &self.sources())?;
        known("target", target, &self.targets())?;
        let of = |codes: &[Code], wanted: &str| {
            codes.iter().find(|one| one.code == wanted).and_then(|one| one.id)
        };
        match self {
            Self::Coded(codes) => {
                let end = end(writer)?;
                let before = match of(codes, source) {
                    Some(code) => Before::Token { code, end },
                    None => Before::Nothing,
                };
                Ok(Pair { before, first: of(codes, target), task: None })
            }
            Self::Marian { targets, .. } => match of(targets, target) {
                Some(code) => {
                    let before = Before::Token { code, end: end(writer)? };
                    Ok(Pair { before, ..Pair::default() })
                }
                None => Ok(Pair::default()),
            },
            Self::Told(pairs) => {
                let same = |pair: &&Told| pair.source == source && pair.target == target;
                let pair = pairs.iter().find(same).ok_or_else(|| {
                    Failure::input(
                        "target",
                        format!("this model does not translate {source} into {target}"),
                    )
                })?;
                let words = writer.prefix(&pair.task).unwrap_or_default().to_owned();
                let task = Some(pair.task.clone());
                Ok(Pair { before: Before::Words(words), first: None, task })
            }
        }
    }
}

/// The token after a text.
fn end(writer: &Writer) -> Result<u32, Failure> {
    let lacks = || no_model("its tokenizer lacks `</s>`, which ends a text".into());
    writer.text.id("</s>").ok_or_else(lacks)
}

/// Codes once each, by their names.
fn listed<'c>(codes: impl Iterator<Item = &'c str>) -> Vec<Language> {
    let of = |code: &str| Language { code: code.into(), name: name(code) };
    let mut all: Vec<_> = codes.map(of).collect();
    all.sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
    all.dedup();
    all
}

fn known(field: &str, code: &str, languages: &[Language]) -> Result<(), Failure> {
    if languages.iter().any(|language| language.code == code) {
        return Ok(());
    }
    let shown: Vec<_> = languages.iter().take(SHOWN).map(|one| one.code.as_str()).collect();
    let more = match languages.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let there = format!("{}{more}", shown.join(", "));
    Err(Failure::input(field, format!("this model has no language `{code}`: it has {there}")))
}

fn coded(text: &Text, code: fn(&str) -> Option<&str>) -> Vec<Code> {
    let tokens = text.special().into_iter();
    let of = |(token, id): (String, u32)| Some(Code { code: code(&token)?.into(), id: Some(id) });
    tokens.filter_map(of).collect()
}

/// `fra_Latn` of NLLB, `fr` of M2M100's `__fr__`.
fn flores_or_m2m(token: &str) -> Option<&str> {
    let small = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase());
    if let Some(code) = token.strip_prefix("__").and_then(|rest| rest.strip_suffix("__")) {
        return Some(code).filter(|code| (2..=3).contains(&code.len()) && small(code));
    }
    let (language, script) = token.split_once('_')?;
    let written = script.len() == 4
        && script.starts_with(|c: char| c.is_ascii_uppercase())
        && small(&script[1..]);
    (language.len() == 3 && small(language) && written).then_some(token)
}

/// Targets by tokens such as `>>fra<<`, or the one that the files name.
fn marian(writer: &Writer) -> Vec<Code> {
    let codes = coded(&writer.text, |token| token.strip_prefix(">>")?.strip_suffix("<<"));
    match codes.is_empty() {
        false => codes,
        true => {
            let code = writer.tokenizer.target_lang.clone().unwrap_or_else(|| "target".into());
            vec![Code { code, id: None }]
        }
    }
}

/// `translation_en_to_de` of `config.json`.
fn told(task: &str) -> Option<Told> {
    let (source, target) = task.strip_prefix("translation_")?.split_once("_to_")?;
    Some(Told { source: source.into(), target: target.into(), task: task.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_tokens() {
        let check = |token, want| assert_eq!(flores_or_m2m(token), want, "{token}");
        check("fra_Latn", Some("fra_Latn"));
        check("__fr__", Some("fr"));
        check("__ast__", Some("ast"));
        for token in
            ["</s>", "<mask>", "____", "__french__", "fr_XX", "fra_latn", "madeupword0", "_"]
        {
            check(token, None);
        }
    }

    #[test]
    fn pairs_are_read_off_the_names_of_tasks() {
        let pair = told("translation_en_to_de").map(|pair| (pair.source, pair.target));
        assert_eq!(pair, Some(("en".into(), "de".into())));
        assert!(told("summarization").is_none());
    }
}
