//! Lines of subtitles that can be changed; a press on a time plays from there.

use api::transcribe::Chunk;
use leptos::{html, prelude::*};

use crate::{
    format::clock,
    icon::Icon,
    part::{during, press, typed},
    rows::rows,
};

/// A line, and what tells it from others that were in its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) id: u32,
    pub(super) chunk: Chunk,
}

/// All lines.
#[derive(Clone, Copy, Default)]
pub(super) struct Lines {
    all: RwSignal<Vec<Line>>,
    /// Counts lines that were ever made.
    made: StoredValue<u32>,
}

impl Lines {
    pub(super) fn clear(self) {
        self.all.set(Vec::new());
    }

    pub(super) fn is_empty(self) -> bool {
        self.all.with(Vec::is_empty)
    }

    /// Adds lines at the end.
    pub(super) fn add<'c>(self, chunks: impl IntoIterator<Item = &'c Chunk>) {
        let lines: Vec<_> = chunks.into_iter().map(|chunk| self.made(chunk.clone())).collect();
        if !lines.is_empty() {
            self.all.update(|all| all.extend(lines));
        }
    }

    fn made(self, chunk: Chunk) -> Line {
        self.made.update_value(|made| *made += 1);
        Line { id: self.made.get_value(), chunk }
    }

    pub(super) fn chunks(self) -> Vec<Chunk> {
        self.all.with_untracked(|all| all.iter().map(|line| line.chunk.clone()).collect())
    }

    /// All that is said.
    pub(super) fn text(self) -> String {
        let text =
            |all: &Vec<Line>| all.iter().map(|line| line.chunk.text.trim().to_owned()).collect();
        let parts: Vec<String> = self.all.with_untracked(text);
        parts.join(" ")
    }

    /// Changes a line; its fields show that already.
    fn change(self, id: u32, change: impl FnOnce(&mut Chunk)) {
        self.all.update(|all| {
            if let Some(line) = all.iter_mut().find(|line| line.id == id) {
                change(&mut line.chunk);
            }
        });
    }

    fn remove(self, id: u32) {
        self.all.update(|all| all.retain(|line| line.id != id));
    }

    /// Makes one line of a line and the next.
    fn join(self, id: u32) {
        let joined = self.all.with_untracked(|all| {
            let at = all.iter().position(|line| line.id == id)?;
            let (first, second) = (all.get(at)?, all.get(at + 1)?);
            Some((at, joined(&first.chunk, &second.chunk)))
        });
        if let Some((at, chunk)) = joined {
            let line = self.made(chunk);
            self.all.update(|all| drop(all.splice(at..at + 2, [line])));
        }
    }

    fn is_last(self, id: u32) -> bool {
        self.all.with(|all| all.last().is_some_and(|line| line.id == id))
    }
}

/// A chunk for two that follow each other.
fn joined(first: &Chunk, second: &Chunk) -> Chunk {
    let text = format!("{} {}", first.text.trim_end(), second.text.trim_start());
    Chunk { start_s: first.start_s, end_s: second.end_s.max(first.end_s), text }
}

/// The lines; `player` plays what is pressed.
pub(super) fn editor(lines: Lines, player: NodeRef<html::Audio>) -> AnyView {
    let draw = move |line: Line| row(lines, player, line);
    let drawn = move || {
        view! {
            <ol class="lines" aria-label="Lines, with their times">
                {rows(move || lines.all.get(), |line| line.id.to_string(), draw)}
            </ol>
        }
        .into_any()
    };
    during(move || !lines.is_empty(), drawn)
}

fn row(lines: Lines, player: NodeRef<html::Audio>, line: Line) -> AnyView {
    let Line { id, chunk } = line;
    let start = Signal::derive(move || {
        let find = |all: &Vec<Line>| all.iter().find(|l| l.id == id).map(|l| l.chunk.start_s);
        lines.all.with(find).unwrap_or_default()
    });
    let play = press(move || {
        if let Some(player) = player.get_untracked() {
            player.set_current_time(start.get_untracked());
            // A browser that refuses to play shows the moment all the same.
            let _ = player.play();
        }
    });
    let moment = |seconds: f64| format!("{seconds:.2}");
    let begins = typed(move |text| {
        if let Some(seconds) = read(&text) {
            lines.change(id, |chunk| chunk.start_s = seconds);
        }
    });
    let ends = typed(move |text| {
        if let Some(seconds) = read(&text) {
            lines.change(id, |chunk| chunk.end_s = seconds);
        }
    });
    let write = typed(move |text| lines.change(id, |chunk| chunk.text = text));
    view! {
        <li>
            <button type="button" class="small" title="Play from here" on:click=play>
                {Icon::Right.view()} {move || clock(start.get())}
            </button>
            <input type="text" dir="auto" aria-label="Text" value=chunk.text.trim().to_owned() on:change=write/>
            <label class="moment">"from"<input type="number" step="0.1" min="0" aria-label="Begins, in seconds" value=moment(chunk.start_s) on:change=begins/></label>
            <label class="moment">"to"<input type="number" step="0.1" min="0" aria-label="Ends, in seconds" value=moment(chunk.end_s) on:change=ends/></label>
            <button type="button" class="quiet" title="Make one line of this and the next"
                disabled=Signal::derive(move || lines.is_last(id)) on:click=press(move || lines.join(id))>"Join"</button>
            <button type="button" class="quiet" title="Take this line out" on:click=press(move || lines.remove(id))>"Remove"</button>
        </li>
    }
    .into_any()
}

/// A moment that was typed, in seconds.
fn read(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_make_one_that_lasts_as_long() {
        let chunk = |start_s, end_s, text: &str| Chunk { start_s, end_s, text: text.into() };
        let one = joined(&chunk(0., 2., " Turn on "), &chunk(2., 1.5, " the light."));
        assert_eq!(one, chunk(0., 2., " Turn on the light."));
    }

    #[test]
    fn a_moment_is_a_number_of_seconds() {
        assert_eq!(
            (read(" 1.5 "), read("-1"), read("x"), read("inf")),
            (Some(1.5), None, None, None)
        );
    }
}
