//! What stands inside a line: emphasis, code, links.
//!
//! Emphasis is found as CommonMark's appendix on parsing describes it.

use super::{DEEPEST, Group, Piece, push, safe};

/// Longer ones are text: else hostile text would be searched for the end of each of its beginnings.
const LONGEST_ADDRESS: usize = 2_048;

/// What a text is cut into before its emphasis is known.
enum Node {
    /// A piece, and how deep groups lie inside it.
    Done(Piece, usize),
    /// Marks that may begin or end emphasis.
    Run { mark: char, count: usize, opens: bool, closes: bool },
    /// `[` or `![`, with its text.
    Bracket(&'static str),
}

/// The pieces of a text without blocks.
pub(super) fn inline(text: &str) -> Vec<Piece> {
    let mut cut = Cut { text, at: 0, nodes: Vec::new() };
    while cut.at < text.len() {
        cut.step();
    }
    finished(cut.nodes).into_iter().fold(Vec::new(), |mut pieces, (piece, _)| {
        push(&mut pieces, piece);
        pieces
    })
}

struct Cut<'t> {
    text: &'t str,
    at: usize,
    nodes: Vec<Node>,
}

impl<'t> Cut<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn words(&mut self, words: &str) {
        match self.nodes.last_mut() {
            Some(Node::Done(Piece::Text(text), _)) => text.push_str(words),
            _ => self.done(Piece::Text(words.to_owned())),
        }
    }

    fn done(&mut self, piece: Piece) {
        self.nodes.push(Node::Done(piece, 0));
    }

    /// Takes what stands next.
    fn step(&mut self) {
        let rest = self.rest();
        let plain = rest.find(SPECIAL).unwrap_or(rest.len());
        if plain > 0 {
            self.words(&rest[..plain]);
            self.at += plain;
            return;
        }
        let taken = match rest.as_bytes()[0] {
            b'\n' => self.line_end(),
            b'\\' => self.escape(rest),
            b'`' => self.code(rest),
            b'&' => self.character(rest),
            b'<' => self.address(rest),
            b'!' if rest.starts_with("![") => self.bracket("!["),
            b'[' => self.bracket("["),
            b']' => self.close(rest),
            b'*' | b'_' | b'~' => self.run(rest),
            _ => self.plain(rest),
        };
        self.at += taken;
    }

    fn plain(&mut self, rest: &str) -> usize {
        self.words(&rest[..1]);
        1
    }

    /// Two spaces before it make it a break.
    fn line_end(&mut self) -> usize {
        let mut hard = false;
        if let Some(Node::Done(Piece::Text(text), _)) = self.nodes.last_mut() {
            hard = text.ends_with("  ");
            text.truncate(text.trim_end_matches(' ').len());
        }
        match hard {
            true => self.done(Piece::Break),
            false => self.words("\n"),
        }
        1
    }

    fn escape(&mut self, rest: &str) -> usize {
        match rest[1..].chars().next() {
            Some('\n') => self.done(Piece::Break),
            Some(c) if c.is_ascii_punctuation() => self.words(&rest[1..2]),
            _ => return self.plain(rest),
        }
        2
    }

    fn code(&mut self, rest: &str) -> usize {
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        let Some(length) = end_of_code(&rest[ticks..], ticks) else {
            self.words(&rest[..ticks]);
            return ticks;
        };
        let code = rest[ticks..ticks + length].replace('\n', " ");
        let padded = code.starts_with(' ') && code.ends_with(' ') && !code.trim().is_empty();
        self.done(Piece::Code(match padded {
            true => code[1..code.len() - 1].to_owned(),
            false => code,
        }));
        length + 2 * ticks
    }

    fn character(&mut self, rest: &str) -> usize {
        match character(rest) {
            Some((c, length)) => {
                self.words(c.encode_utf8(&mut [0; 4]));
                length
            }
            None => self.plain(rest),
        }
    }

    /// `<https://…>`; other markup is text.
    fn address(&mut self, rest: &str) -> usize {
        let end = rest.bytes().take(LONGEST_ADDRESS).position(|b| b == b'>');
        let inside = end.map(|end| &rest[1..end]);
        let is_address = |inside: &&str| !inside.contains(['<', ' ', '\n']);
        match inside.filter(is_address).and_then(|inside| safe(inside).map(|to| (inside, to))) {
            Some((inside, to)) => {
                let words = vec![Piece::Text(inside.to_owned())];
                self.nodes.push(Node::Done(Piece::Group(Group::Link(to), words), 1));
                inside.len() + 2
            }
            None => self.plain(rest),
        }
    }

    fn bracket(&mut self, text: &'static str) -> usize {
        self.nodes.push(Node::Bracket(text));
        text.len()
    }

    /// `]`: with an address behind it, what stands since the last `[` is a link.
    fn close(&mut self, rest: &str) -> usize {
        let opened = self.nodes.iter().rposition(|node| matches!(node, Node::Bracket(_)));
        let Some(opened) = opened else { return self.plain(rest) };
        let is_picture = matches!(self.nodes[opened], Node::Bracket("!["));
        let Some((to, length)) = destination(&rest[1..]) else {
            let text = if is_picture { "![" } else { "[" };
            self.nodes[opened] = Node::Done(Piece::Text(text.into()), 0);
            return self.plain(rest);
        };
        let inside = finished(self.nodes.split_off(opened + 1));
        self.nodes.pop();
        let group = match safe(&to) {
            Some(to) if !is_picture => Group::Link(to),
            _ => Group::Plain,
        };
        if !is_picture {
            // No link lies inside another.
            for node in &mut self.nodes {
                if let Node::Bracket("[") = node {
                    *node = Node::Done(Piece::Text("[".into()), 0);
                }
            }
        }
        grouped(group, inside).into_iter().for_each(|(piece, depth)| {
            self.nodes.push(Node::Done(piece, depth));
        });
        1 + length
    }

    fn run(&mut self, rest: &str) -> usize {
        let mark = char::from(rest.as_bytes()[0]);
        let after = rest.trim_start_matches(mark);
        let count = rest.len() - after.len();
        let kind = |c: Option<char>| match c {
            None => (true, false),
            Some(c) => (c.is_whitespace(), !c.is_whitespace() && !c.is_alphanumeric()),
        };
        let (space_before, mark_before) = kind(self.text[..self.at].chars().next_back());
        let (space_after, mark_after) = kind(after.chars().next());
        let left = !space_after && (!mark_after || space_before || mark_before);
        let right = !space_before && (!mark_before || space_after || mark_after);
        let (opens, closes) = match mark {
            '_' => (left && (!right || mark_before), right && (!left || mark_after)),
            '~' if count > 2 => (false, false),
            _ => (left, right),
        };
        self.nodes.push(Node::Run { mark, count, opens, closes });
        count
    }
}

