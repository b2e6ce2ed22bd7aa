//! Lines to paragraphs, lists, tables and code.

use std::borrow::Cow;

use super::{
    DEEPEST, Group, Piece,
    inline::{inline, unescaped},
    push,
};

/// A line whose leading tabs are spaces and whose end is `\n` or nothing.
pub(super) fn spaced(line: &str) -> Cow<'_, str> {
    let line = line.strip_suffix("\r\n").map_or(line.into(), |line| Cow::from(format!("{line}\n")));
    let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
    if !line[..blank].contains('\t') {
        return line;
    }
    let width =
        line[..blank].chars().fold(0, |at, c| if c == '\t' { at / 4 * 4 + 4 } else { at + 1 });
    format!("{:width$}{}", "", &line[blank..]).into()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Without so many spaces in front, or with all that are there.
fn dedent(line: &str, spaces: usize) -> &str {
    &line[indent(line).min(spaces)..]
}

/// What a line begins, if that is no paragraph.
enum Start<'l> {
    Heading(u8, &'l str),
    Rule,
    Quote,
    Entry(Marker),
    Fence { mark: char, length: usize, language: String },
}

/// What an entry of a list begins with.
#[derive(Clone, Copy)]
struct Marker {
    /// `-`, `+`, `*`, `.` or `)`: entries of one list have the same.
    mark: char,
    number: Option<u64>,
    /// Columns before the entry's own text.
    width: usize,
    empty: bool,
}

fn start(line: &str) -> Option<Start<'_>> {
    if indent(line) > 3 {
        return None;
    }
    let text = line.trim();
    match text.chars().next()? {
        '#' => heading(text),
        '>' => Some(Start::Quote),
        '`' | '~' => fence(text),
        _ if is_rule(text) => Some(Start::Rule),
        _ => marker(line).map(Start::Entry),
    }
}

fn heading(text: &str) -> Option<Start<'_>> {
    let rest = text.trim_start_matches('#');
    let level = text.len() - rest.len();
    if level > 6 || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let rest = rest.trim();
    let without = rest.trim_end_matches('#');
    let closed = without.is_empty() || without.ends_with([' ', '\t']);
    Some(Start::Heading(level as u8, if closed { without.trim() } else { rest }))
}

fn fence(text: &str) -> Option<Start<'static>> {
    let mark = text.chars().next()?;
    let info = text.trim_start_matches(mark);
    let length = text.len() - info.len();
    let language = info.trim().split([' ', ',', '\t']).next().unwrap_or_default();
    (length >= 3 && !(mark == '`' && info.contains('`'))).then(|| Start::Fence {
        mark,
        length,
        language: unescaped(language),
    })
}

fn is_rule(text: &str) -> bool {
    let marks = || text.chars().filter(|c| !c.is_whitespace());
    let first = marks().next().unwrap_or_default();
    "*-_".contains(first) && marks().all(|c| c == first) && marks().count() >= 3
}

fn marker(line: &str) -> Option<Marker> {
    let text = line.trim_start_matches(' ');
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = if digits > 0 { Some(text.get(..digits)?.parse().ok()?) } else { None };
    let mark = text[digits..].chars().next()?;
    let known =
        if number.is_some() { digits < 10 && ".)".contains(mark) } else { "-+*".contains(mark) };
    let after = text[digits..].get(1..)?;
    if !known || !(after.is_empty() || after.starts_with([' ', '\n', '\t'])) {
        return None;
    }
    let empty = is_blank(after);
    let spaces = indent(after);
    // Five spaces or more are code inside the entry.
    let gap = if empty || spaces > 4 { 1 } else { spaces.max(1) };
    Some(Marker { mark, number, width: indent(line) + digits + 1 + gap, empty })
}

/// Whether a line ends the paragraph before it.
fn interrupts(line: &str) -> bool {
    match start(line) {
        Some(Start::Entry(marker)) => {
            !marker.empty && marker.number.is_none_or(|number| number == 1)
        }
        other => other.is_some(),
    }
}

