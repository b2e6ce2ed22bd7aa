//! Summaries as the page keeps them: round by round, and what is saved.

use api::summarize::{About, Ask, Chunk, Output, Partial, Summarize, Summary};

use crate::{
    desk::{Held, Stage},
    picker::title,
};

impl Held for Summarize {
    type Ask = Ask;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        format!(
            "{} · reads up to {} tokens at once · writes {} to {}",
            title(&about.name),
            about.window_tokens,
            about.min_tokens,
            about.max_tokens
        )
    }

    fn stage(partial: &Partial, before: Option<Stage>) -> Stage {
        let working =
            |total| Stage::Working { words: "Summarizing…", done: 0, total, pieces: "chunks" };
        match partial {
            Partial::Loading(loading) => Stage::Loading(*loading),
            Partial::Round { chunks } => working(u32::try_from(chunks.len()).unwrap_or(u32::MAX)),
            Partial::Done(_) => before.unwrap_or(working(1)).and_one(),
        }
    }
}

/// A text the model reads at once, and its summary if it has one already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What is read.
    pub text: String,
    /// What it says.
    pub summary: Option<Summary>,
}

/// Every round so far; the first reads the text, each other one the summaries of the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rounds(pub Vec<Vec<Piece>>);

impl Rounds {
    /// After another partial.
    pub fn hear(&mut self, partial: &Partial) {
        match partial {
            Partial::Loading(_) => {}
            Partial::Round { chunks } => {
                let piece = |text: &String| Piece { text: text.clone(), summary: None };
                self.0.push(chunks.iter().map(piece).collect());
            }
            Partial::Done(summary) => {
                let round = self.0.last_mut();
                let next = round.and_then(|round| round.iter_mut().find(|p| p.summary.is_none()));
                if let Some(next) = next {
                    next.summary = Some(summary.clone());
                }
            }
        }
    }

    /// At the end.
    pub fn of(rounds: &[Vec<Chunk>]) -> Self {
        let piece = |chunk: &Chunk| Piece {
            text: chunk.text.clone(),
            summary: Some(chunk.summary.clone()),
        };
        Self(rounds.iter().map(|round| round.iter().map(piece).collect()).collect())
    }

    /// The summary of the whole text, if it is there.
    pub fn whole(&self) -> Option<&Summary> {
        match self.0.last()?.as_slice() {
            [last] => last.summary.as_ref(),
            _ => None,
        }
    }

    /// The summary, and below it those of the chunks it was made of.
    pub fn markdown(&self) -> String {
        let whole = self.whole().map(|summary| format!("# Summary\n\n{}\n", summary.text));
        let rest = self.0.iter().enumerate().filter(|(_, round)| round.len() > 1);
        let round = |(at, round): (usize, &Vec<Piece>)| {
            let known =
                round.iter().enumerate().filter_map(|(n, p)| Some((n, p.summary.as_ref()?)));
            let pieces = known.map(|(n, s)| format!("{}. {}\n", n + 1, s.text)).collect::<String>();
            format!("\n## Round {}\n\n{pieces}", at + 1)
        };
        whole.into_iter().chain(rest.map(round)).collect()
    }
}

/// A number of tokens as it is typed: none is the model's own.
pub fn tokens(name: &str, typed: &str) -> Result<Option<u32>, String> {
    match typed.trim() {
        "" => Ok(None),
        typed => match typed.parse() {
            Ok(count) => Ok(Some(count)),
            Err(_) => Err(format!("{name}: “{typed}” is no whole number, such as 40")),
        },
    }
}

#[cfg(test)]
mod tests {
    use api::Loading;

    use super::*;

    fn summary(text: &str) -> Summary {
        Summary { text: text.into(), tokens: 3, unfinished: false }
    }

    fn round(chunks: &[&str]) -> Partial {
        Partial::Round { chunks: chunks.iter().map(|&chunk| chunk.into()).collect() }
    }

    #[test]
    fn summaries_take_their_places_as_they_come() {
        let mut rounds = Rounds::default();
        for partial in [round(&["a a", "b b"]), Partial::Done(summary("a"))] {
            rounds.hear(&partial);
        }
        assert_eq!(rounds.0[0][0].summary, Some(summary("a")));
        assert_eq!((&rounds.0[0][1].summary, rounds.whole()), (&None, None));
        for partial in [
            Partial::Done(summary("b")),
            round(&["a b"]),
            Partial::Loading(Loading { read_bytes: 0, total_bytes: 1 }),
            Partial::Done(summary("ab")),
        ] {
            rounds.hear(&partial);
        }
        assert_eq!(rounds.whole(), Some(&summary("ab")));
        assert_eq!(rounds.markdown(), "# Summary\n\nab\n\n## Round 1\n\n1. a\n2. b\n");
        let chunk = |text: &str, said: &str| Chunk { text: text.into(), summary: summary(said) };
        let end = [vec![chunk("a a", "a"), chunk("b b", "b")], vec![chunk("a b", "ab")]];
        assert_eq!(Rounds::of(&end), rounds);
    }

    #[test]
    fn every_chunk_is_one_step() {
        let begun = Summarize::stage(&round(&["a", "b"]), None);
        let after = Summarize::stage(&Partial::Done(summary("a")), Some(begun));
        assert!(matches!(after, Stage::Working { done: 1, total: 2, .. }));
    }

    #[test]
    fn a_length_is_a_number_or_the_models_own() {
        assert_eq!(tokens("Fewest tokens", " "), Ok(None));
        assert_eq!(tokens("Fewest tokens", "12"), Ok(Some(12)));
        assert!(
            tokens("Fewest tokens", "-1")
                .unwrap_err()
                .contains("Fewest tokens: “-1” is no whole number")
        );
    }
}
