use std::collections::BTreeMap;

use super::Piece;
use ahash::AHashMap as HashMap;

/// A token that is found in the text itself, before any merging.
#[derive(Clone, Debug)]
pub(super) struct Added {
    pub(super) id: u32,
    pub(super) text: String,
    pub(super) room: Room,
}

/// Which white space around an added token belongs to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) left: Reach,
    pub(super) right: Reach,
}

/// Whether white space is swallowed on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reach {
    #[default]
    Keeps,
    Swallows,
}

/// A part of a text: an id already known, or text still to be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Id(u32),
    Text(String),
}

/// Added tokens, looked up at a place in a text: the longest wins.
#[derive(Clone, Debug, Default)]
pub(super) struct Finder {
    by_text: HashMap<String, (u32, Room)>,
    /// Lengths of the tokens that begin with a byte, longest first.
    lengths: BTreeMap<u8, Vec<usize>>,
}

impl Finder {
    pub(super) fn new(all: impl Iterator<Item = Added>) -> Self {
        let mut finder = Self::default();
        for Added { id, text, room } in all {
            let Some(first) = text.bytes().next() else { continue };
            let lengths = finder.lengths.entry(first).or_default();
            if let Err(at) = lengths.binary_search_by(|length| text.len().cmp(length)) {
                lengths.insert(at, text.len());
            }
            finder.by_text.entry(text).or_insert((id, room));
        }
        finder
    }

    fn at<'t>(&self, rest: &'t str) -> Option<(&'t str, u32, Room)> {
        let lengths = self.lengths.get(rest.as_bytes().first()?)?;
        lengths.iter().find_map(|&length| {
            let text = rest.get(..length)?;
            self.by_text.get(text).map(|&(id, room)| (text, id, room))
        })
    }

    /// Cuts `text` at every token of this finder.
    fn cut(&self, text: &str, parts: &mut Parts) {
        let (mut from, mut at) = (0, 0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            match self.at(rest) {
                Some((found, id, room)) => {
                    parts.text(text.get(from..at).unwrap_or_default());
                    parts.id(id, room);
                    at += found.len();
                    from = at;
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
        parts.text(text.get(from..).unwrap_or_default());
    }
}

/// Parts in the making. Invariant: no two texts are neighbours, and none is empty.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    /// The last part is a token that swallows the white space after it.
    swallows: bool,
}

impl Parts {
    fn text(&mut self, text: &str) {
        let text = if self.swallows { text.trim_start() } else { text };
        if text.is_empty() {
            return;
        }
        self.swallows = false;
        match self.parts.last_mut() {
            Some(Part::Text(before)) => before.push_str(text),
            _ => self.parts.push(Part::Text(text.into())),
        }
    }

    fn id(&mut self, id: u32, room: Room) {
        if room.left == Reach::Swallows
            && let Some(Part::Text(mut before)) =
                self.parts.pop_if(|part| matches!(part, Part::Text(_)))
        {
            before.truncate(before.trim_end().len());
            if !before.is_empty() {
                self.parts.push(Part::Text(before));
            }
        }
        self.parts.push(Part::Id(id));
        self.swallows = room.right == Reach::Swallows;
    }
}

/// Cuts pieces at `markup` where a template wrote it, and at `words` everywhere.
///
/// Invariant: `markup` is never looked for in a person's text, nor across its borders.
pub(super) fn cut(pieces: &[Piece<'_>], markup: &Finder, words: &Finder) -> Vec<Part> {
    let mut outer = Parts::default();
    for piece in pieces {
        match piece {
            Piece::Template(text) => markup.cut(text, &mut outer),
            Piece::Person(text) => outer.text(text),
        }
    }
    let mut inner = Parts::default();
    for part in outer.parts {
        match part {
            Part::Id(id) => inner.id(id, Room::default()),
            Part::Text(text) => words.cut(&text, &mut inner),
        }
    }
    inner.parts
}
