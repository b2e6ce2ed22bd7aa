//! Models that tell of pictures in words, as their panels hold them: captions, answers and matches.

pub mod views;

use api::{
    blip::{About, Partial, Written},
    caption::{self, Caption},
    itm::{self, Fit, Itm},
    vqa::{self, Vqa},
};

use crate::{
    classify::share,
    desk::{Held, Stage},
    embed::table::field,
    picker::title,
};

/// What is written when nothing else is asked for, and what a person may ask for at most.
pub const MOST_TOKENS: u32 = 200;

impl Held for Caption {
    type Ask = caption::Ask;
    type About = About;

    fn about(output: &caption::Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        described(about)
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        stage(partial)
    }
}

impl Held for Vqa {
    type Ask = vqa::Ask;
    type About = About;

    fn about(output: &vqa::Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        described(about)
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        stage(partial)
    }
}

impl Held for Itm {
    type Ask = itm::Ask;
    type About = About;

    fn about(output: &itm::Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        described(about)
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        stage(partial)
    }
}

fn described(about: &About) -> String {
    let About { name, side_px: side, window_tokens } = about;
    let name = title(name);
    format!("{name} · looks at {side} × {side} pixels · reads up to {window_tokens} tokens")
}

fn stage(partial: &Partial) -> Stage {
    let alone = |words| Stage::Working { words, done: 0, total: 1, pieces: "texts" };
    match *partial {
        Partial::Loading(loading) => Stage::Loading(loading),
        Partial::Looking => alone("Looking at the picture…"),
        Partial::Text(_) => alone("Writing…"),
        Partial::Reading { done_texts: done, total_texts: total } => {
            Stage::Working { words: "Reading the texts…", done, total, pieces: "texts" }
        }
    }
}

/// How long a text became, as people read it.
pub fn length(written: &Written) -> String {
    let plural = if written.new_tokens == 1 { "" } else { "s" };
    let cut = if written.unfinished { ", cut: it is as long as it may be" } else { "" };
    format!("{} new token{plural}{cut}", written.new_tokens)
}

/// Most tokens that are to be written, as a person has typed it.
pub fn most_tokens(typed: &str) -> Result<u32, String> {
    match typed.trim().parse() {
        Ok(count) if (1..=MOST_TOKENS).contains(&count) => Ok(count),
        _ => Err(format!("most new tokens: write a whole number from 1 to {MOST_TOKENS}")),
    }
}

/// Texts of a field, one a line, and the lines they stand in, counted from 1.
pub fn texts(typed: &str) -> Result<(Vec<String>, Vec<usize>), String> {
    let lines = (1..).zip(typed.lines().map(str::trim)).filter(|(_, text)| !text.is_empty());
    let (lines, texts): (Vec<_>, Vec<_>) =
        lines.map(|(line, text)| (line, text.to_owned())).unzip();
    match texts.is_empty() {
        true => Err("texts: there are none, write one a line".into()),
        false => Ok((texts, lines)),
    }
}

/// What the page calls a field of the question about texts that stand in `lines`.
pub fn called(field: &str, lines: &[usize]) -> Option<String> {
    match field {
        "picture" => Some("Picture".into()),
        "prefix" => Some("Beginning".into()),
        "question" => Some("Question".into()),
        "texts" => Some("Texts".into()),
        _ => {
            let number: usize = field.strip_prefix("text ")?.parse().ok()?;
            Some(format!("Texts, line {}", lines.get(number.checked_sub(1)?)?))
        }
    }
}

/// Which text fits best, in a sentence; the first of equal ones.
pub fn verdict(fits: &[Fit]) -> String {
    let best = fits.iter().reduce(|a, b| if b.probability > a.probability { b } else { a });
    match best {
        None => String::new(),
        Some(Fit { text, probability, .. }) if *probability < 0.5 => {
            format!("No text fits: the likeliest is “{text}” with {}.", share(*probability))
        }
        Some(Fit { text, probability, .. }) => {
            let also = fits.iter().filter(|fit| fit.probability >= 0.5).count() - 1;
            let also = match also {
                0 => String::new(),
                1 => " One more is likelier true than not.".into(),
                more => format!(" {more} more are likelier true than not."),
            };
            format!("“{text}” fits best, with {}.{also}", share(*probability))
        }
    }
}

/// A text a line, in the order in which they were given.
pub fn csv(fits: &[Fit]) -> String {
    let line =
        |fit: &Fit| format!("{},{:.6},{:.6}\n", field(&fit.text), fit.probability, fit.cosine);
    format!("text,probability,cosine\n{}", fits.iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(text: &str, probability: f32) -> Fit {
        Fit { text: text.into(), probability, cosine: 0.25 }
    }

    #[test]
    fn a_line_is_a_text() {
        let (texts, lines) = texts(" a cat\n\na dog \r\n").unwrap();
        assert_eq!(texts, ["a cat", "a dog"]);
        assert_eq!(called("text 2", &lines).as_deref(), Some("Texts, line 3"));
        assert_eq!(called("text 3", &lines), None);
        assert_eq!(called("question", &[]).as_deref(), Some("Question"));
        assert!(super::texts(" \n").unwrap_err().starts_with("texts: there are none"));
    }

    #[test]
    fn the_likeliest_text_is_named() {
        let fits = [fit("a", 0.25), fit("b", 0.75), fit("c", 0.75)];
        assert_eq!(
            verdict(&fits),
            "“b” fits best, with 75.0 %. One more is likelier true than not."
        );
        assert_eq!(verdict(&fits[..1]), "No text fits: the likeliest is “a” with 25.0 %.");
        assert_eq!(verdict(&fits[..2]), "“b” fits best, with 75.0 %.");
        assert_eq!(verdict(&[]), "");
    }

    #[test]
    fn a_number_of_tokens_is_read_or_refused() {
        assert_eq!(most_tokens(" 20 "), Ok(20));
        for typed in ["", "0", "201", "2.5", "many"] {
            assert!(most_tokens(typed).unwrap_err().contains("from 1 to 200"), "{typed}");
        }
    }

    #[test]
    fn a_file_holds_every_text() {
        let fits = [fit("a cat, asleep", 0.5), fit("b", 1.0)];
        let want =
            "text,probability,cosine\n\"a cat, asleep\",0.500000,0.250000\nb,1.000000,0.250000\n";
        assert_eq!(csv(&fits), want);
    }

    #[test]
    fn a_text_that_was_cut_says_so() {
        let written = |new_tokens, unfinished| Written { text: "a".into(), new_tokens, unfinished };
        assert_eq!(length(&written(1, false)), "1 new token");
        assert_eq!(length(&written(20, true)), "20 new tokens, cut: it is as long as it may be");
    }
}
