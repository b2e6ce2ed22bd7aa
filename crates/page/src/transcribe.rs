//! Recordings as the page cuts them, and what was said in them as it is saved: subtitles and JSON.

pub mod live;

use api::transcribe::{
    About, Ask, Chunk, LEAD_S, MOST_SAMPLES, Output, PIECE_S, Partial, Place, Transcribe,
};
use serde_json::json;

use crate::{
    desk::{Held, Stage},
    picker::title,
};

impl Held for Transcribe {
    type Ask = Ask;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        let languages = match about.languages.as_slice() {
            [] => "one language".into(),
            [one] => one.name.clone(),
            [one, other] => format!("{} and {}", one.name, other.name),
            more => format!("{} languages", more.len()),
        };
        let window_s = f64::from(about.window_ms) / 1000.;
        format!("{} · {languages} · listens to {window_s} s at a time", title(&about.name))
    }

    fn stage(partial: &Partial, before: Option<Stage>) -> Stage {
        let working =
            |done, total| Stage::Working { words: "Listening…", done, total, pieces: "seconds" };
        match partial {
            Partial::Loading(loading) => Stage::Loading(*loading),
            Partial::Language(_) => before.unwrap_or(working(0, 1)),
            // Whole seconds are enough for a person.
            Partial::Listening(heard) => working(heard.done_s as u32, heard.total_s.ceil() as u32),
        }
    }
}

/// The shortest piece that is asked about, in seconds: longer than a model's window with what is left over of it.
const LEAST_S: u32 = 45;

/// A part of a recording: whole seconds, but for the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// When it begins, in seconds.
    pub starts_s: u32,
    /// When it ends; the recording's end if that is before.
    pub ends_s: u32,
}

/// The next piece to ask about of a recording of so many channels and moments a second, from a place on.
///
/// As long as pieces are by custom, or shorter where so many samples are too many for a question; `None` where not even
/// a window's are few enough: then the page brings them to one channel itself.
pub fn next_cut(place: Option<&Place>, channels: u16, rate_hz: u32) -> Option<Cut> {
    let per_second = u64::from(channels.max(1)) * u64::from(rate_hz.max(1));
    let most_s = u32::try_from(MOST_SAMPLES as u64 / per_second).unwrap_or(u32::MAX);
    let starts_s = place.map_or(0., |place| place.from_s).max(0.) as u32;
    let starts_s = starts_s.saturating_sub(LEAD_S);
    let cut = |len_s| Cut { starts_s, ends_s: starts_s.saturating_add(len_s) };
    (most_s >= LEAST_S).then(|| cut((PIECE_S + LEAD_S).min(most_s)))
}

/// A moment in milliseconds; none is before the beginning.
fn milliseconds(seconds: f64) -> u64 {
    // Rounded to whole numbers; what is no number is 0.
    (seconds.max(0.) * 1000.).round() as u64
}

/// `01:02:03,450`: hours have two digits or more.
fn time(ms: u64, dot: char) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{dot}{:03}", ms % 1000)
}

/// A line of subtitles.
struct Line {
    start_ms: u64,
    end_ms: u64,
    text: String,
}

/// Chunks as lines: in order, none over another, each with a text and longer than nothing.
fn lines(chunks: &[Chunk]) -> Vec<Line> {
    let mut chunks: Vec<&Chunk> =
        chunks.iter().filter(|chunk| !chunk.text.trim().is_empty()).collect();
    chunks.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    let mut lines: Vec<Line> = Vec::new();
    for chunk in chunks {
        let start_ms = milliseconds(chunk.start_s);
        if let Some(last) = lines.last_mut() {
            // Of two that begin together, the first is shown as shortly as can be.
            last.end_ms = last.end_ms.min(start_ms).max(last.start_ms + 1);
        }
        let start_ms = lines.last().map_or(start_ms, |last| start_ms.max(last.end_ms));
        let end_ms = milliseconds(chunk.end_s).max(start_ms + 1);
        lines.push(Line { start_ms, end_ms, text: shown(&chunk.text) });
    }
    lines
}

/// A text that no reader takes for a time or for the end of a line's text.
fn shown(text: &str) -> String {
    let rows = text.lines().map(str::trim).filter(|row| !row.is_empty());
    rows.collect::<Vec<_>>().join("\n").replace("-->", "→")
}

/// Subtitles as SubRip has them (`.srt`).
pub fn srt(chunks: &[Chunk]) -> String {
    let line = |(number, line): (usize, Line)| {
        let (start, end) = (time(line.start_ms, ','), time(line.end_ms, ','));
        format!("{}\n{start} --> {end}\n{}\n", number + 1, line.text)
    };
    lines(chunks).into_iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// Subtitles as browsers have them (`.vtt`).
pub fn vtt(chunks: &[Chunk]) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let line = |line: Line| {
        let (start, end) = (time(line.start_ms, '.'), time(line.end_ms, '.'));
        format!("\n{start} --> {end}\n{}\n", escaped(&line.text))
    };
    let lines: String = lines(chunks).into_iter().map(line).collect();
    format!("WEBVTT\n{lines}")
}

