//! What a model writes, as Markdown. Model text is outside data: no HTML, no pictures, and only links
//! that lead to the web or to a mail program.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Deeper nesting is drawn flat: hostile text must not exhaust the stack.
const DEEPEST: usize = 24;

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// Code inside a line.
    Code(String),
    /// A line break.
    Break,
    /// A line across.
    Rule,
    /// Code on lines of its own.
    Block {
        /// What it says it is written in; may be empty.
        language: String,
        /// The code.
        text: String,
    },
    /// Pieces held together.
    Group(Group, Vec<Piece>),
}

/// What holds pieces together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// A paragraph.
    Paragraph,
    /// A heading, 1 to 6.
    Heading(u8),
    /// Words of somebody else.
    Quote,
    /// A list; numbered from a number, or not.
    List(Option<u64>),
    /// An entry of a list.
    Entry,
    /// Louder.
    Strong,
    /// Leaning.
    Emphasis,
    /// Struck through.
    Struck,
    /// A link to a safe address.
    Link(String),
    /// A table.
    Table,
    /// Its first row.
    Head,
    /// Another row.
    Row,
    /// One field of a row.
    Cell,
    /// Nothing to see.
    Plain,
}

/// The parts of a text.
pub fn parse(text: &str) -> Vec<Piece> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut tree = Tree { open: vec![(Group::Plain, Vec::new())], buried: 0, block: None };
    for event in Parser::new_ext(text, options) {
        tree.take(event);
    }
    tree.end_block();
    while tree.open.len() > 1 {
        tree.close();
    }
    tree.open.pop().map(|(_, pieces)| pieces).unwrap_or_default()
}

struct Tree {
    open: Vec<(Group, Vec<Piece>)>,
    /// Groups that are open but too deep to be drawn.
    buried: usize,
    /// Code that is still coming: nothing in it is markup.
    block: Option<(String, String)>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(TagEnd::CodeBlock) => self.end_block(),
            Event::End(_) => self.close(),
            Event::Code(text) => self.push(Piece::Code(text.into_string())),
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => self.push(Piece::Break),
            Event::Rule => self.push(Piece::Rule),
            Event::TaskListMarker(true) => self.text("☑ "),
            Event::TaskListMarker(false) => self.text("☐ "),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let group = match tag {
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => first_word(&info),
                    CodeBlockKind::Indented => String::new(),
                };
                return self.block = Some((language, String::new()));
            }
            Tag::Paragraph => Group::Paragraph,
            Tag::Heading { level, .. } => Group::Heading(level as u8),
            Tag::BlockQuote(_) => Group::Quote,
            Tag::List(first) => Group::List(first),
            Tag::Item => Group::Entry,
            Tag::Strong => Group::Strong,
            Tag::Emphasis => Group::Emphasis,
            Tag::Strikethrough => Group::Struck,
            Tag::Link { dest_url, .. } => safe(&dest_url).map_or(Group::Plain, Group::Link),
            Tag::Table(_) => Group::Table,
            Tag::TableHead => Group::Head,
            Tag::TableRow => Group::Row,
            Tag::TableCell => Group::Cell,
            _ => Group::Plain,
        };
        if self.open.len() > DEEPEST {
            self.buried += 1;
        } else {
            self.open.push((group, Vec::new()));
        }
    }

    fn close(&mut self) {
        if self.buried > 0 {
            self.buried -= 1;
        } else if self.open.len() > 1
            && let Some((group, pieces)) = self.open.pop()
        {
            self.push(Piece::Group(group, pieces));
        }
    }

    fn push(&mut self, piece: Piece) {
        if let Some((_, pieces)) = self.open.last_mut() {
            pieces.push(piece);
        }
    }

    fn end_block(&mut self) {
        if let Some((language, text)) = self.block.take() {
            self.push(Piece::Block { language, text });
        }
    }

    /// Words go to the code block that is open, or to the words they follow.
    fn text(&mut self, more: &str) {
        if let Some((_, text)) = &mut self.block {
            return text.push_str(more);
        }
        match self.open.last_mut().and_then(|(_, pieces)| pieces.last_mut()) {
            Some(Piece::Text(text)) => text.push_str(more),
            _ => self.push(Piece::Text(more.to_owned())),
        }
    }
}

fn first_word(info: &str) -> String {
    info.split([' ', ',', '\t']).next().unwrap_or_default().to_owned()
}

/// The address, if following it can do no more than open a web page or a mail program.
pub fn safe(address: &str) -> Option<String> {
    let address = address.trim();
    let (scheme, rest) = address.split_once(':')?;
    let known = ["http", "https", "mailto"].iter().any(|word| scheme.eq_ignore_ascii_case(word));
    let clean = !address.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    (known && clean && !rest.is_empty()).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Piece {
        Piece::Text(words.into())
    }

    fn paragraph(inside: Vec<Piece>) -> Vec<Piece> {
        vec![Piece::Group(Group::Paragraph, inside)]
    }

    #[test]
    fn markup_becomes_pieces() {
        let want = paragraph(vec![
            text("a "),
            Piece::Group(Group::Strong, vec![text("b")]),
            text(" "),
            Piece::Code("c".into()),
        ]);
        assert_eq!(parse("a **b** `c`"), want);
        let block = Piece::Block { language: "rust".into(), text: "let a = *b*;\n".into() };
        assert_eq!(parse("```rust ignore\nlet a = *b*;\n```"), [block]);
    }

    #[test]
    fn code_that_is_still_coming_is_code() {
        let block = Piece::Block { language: String::new(), text: "let a".into() };
        assert_eq!(parse("```\nlet a"), [block]);
    }

    #[test]
    fn html_is_text() {
        let shown = format!("{:?}", parse("<script>alert(1)</script>\n\na <b onclick=x>b</b>"));
        assert!(shown.contains("Text(\"<script>alert(1)</script>"), "{shown}");
        assert!(shown.contains("a <b onclick=x>b</b>"), "{shown}");
    }

    #[test]
    fn a_link_leads_to_the_web_or_nowhere() {
        for bad in
            ["javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "file:///etc", "//a.b", "x"]
        {
            assert_eq!(safe(bad), None, "{bad}");
            let drawn = parse(&format!("[a]({bad})"));
            assert!(!format!("{drawn:?}").contains("Link"), "{drawn:?}");
        }
        assert_eq!(safe("https://a.b/c"), Some("https://a.b/c".into()));
        let link = Piece::Group(Group::Link("mailto:a@b.c".into()), vec![text("a")]);
        assert_eq!(parse("[a](mailto:a@b.c)"), paragraph(vec![link]));
    }

    #[test]
    fn a_picture_is_its_words() {
        let drawn = parse("![a cat](https://a.b/c.png)");
        assert_eq!(drawn, paragraph(vec![Piece::Group(Group::Plain, vec![text("a cat")])]));
    }

    #[test]
    fn deep_nesting_is_drawn_flat() {
        let drawn = parse(&format!("{}x", "> ".repeat(500)));
        let depth = format!("{drawn:?}").matches("Quote").count();
        assert!(depth > 0 && depth <= DEEPEST, "{depth}");
    }
}