/// The blocks of some lines, inside so many others.
pub(super) fn blocks(lines: &[&str], depth: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = lines;
    while let Some(line) = rest.first() {
        let taken = match start(line) {
            _ if is_blank(line) => 1,
            _ if indent(line) > 3 => code(rest, &mut pieces),
            Some(Start::Heading(level, text)) => {
                pieces.push(Piece::Group(Group::Heading(level), inline(text)));
                1
            }
            Some(Start::Rule) => {
                pieces.push(Piece::Rule);
                1
            }
            Some(Start::Fence { mark, length, language }) => {
                let (taken, text) = fenced(rest, (mark, length));
                pieces.push(Piece::Block { language, text });
                taken
            }
            Some(Start::Quote) if depth < DEEPEST => quote(rest, depth, &mut pieces),
            Some(Start::Entry(marker)) if depth < DEEPEST => list(rest, marker, depth, &mut pieces),
            _ => table(rest, &mut pieces).unwrap_or_else(|| paragraph(rest, &mut pieces)),
        };
        rest = &rest[taken..];
    }
    pieces
}

/// Lines indented by four spaces.
fn code(lines: &[&str], pieces: &mut Vec<Piece>) -> usize {
    let inside = |line: &&&str| indent(line) > 3 || is_blank(line);
    let all = lines.iter().take_while(inside).count();
    let taken = lines[..all].iter().rposition(|line| !is_blank(line)).map_or(0, |last| last + 1);
    let text = lines[..taken].iter().map(|line| dedent(line, 4)).collect();
    pieces.push(Piece::Block { language: String::new(), text });
    taken
}

/// Lines between two fences; without a second one all there are, for they are still coming.
fn fenced(lines: &[&str], (mark, length): (char, usize)) -> (usize, String) {
    let closes = |line: &&str| {
        let text = line.trim();
        indent(line) < 4 && text.len() >= length && text.chars().all(|c| c == mark)
    };
    let inside = lines[1..].iter().position(closes).unwrap_or(lines.len() - 1);
    let text = lines[1..=inside].iter().map(|line| dedent(line, indent(lines[0]))).collect();
    ((inside + 2).min(lines.len()), text)
}

/// Whether a line goes on with a paragraph although it lacks what the lines before it had in front.
fn is_lazy(line: &str, before: &str) -> bool {
    let paragraph = |line: &str| {
        !is_blank(line)
            && !matches!(start(line), Some(Start::Heading(..) | Start::Rule | Start::Fence { .. }))
    };
    paragraph(before) && !is_blank(line) && start(line).is_none()
}

fn quote(lines: &[&str], depth: usize, pieces: &mut Vec<Piece>) -> usize {
    let mut inside: Vec<&str> = Vec::new();
    for line in lines {
        match line.trim_start_matches(' ').strip_prefix('>') {
            Some(text) if indent(line) < 4 => inside.push(text.strip_prefix(' ').unwrap_or(text)),
            _ if inside.last().is_some_and(|before| is_lazy(line, before)) => inside.push(line),
            _ => break,
        }
    }
    pieces.push(Piece::Group(Group::Quote, blocks(&inside, depth + 1)));
    inside.len()
}

fn list(lines: &[&str], first: Marker, depth: usize, pieces: &mut Vec<Piece>) -> usize {
    let mut entries = Vec::new();
    let (mut taken, mut loose) = (0, false);
    let mut next = Some(first);
    while let Some(marker) = next.filter(|next| next.mark == first.mark) {
        let inside = entry(&lines[taken..], marker);
        let full = inside.iter().rposition(|line| !is_blank(line)).map_or(1, |last| last + 1);
        let all = inside.len();
        next = lines.get(taken + all).and_then(|line| match start(line) {
            Some(Start::Entry(marker)) => Some(marker),
            _ => None,
        });
        loose |= full < all && next.is_some_and(|next| next.mark == first.mark);
        loose |= parts_apart(&inside[..full]);
        entries.push(blocks(&inside[..full], depth + 1));
        taken += all;
    }
    let entries = entries
        .into_iter()
        .map(|inside| Piece::Group(Group::Entry, if loose { inside } else { tight(inside) }));
    pieces.push(Piece::Group(Group::List(first.number), entries.collect()));
    taken
}

/// The lines of an entry, without what stands in front of them; blank lines after it are its own.
fn entry<'l>(lines: &[&'l str], marker: Marker) -> Vec<&'l str> {
    let own = |line: &'l str| line.get(marker.width.min(line.len())..).unwrap_or_default();
    let mut inside = vec![own(lines[0])];
    for &line in &lines[1..] {
        let before = inside.last().copied().unwrap_or_default();
        if is_blank(line) {
            // An entry that begins with a blank line ends with it.
            if inside.len() == 1 && marker.empty {
                break;
            }
            inside.push("\n");
        } else if indent(line) >= marker.width {
            inside.push(own(line));
        } else if is_lazy(line, before) {
            inside.push(line.trim_start_matches(' '));
        } else {
            break;
        }
    }
    inside
}

