//! Translation as the page keeps it: languages by what a person types, and what is saved.

use api::translate::{About, Ask, Language, Output, Partial, Segment, Translate};
use serde_json::json;

use crate::{
    desk::{Held, Stage},
    embed::table::field,
    picker::title,
};

impl Held for Translate {
    type Ask = Ask;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        format!(
            "{} · {} · reads up to {} tokens of a sentence",
            title(&about.name),
            match about.targets.len() {
                1 => "into one language".into(),
                count => format!("{count} languages"),
            },
            about.window_tokens
        )
    }

    fn stage(partial: &Partial, before: Option<Stage>) -> Stage {
        let working =
            |total| Stage::Working { words: "Translating…", done: 0, total, pieces: "sentences" };
        match *partial {
            Partial::Loading(loading) => Stage::Loading(loading),
            Partial::Split { segments } => working(segments),
            Partial::Done(_) => before.unwrap_or(working(1)).and_one(),
        }
    }
}

/// The language a person means, by its code, its name, or the beginning of one; what to do if there is
/// none, or more than one.
pub fn meant<'a>(languages: &'a [Language], typed: &str) -> Result<&'a Language, String> {
    const MOST: usize = 5;
    let typed = typed.trim();
    let wanted = typed.to_lowercase();
    let code = |l: &&Language| l.code.to_lowercase() == wanted;
    let name = |l: &&Language| l.name.to_lowercase() == wanted;
    if let Some(exact) = languages.iter().find(code).or_else(|| languages.iter().find(name)) {
        return Ok(exact);
    }
    let begins = |l: &&Language| l.name.to_lowercase().starts_with(&wanted);
    let like: Vec<_> = languages.iter().filter(begins).collect();
    let some = |list: &[&Language]| {
        let names: Vec<_> = list.iter().take(MOST).map(|l| l.name.as_str()).collect();
        let more = list.len().saturating_sub(MOST);
        names.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
    };
    match like[..] {
        [one] => Ok(one),
        [] => {
            let all: Vec<_> = languages.iter().collect();
            Err(format!("no language “{typed}” here: this model knows {}", some(&all)))
        }
        _ => Err(format!("“{typed}” may be {}: write more of it", some(&like))),
    }
}

/// The pair of codes to begin with: those that stand already if the model knows them, else English into
/// French, else the first that differ.
pub fn pair(about: &About, source: &str, target: &str) -> (String, String) {
    let first = |list: &[Language], wanted: &[&str], not: &str| {
        let known = |code: &&&str| list.iter().any(|l| l.code == **code);
        let other = || list.iter().find(|l| l.code != not).or(list.first());
        let found = wanted.iter().find(known).map(|code| (*code).to_owned());
        found.or_else(|| other().map(|l| l.code.clone())).unwrap_or_default()
    };
    let source = first(&about.sources, &[source, "eng_Latn", "en"], "");
    let targets: Vec<_> =
        [target, "fra_Latn", "fr"].into_iter().filter(|code| *code != source).collect();
    let target = first(&about.targets, &targets, &source);
    (source, target)
}

/// The code of a language as the web writes it: `fra-Latn` for `fra_Latn`. `None` if it is none.
pub fn tag(code: &str) -> Option<String> {
    let letters = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let (language, script) = code.split_once('_').map_or((code, None), |(l, s)| (l, Some(s)));
    let good = letters(language, 2..=3) && script.is_none_or(|script| letters(script, 4..=4));
    good.then(|| code.replace('_', "-"))
}

/// The translation as one text.
pub fn whole(segments: &[Segment]) -> String {
    segments.iter().flat_map(|s| [s.lead.as_str(), s.target.as_str()]).collect()
}

/// Sentences beside their translations, as a table.
pub fn csv(segments: &[Segment], source: &str, target: &str) -> String {
    let line = |s: &Segment| format!("{},{}\n", field(&s.source), field(&s.target));
    let lines: String = segments.iter().map(line).collect();
    format!("{source},{target}\n{lines}")
}

/// Sentences beside their translations, with the model's name and the codes.
pub fn json(segments: &[Segment], model: &str, source: &str, target: &str) -> String {
    let one = |s: &Segment| json!({ "lead": s.lead, "source": s.source, "target": s.target });
    let segments: Vec<_> = segments.iter().map(one).collect();
    let all = json!({ "model": model, "source": source, "target": target, "segments": segments });
    format!("{all}\n")
}

