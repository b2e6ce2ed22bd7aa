//! The same by the `pulldown-cmark` crate, which knows all of CommonMark.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::{DEEPEST, Group, Piece, safe};

/// The parts of a text.
pub(super) fn parse(text: &str) -> Vec<Piece> {
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