/// Whether blank lines part an entry's own blocks, other than inside code or a list of its own.
fn parts_apart(lines: &[&str]) -> bool {
    // Words may begin on the line after the marker.
    let mut at = lines.iter().take(1).filter(|line| is_blank(line)).count();
    while at < lines.len() {
        if let Some(Start::Fence { mark, length, .. }) = start(lines[at]) {
            at += fenced(&lines[at..], (mark, length)).0;
        } else if let Some(Start::Entry(marker)) = start(lines[at]) {
            let inside = entry(&lines[at..], marker);
            at += inside.iter().rposition(|line| !is_blank(line)).map_or(1, |last| last + 1);
            if inside.last().is_some_and(|line| is_blank(line)) && at < lines.len() {
                let goes_on = lines[at..].iter().find(|line| !is_blank(line));
                let same = |line: &&&str| matches!(start(line), Some(Start::Entry(_)));
                if goes_on.filter(same).is_none() {
                    return true;
                }
                at += lines[at..].iter().take_while(|line| is_blank(line)).count();
            }
        } else if is_blank(lines[at]) {
            return true;
        } else {
            at += 1;
        }
    }
    false
}

/// Paragraphs of entries that stand close together are words alone.
fn tight(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut flat = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Group(Group::Paragraph, inside) => {
                inside.into_iter().for_each(|p| push(&mut flat, p))
            }
            other => flat.push(other),
        }
    }
    flat
}

fn paragraph(lines: &[&str], pieces: &mut Vec<Piece>) -> usize {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let words = line.trim();
        let level = match words.bytes().next() {
            Some(b'=') if words.bytes().all(|b| b == b'=') => 1,
            Some(b'-') if words.bytes().all(|b| b == b'-') => 2,
            _ => 0,
        };
        if at > 0 && level > 0 && indent(line) < 4 {
            pieces.push(Piece::Group(Group::Heading(level), inline(text.trim_end())));
            return at + 1;
        }
        if is_blank(line) || at > 0 && interrupts(line) {
            pieces.push(Piece::Group(Group::Paragraph, inline(text.trim_end())));
            return at;
        }
        text.push_str(line.trim_start_matches(' '));
    }
    pieces.push(Piece::Group(Group::Paragraph, inline(text.trim_end())));
    lines.len()
}

/// The fields of a table's row: `|` parts them, unless a backslash stands before it.
fn fields(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut fields = vec![String::new()];
    let mut escaped = false;
    for c in line.chars() {
        match c {
            '|' if !escaped => fields.push(String::new()),
            _ => {
                let field = fields.last_mut();
                if let Some(field) = field {
                    if c == '|' {
                        field.pop();
                    }
                    field.push(c);
                }
            }
        }
        escaped = c == '\\' && !escaped;
    }
    if fields.len() > 1 && fields.last().is_some_and(|last| last.trim().is_empty()) {
        fields.pop();
    }
    fields
}

fn is_delimiter(line: &str) -> bool {
    let dashes = |field: &String| {
        let field = field.trim();
        let inner = field.strip_prefix(':').unwrap_or(field);
        let inner = inner.strip_suffix(':').unwrap_or(inner);
        !inner.is_empty() && inner.bytes().all(|b| b == b'-')
    };
    indent(line) < 4
        && line.contains('-')
        && line.contains(['|', ':'])
        && fields(line).iter().all(dashes)
}

/// A row of names, one of dashes, and rows to a blank line; `None` if that is not what stands here.
fn table(lines: &[&str], pieces: &mut Vec<Piece>) -> Option<usize> {
    let [head, dashes, ..] = lines else { return None };
    let columns = fields(head).len();
    if !head.contains('|') || !is_delimiter(dashes) || fields(dashes).len() != columns {
        return None;
    }
    let cells = |line: &str| {
        let mut fields = fields(line);
        fields.resize(columns, String::new());
        let cell = |field: &String| Piece::Group(Group::Cell, inline(field.trim()));
        fields.iter().map(cell).collect::<Vec<_>>()
    };
    let mut rows = vec![Piece::Group(Group::Head, cells(head))];
    let body = lines[2..].iter().take_while(|line| !is_blank(line) && start(line).is_none());
    rows.extend(body.map(|line| Piece::Group(Group::Row, cells(line))));
    let taken = rows.len() + 1;
    pieces.push(Piece::Group(Group::Table, rows));
    Some(taken)
}