/// What is not plain words.
const SPECIAL: [char; 11] = ['\n', '\\', '`', '&', '<', '!', '[', ']', '*', '_', '~'];

/// Where code ends that so many ticks began.
fn end_of_code(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let begin = at + found;
        let after = text[begin..].trim_start_matches('`');
        at = text.len() - after.len();
        if at - begin == ticks {
            return Some(begin);
        }
    }
    None
}

/// Characters with names that models write; every other can be written by its number.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("deg", '°'),
    ("euro", '€'),
    ("times", '×'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("larr", '←'),
    ("rarr", '→'),
    ("bull", '•'),
];

/// The character that `&…;` stands for, and the length of that.
fn character(rest: &str) -> Option<(char, usize)> {
    let end = rest.bytes().take(12).position(|b| b == b';')?;
    let name = &rest[1..end];
    let c = match name.strip_prefix('#') {
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(number) => u32::from_str_radix(number, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}')
        }
    };
    Some((c, end + 1))
}

/// A text without backslashes before marks, and with characters for their names.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (c, length) = match c {
            '\\' => match rest[1..].chars().next().filter(char::is_ascii_punctuation) {
                Some(c) => (c, 2),
                None => (c, 1),
            },
            '&' => character(rest).unwrap_or((c, 1)),
            c => (c, c.len_utf8()),
        };
        out.push(c);
        rest = &rest[length..];
    }
    out
}

/// `(address "title")`: the address, and the length of all of it.
fn destination(rest: &str) -> Option<(String, usize)> {
    let inside = rest.strip_prefix('(')?;
    let text = inside.trim_start();
    let (address, after) = match text.strip_prefix('<') {
        Some(text) => text.split_once('>').filter(|(address, _)| !address.contains(['<', '\n']))?,
        None => text.split_at(end_of_address(text)?),
    };
    let mut after_title = after.trim_start();
    if let Some(quote) = after_title.chars().next().filter(|c| "\"'(".contains(*c)) {
        if after_title.len() == after.len() {
            return None;
        }
        let close = if quote == '(' { ')' } else { quote };
        let end = after_title[1..].find(close)?;
        after_title = after_title[1 + end + 1..].trim_start();
    }
    let after = after_title.strip_prefix(')')?;
    Some((unescaped(address), rest.len() - after.len()))
}