/// What a person should know of a segment; `None` if it is whole.
pub fn note(segment: &Segment) -> Option<&'static str> {
    match (segment.part, segment.unfinished) {
        (true, true) => Some("a part of a long sentence, and its translation is cut"),
        (true, false) => Some("a part of a sentence that is longer than the model reads"),
        (false, true) => Some("the translation is cut: it is as long as answers may be"),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(code: &str, name: &str) -> Language {
        Language { code: code.into(), name: name.into() }
    }

    fn known() -> Vec<Language> {
        [("eng_Latn", "English"), ("fra_Latn", "French"), ("zho_Hans", "Chinese (simplified)")]
            .into_iter()
            .chain([("zho_Hant", "Chinese (traditional)")])
            .map(|(code, name)| language(code, name))
            .collect()
    }

    #[track_caller]
    fn check(typed: &str, want: Result<&str, &str>) {
        match (meant(&known(), typed), want) {
            (Ok(found), Ok(code)) => assert_eq!(found.code, code),
            (Err(why), Err(words)) => assert!(why.contains(words), "{why}"),
            (got, _) => panic!("{typed}: {got:?}"),
        }
    }

    #[test]
    fn a_language_is_found_by_code_name_or_beginning() {
        check("FRA_latn", Ok("fra_Latn"));
        check(" french ", Ok("fra_Latn"));
        check("eng", Ok("eng_Latn"));
        check("Chin", Err("may be Chinese (simplified), Chinese (traditional): write more"));
        check("Klingon", Err("no language “Klingon” here: this model knows English, French"));
    }

    #[test]
    fn a_model_begins_with_two_languages_it_knows() {
        let about = |codes: &[&str]| About {
            name: "m".into(),
            sources: codes.iter().map(|code| language(code, code)).collect(),
            targets: codes.iter().map(|code| language(code, code)).collect(),
            window_tokens: 9,
            beams: 4,
        };
        let begun = |codes: &[&str], a: &str, b: &str| pair(&about(codes), a, b);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let four = ["deu_Latn", "eng_Latn", "fra_Latn", "spa_Latn"];
        assert_eq!(begun(&four, "", ""), pair("eng_Latn", "fra_Latn"));
        assert_eq!(begun(&four, "fra_Latn", "fra_Latn"), pair("fra_Latn", "deu_Latn"));
        assert_eq!(begun(&four, "spa_Latn", "deu_Latn"), pair("spa_Latn", "deu_Latn"));
        assert_eq!(begun(&["x", "y"], "", ""), pair("x", "y"));
    }

    #[test]
    fn only_a_code_of_a_language_is_a_tag() {
        assert_eq!(tag("fra_Latn").as_deref(), Some("fra-Latn"));
        assert_eq!(tag("fr").as_deref(), Some("fr"));
        for none in ["", ">>fr<<", "french", "fra_", "fra_Latn_x"] {
            assert_eq!(tag(none), None);
        }
    }

    fn segments() -> Vec<Segment> {
        let one = |lead: &str, source: &str, target: &str| Segment {
            lead: lead.into(),
            source: source.into(),
            target: target.into(),
            part: false,
            unfinished: false,
        };
        vec![one("", "Hello, you.", "Bonjour."), one("\n\n", "Go.", "Va.")]
    }

    #[test]
    fn what_is_saved_keeps_the_breaks_and_the_pairs() {
        let segments = segments();
        assert_eq!(whole(&segments), "Bonjour.\n\nVa.");
        assert_eq!(csv(&segments, "en", "fr"), "en,fr\n\"Hello, you.\",Bonjour.\nGo.,Va.\n");
        let back: serde_json::Value =
            serde_json::from_str(&json(&segments, "m", "en", "fr")).unwrap();
        assert_eq!(back["segments"][1]["lead"], "\n\n");
        assert_eq!(note(&segments[0]), None);
    }

    #[test]
    fn every_segment_is_one_step() {
        let split = Translate::stage(&Partial::Split { segments: 2 }, None);
        let after = Translate::stage(&Partial::Done(segments()[0].clone()), Some(split));
        assert!(matches!(after, Stage::Working { done: 1, total: 2, .. }));
    }
}
