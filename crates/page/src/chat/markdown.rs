//! What a model writes, as Markdown. Model text is outside data: no HTML, no pictures, and only links
//! that lead to the web or to a mail program.
//!
//! CommonMark with tables and strikethrough, less what models do not write: link definitions, HTML
//! blocks (all HTML is text), and names of rare characters. `reference` holds it against a whole
//! implementation, whose tables are too heavy for a page.

mod blocks;
mod inline;
#[cfg(test)]
mod reference;

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
    let lines: Vec<_> = text.split_inclusive('\n').map(blocks::spaced).collect();
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    blocks::blocks(&lines, 0)
}

/// Words go to the words they follow.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
        (_, piece) => pieces.push(piece),
    }
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

    /// Whatever a model may write; every prefix is what a person sees while it comes.
    const WRITTEN: &[&str] = &[
        "# Title\n\nSome *leaning*, **loud** and ***both*** words, `code`, ~~gone~~ and a [link](https://a.b/c_d).",
        "## Title ##\nText right under it\nthat goes on  \nafter a break\\\nand another.\n\n---\n\nSetext\n===\n",
        "1. one\n2. two\n   - nested\n   - more\n\n     with a paragraph\n3. three\n",
        "- a\n- b\n\n- c\n\nafter\n\n* other\n* list\n+ third\n",
        "10) ten\n11) eleven\n\ntext 1. no list\n1986. A year.\n",
        "Steps:\n- first `x`\n- second\ncontinues lazily\n\n  and apart\n",
        "```python\ndef f(x):\n    return x * 2\n\n# no heading\n```\nafter\n",
        "- item\n  ```js\n  let a = 1;\n\n  let b = 2;\n  ```\n- next\n",
        "~~~\ntildes ``` inside\n~~~\n\n    indented code\n\n    goes on\n\nend\n",
        "> quoted *text*\n> more\nlazy\n\n> - list in it\n> - two\n>\n> > deeper\n\nout",
        "| a | b |\n|---|:-:|\n| 1 | `x \\| y` |\n| only |\n| 1 | 2 | 3 |\n\nafter | no table\n",
        "Name | Age\n--- | ---\nAnn | 3\n**Bo** | 4\ntext\n\n",
        "snake_case_name and 2*3*4 and 2 * 3 and __dunder__ and _a_b_ and *a*b* and **a*b**\n",
        "**bold**text **bold:**text *a**b*c** ***a** b* *a **b*** a**b**c **\"q\"**a\n",
        "*(*a*)* **(**a**)** _(_a_)_ ** not ** * not * **unfinished and *half\n",
        "`` a ` b `` and ` x ` and `unclosed and ``` three\n",
        "&amp; &lt;b&gt; &copy; &#65; &#x1F600; &nope; AT&T \\* \\_ \\[ \\a\n",
        "<https://a.b/c> 1 < 2 > 0 a<b>c</b> https://bare.example/x_y_z\n",
        "[a *b* c](https://x.y \"t\") [b](<https://x.y/a>) [c](https://x.y/(z)) [d] [e](\n",
        "![pic](https://a.b/c.png) [![in](https://a.b/i.png)](https://c.d) [a [b](https://e.f) c](https://g.h)\n",
        "~5 to ~10 and ~one~ and ~~~three~~~ and ~~a *b~~ c*\n",
        "- [ ] open\n- [x] done\n",
        "\ttabbed code\n\n-\ttabbed item\n\n1.\n   empty first\n\n-\n\nx\n",
        "Grüße 😀 **ü**ber *日本語*。 **「引用」**は\r\nnext\r\n\r\n- é\r\n",
        "a\n***\nb\n___\n* * *\n- - -\n####### no\n#no\n#\n",
        "1. a\n\n   b\n2. c\n\n\n3. d\n- x\n    - y\n        - z\n    - w\n",
        "**Note:** use `a|b`.\n\n1. **First**: do\n\n   ```sh\n   ls\n   ```\n\n2. **Second**: done\n",
    ];

    #[test]
    fn what_models_write_is_read_as_commonmark_has_it() {
        for written in WRITTEN {
            assert_eq!(parse(written), reference::parse(written), "{written}");
        }
    }

    #[test]
    fn any_cut_of_it_is_read_without_a_trap() {
        let mut seen = 0;
        for written in WRITTEN {
            for (end, _) in written.char_indices() {
                seen += parse(&written[..end]).len();
            }
        }
        assert!(seen > 1000, "{seen}");
    }

    /// A parser that looks at every pair of letters would not end within the runner's patience.
    #[test]
    fn hostile_text_takes_no_long_time() {
        for part in [
            "*a ", "[", "![a](", "`", "``a ", "> ", "- ", "**a** _", "<", "|", "a\n", "~~a~ ", "](",
        ] {
            let text = part.repeat(20_000);
            assert!(!parse(&text).is_empty(), "{part}");
        }
    }

    #[test]
    fn deep_nesting_is_drawn_flat() {
        let drawn = parse(&format!("{}x", "> ".repeat(500)));
        let depth = format!("{drawn:?}").matches("Quote").count();
        assert!(depth > 0 && depth <= DEEPEST, "{depth}");
        let drawn = parse(&format!("{}x{}", "*a ".repeat(500), " a*".repeat(500)));
        let depth = format!("{drawn:?}").matches("Emphasis").count();
        assert!(depth > 0 && depth <= DEEPEST, "{depth}");
    }
}