/// What was said as JSON: the whole text, and chunks as the reference's pipeline has them.
pub fn json(chunks: &[Chunk], language: Option<&str>) -> String {
    let round = |seconds: f64| (seconds * 1000.).round() / 1000.;
    let chunk = |chunk: &Chunk| {
        let timestamp = [round(chunk.start_s), round(chunk.end_s)];
        json!({ "timestamp": timestamp, "text": chunk.text })
    };
    let text: String = chunks.iter().map(|chunk| chunk.text.as_str()).collect();
    let chunks: Vec<_> = chunks.iter().map(chunk).collect();
    let all = json!({ "text": text.trim(), "language": language, "chunks": chunks });
    format!("{all:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(start_s: f64, end_s: f64, text: &str) -> Chunk {
        Chunk { start_s, end_s, text: text.into() }
    }

    #[test]
    fn subtitles_have_each_formats_marks() {
        let chunks =
            [chunk(0., 1.5, " Hello there."), chunk(3_723.25, 3_725.004, " Bye & <i>bye</i>")];
        let want = "1\n00:00:00,000 --> 00:00:01,500\nHello there.\n\n\
            2\n01:02:03,250 --> 01:02:05,004\nBye & <i>bye</i>\n";
        assert_eq!(srt(&chunks), want);
        let want = "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello there.\n\n\
            01:02:03.250 --> 01:02:05.004\nBye &amp; &lt;i&gt;bye&lt;/i&gt;\n";
        assert_eq!(vtt(&chunks), want);
        assert_eq!((srt(&[]), vtt(&[])), (String::new(), "WEBVTT\n".into()));
        let late = srt(&[chunk(360_000., 360_001., "late")]);
        assert!(late.contains("100:00:00,000 --> 100:00:01,000"), "{late}");
    }

    #[test]
    fn no_line_is_over_another_and_none_is_empty() {
        let chunks = [
            chunk(2., 1., "backwards"),
            chunk(0., 5., "long"),
            chunk(2., 3., "same beginning"),
            chunk(f64::NAN, 4., "  "),
            chunk(-1., 0.5, "before"),
        ];
        let times: Vec<_> =
            lines(&chunks).iter().map(|line| (line.start_ms, line.end_ms)).collect();
        assert_eq!(times, [(0, 1), (1, 2000), (2000, 2001), (2001, 3000)]);
        assert!(times.windows(2).all(|two| two[0].1 <= two[1].0));
    }

    #[test]
    fn a_text_cannot_break_the_file() {
        let text = "1\n00:00 --> 00:01\n\n\nx";
        let chunks = [chunk(0., 1., text)];
        assert_eq!(srt(&chunks), "1\n00:00:00,000 --> 00:00:01,000\n1\n00:00 → 00:01\nx\n");
        assert_eq!(vtt(&chunks).matches("-->").count(), 1);
    }

    #[test]
    fn json_has_the_pipelines_fields() {
        let chunks = [chunk(0., 0.1 + 0.2, " a\"b"), chunk(0.3, 2., " c")];
        let read: serde_json::Value = serde_json::from_str(&json(&chunks, Some("en"))).unwrap();
        assert_eq!(read["text"], "a\"b c");
        assert_eq!(read["language"], "en");
        assert_eq!(read["chunks"][0]["timestamp"], json!([0., 0.3]));
        assert_eq!(read["chunks"][1]["text"], " c");
        let read: serde_json::Value = serde_json::from_str(&json(&[], None)).unwrap();
        assert_eq!((&read["text"], &read["language"]), (&json!(""), &json!(null)));
    }

    #[test]
    fn recordings_are_cut_so_that_a_question_can_hold_them() {
        let cut = |from_s, channels, rate| {
            let place = Place { from_s, known: Vec::new() };
            next_cut(Some(&place), channels, rate).map(|cut| (cut.starts_s, cut.ends_s))
        };
        assert_eq!(next_cut(None, 1, 16_000), Some(Cut { starts_s: 0, ends_s: 241 }));
        assert_eq!(cut(238.72, 2, 44_100), Some((237, 478)));
        assert_eq!(cut(0.4, 1, 48_000), Some((0, 241)));
        assert_eq!(cut(10_000., 2, 192_000), Some((9_999, 10_124)));
        assert_eq!(cut(0., 8, 192_000), None);
        assert_eq!(cut(f64::NAN, 1, 16_000), Some((0, 241)));
    }
}