/// Where an address without `<` ends: at a space, or at a `)` that none of its own opened.
fn end_of_address(text: &str) -> Option<usize> {
    let (mut open, mut escaped) = (0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if at > LONGEST_ADDRESS => return None,
            _ if escaped => {}
            c if c.is_whitespace() || c.is_control() => return Some(at),
            '(' => open += 1,
            ')' if open == 0 => return Some(at),
            ')' => open -= 1,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

type Held = Vec<(Piece, usize)>;

/// A group, or what it would hold where it would lie too deep.
fn grouped(group: Group, inside: Held) -> Held {
    let depth = 1 + inside.iter().map(|(_, depth)| *depth).max().unwrap_or(0);
    if depth > DEEPEST {
        return inside;
    }
    let mut pieces = Vec::new();
    inside.into_iter().for_each(|(piece, _)| push(&mut pieces, piece));
    vec![(Piece::Group(group, pieces), depth)]
}

/// Nodes whose runs have become emphasis or words.
fn finished(nodes: Vec<Node>) -> Held {
    let mut open: Vec<Open> = vec![Open::default()];
    for node in nodes {
        match node {
            Node::Done(piece, depth) => inner(&mut open).push((piece, depth)),
            Node::Bracket(text) => inner(&mut open).push((Piece::Text(text.into()), 0)),
            Node::Run { mark, count, opens, closes } => {
                let mut run = Open { mark, count, all: count, opens, closes, inside: Vec::new() };
                if closes {
                    run.close(&mut open);
                }
                match opens {
                    _ if run.count == 0 => {}
                    true => open.push(run),
                    false => inner(&mut open).push(run.words()),
                }
            }
        }
    }
    unopen(&mut open, 1);
    open.pop().map(|outer| outer.inside).unwrap_or_default()
}

/// Marks that wait for those that close them, and what has come since.
#[derive(Default)]
struct Open {
    mark: char,
    /// Marks left.
    count: usize,
    /// Marks there were.
    all: usize,
    opens: bool,
    closes: bool,
    inside: Held,
}

fn inner(open: &mut [Open]) -> &mut Held {
    // The outermost is never closed.
    let last = open.len() - 1;
    &mut open[last].inside
}

/// All but the first `keep` were no emphasis.
fn unopen(open: &mut Vec<Open>, keep: usize) {
    for mut later in open.split_off(keep) {
        let outer = inner(open);
        outer.push(later.words());
        outer.append(&mut later.inside);
    }
}

impl Open {
    fn words(&self) -> (Piece, usize) {
        (Piece::Text(self.mark.to_string().repeat(self.count)), 0)
    }

    /// Whether these marks, which are open, may be closed by others.
    fn takes(&self, by: &Self) -> bool {
        let odd = (self.closes || by.opens)
            && (self.all + by.all).is_multiple_of(3)
            && !(self.all.is_multiple_of(3) && by.all.is_multiple_of(3));
        self.mark == by.mark && if self.mark == '~' { self.count == by.count } else { !odd }
    }

    /// Closes what these marks can.
    fn close(&mut self, open: &mut Vec<Self>) {
        while self.count > 0 {
            let Some(at) = open.iter().skip(1).rposition(|o| o.takes(self)).map(|at| at + 1) else {
                return;
            };
            unopen(open, at + 1);
            let Some(opener) = open.last_mut() else { return };
            let used = match self.mark {
                '~' => self.count,
                _ => {
                    if self.count > 1 && opener.count > 1 {
                        2
                    } else {
                        1
                    }
                }
            };
            let group = match (self.mark, used) {
                ('~', _) => Group::Struck,
                (_, 2) => Group::Strong,
                _ => Group::Emphasis,
            };
            opener.count -= used;
            self.count -= used;
            let inside = grouped(group, std::mem::take(&mut opener.inside));
            match opener.count {
                0 => {
                    open.pop();
                    inner(open).extend(inside);
                }
                _ => opener.inside = inside,
            }
        }
    }
}
