//! A conversation as the one text a checkpoint was trained on.

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};
use api::{
    Failure,
    chat::{Format, Message, Role},
};
use minijinja::{
    Environment, Error, ErrorKind, Value, context, syntax::SyntaxConfig, value::Kwargs,
};

use crate::grouped::grouped;

/// Well-known templates take a few kilobytes.
const MOST_SOURCE_BYTES: usize = 1 << 20;
/// Work a template may do: some hundred instructions for each of a thousand messages. The engine also
/// charges 64 bytes of text as an instruction, so that a render takes below a second and 32 megabytes.
const FUEL: u64 = 500_000;
/// What a model wrote around its thoughts. Templates look for them to leave thoughts out, so they stay
/// unmarked where a model said them.
const THOUGHTS: [&str; 2] = ["<think>", "</think>"];
/// Set around what only looks like a control token; no character, so nobody can type it.
const FROM: char = '\u{FDD0}';
const TO: char = '\u{FDD1}';

/// Used when a checkpoint brings none.
const PLAIN: &str =
    "{% for message in messages %}{{ message.role | capitalize }}: {{ message.content }}
{% endfor %}Assistant:";

/// A part of the rendered conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// May hold control tokens.
    Template(&'a str),
    /// Spells a control token without being one: it came from a person.
    Person(&'a str),
}

/// A checkpoint's chat template.
pub(crate) struct Template {
    environment: Environment<'static>,
    format: Format,
    bos: String,
    eos: String,
    controls: AhoCorasick,
}

/// What a template can mention besides the messages.
pub(crate) struct Tokens<'a> {
    /// Text of the token a sequence begins with; empty if there is none.
    pub(crate) bos: &'a str,
    /// Text of the token a sequence ends with; empty if there is none.
    pub(crate) eos: &'a str,
    /// Texts of all tokens that steer the model.
    pub(crate) controls: &'a [String],
}

impl Template {
    /// From a checkpoint's Jinja source; without one, a plain format with the roles as words.
    pub(crate) fn new(source: Option<&str>, tokens: &Tokens<'_>) -> Result<Self, Failure> {
        let format = if source.is_some() { Format::Own } else { Format::Plain };
        let source = source.unwrap_or(PLAIN);
        if source.len() > MOST_SOURCE_BYTES {
            return Err(refused(format!("{} bytes are too many for it", grouped(source.len()))));
        }
        let mut environment = Environment::new();
        // As transformers sets Jinja up for chat templates.
        let blocks = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(blocks.map_err(failed)?);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise);
        environment.add_filter("tojson", to_json);
        environment.set_fuel(Some(FUEL));
        environment.add_template_owned("chat", without_generation_marks(source)).map_err(failed)?;
        let (bos, eos) = (tokens.bos.to_owned(), tokens.eos.to_owned());
        Ok(Self { environment, format, bos, eos, controls: finder(tokens.controls)? })
    }

    /// Whether the format is the checkpoint's own.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// What ends an answer in the plain format, where no token does.
    pub(crate) fn stops(&self) -> &'static [&'static str] {
        match self.format {
            Format::Own => &[],
            Format::Plain => &["\nUser:", "\nSystem:", "\nAssistant:"],
        }
    }

    /// The conversation as text, up to where the answer begins. [`parts`](Self::parts) takes it apart.
    pub(crate) fn render(&self, messages: &[Message]) -> Result<String, Failure> {
        let messages: Vec<_> = messages
            .iter()
            .map(|message| context! { role => role(message.role), content => self.marked(message) })
            .collect();
        let template = self.environment.get_template("chat").map_err(failed)?;
        let context = context! {
            messages,
            add_generation_prompt => true,
            bos_token => self.bos.as_str(),
            eos_token => self.eos.as_str(),
        };
        template.render(context).map_err(failed)
    }

    /// A rendered text in parts: what a person wrote to look like a control token stands alone.
    pub(crate) fn parts<'a>(&self, rendered: &'a str) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        for piece in rendered.split_inclusive([FROM, TO]) {
            let text = piece.trim_end_matches([FROM, TO]);
            // A template that cut a message may leave a mark alone; then it marks nothing.
            let marked = match parts.last() {
                Some((_, Some(FROM))) => self.control_at(text),
                _ => 0,
            };
            parts.push((Part::Person(&text[..marked]), None));
            parts.push((Part::Template(&text[marked..]), piece.chars().next_back()));
        }
        let parts = parts.into_iter().map(|(part, _)| part);
        parts.filter(|part| !matches!(part, Part::Template("") | Part::Person(""))).collect()
    }

    /// Bytes of the control token `text` begins with; 0 if it begins with none.
    fn control_at(&self, text: &str) -> usize {
        let here = Input::new(text).anchored(Anchored::Yes);
        self.controls.find(here).map_or(0, |found| found.len())
    }

    /// A message in which whatever spells a control token is marked.
    fn marked(&self, message: &Message) -> String {
        let clean = message.text.replace([FROM, TO], "\u{FFFD}");
        let mut out = String::with_capacity(clean.len());
        self.controls.replace_all_with(&clean, &mut out, |_, control, out| {
            if message.role == Role::Assistant && THOUGHTS.contains(&control) {
                out.push_str(control);
            } else {
                out.push(FROM);
                out.push_str(control);
                out.push(TO);
            }
            true
        });
        out
    }
}

/// Finds control tokens in one pass: the first, and of two at one place the longer.
fn finder(controls: &[String]) -> Result<AhoCorasick, Failure> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .start_kind(StartKind::Both)
        .build(controls.iter().filter(|control| !control.is_empty()))
        .map_err(|error| Failure::input("tokenizer", error.to_string()))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn raise(message: String) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

/// JSON as Python writes it: a space after each comma and colon, nothing escaped for HTML.
fn to_json(value: Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let spaces = " ".repeat(indent.unwrap_or(0));
    let mut out = Vec::new();
    let written = match indent {
        Some(_) => {
            let style = serde_json::ser::PrettyFormatter::with_indent(spaces.as_bytes());
            serde::Serialize::serialize(
                &value,
                &mut serde_json::Serializer::with_formatter(&mut out, style),
            )
        }
        None => serde::Serialize::serialize(
            &value,
            &mut serde_json::Serializer::with_formatter(&mut out, Spaced),
        ),
    };
    let wrong = |e: &dyn std::fmt::Display| {
        Error::new(ErrorKind::InvalidOperation, format!("cannot write as JSON: {e}"))
    };
    written.map_err(|e| wrong(&e))?;
    String::from_utf8(out).map_err(|e| wrong(&e))
}

struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
    ) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

/// `{% generation %}` marks what to train on; to render, it is a block that is always taken.
fn without_generation_marks(source: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(source.len()), source);
    while let Some((before, after)) = rest.split_once("{%") {
        let Some((inside, after)) = after.split_once("%}") else { break };
        let word = inside.trim_matches(|c: char| c.is_whitespace() || c == '-');
        let inside = match word {
            "generation" => inside.replace(word, "if true"),
            "endgeneration" => inside.replace(word, "endif"),
            _ => inside.to_owned(),
        };
        out += &format!("{before}{{%{inside}%}}");
        rest = after;
    }
    out + rest
}

fn failed(error: Error) -> Failure {
    refused(match error.kind() {
        ErrorKind::OutOfFuel => "it takes too long for this conversation, or never ends".into(),
        _ => error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    })
}

/// Refuses a chat template.
pub(crate) fn refused(reason: String) -> Failure {
    Failure::input("chat template", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHATML: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}\
        {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    const TOO_LONG: &str = "it takes too long for this conversation, or never ends";

    fn template(source: Option<&str>) -> Result<Template, Failure> {
        let controls = ["<|im_start|>", "<|im_end|>", "<|im_end|>x"].map(str::to_owned);
        Template::new(source, &Tokens { bos: "<s>", eos: "</s>", controls: &controls })
    }

    fn rendered(source: Option<&str>, said: &[(Role, &str)]) -> Result<String, Failure> {
        let messages: Vec<_> =
            said.iter().map(|(role, text)| Message { role: *role, text: (*text).into() }).collect();
        template(source)?.render(&messages)
    }

    #[track_caller]
    fn check(source: &str, said: &[(Role, &str)], want: &str) {
        assert_eq!(rendered(Some(source), said).as_deref(), Ok(want));
    }

    #[test]
    fn a_conversation_is_rendered_up_to_the_answer() {
        let said = [(Role::System, "Be kind."), (Role::User, " hi ")];
        let want = "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n\
                    <|im_start|>assistant\n";
        check(CHATML, &said, want);
    }

    #[test]
    fn python_words_of_templates_work() {
        let said = [(Role::User, "a</think>b")];
        check("{{ messages[0].content.split('</think>')[-1].strip() }}", &said, "b");
        check("{{ messages[0]['content'].startswith('a') }}", &said, "True");
        check("{{ {'a': [1, 'é<']} | tojson }}", &said, r#"{"a": [1, "é<"]}"#);
        check("{{ {'a': 1} | tojson(indent=2) }}", &said, "{\n  \"a\": 1\n}");
        check("{%- generation -%} x {%- endgeneration %}{{ bos_token }}", &said, "x<s>");
        check(
            "{% if tools is defined and tools %}t{% endif %}{% if strftime_now is defined %}d{% endif %}-",
            &said,
            "-",
        );
        check(
            "{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}x{% endfor %}.",
            &said,
            ".",
        );
    }

    #[test]
    fn a_template_that_refuses_or_fails_says_so_in_its_own_words() {
        let reason = |source| match rendered(Some(source), &[(Role::User, "x")]) {
            Err(Failure::Input { field, reason }) if field == "chat template" => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason("{{ raise_exception('roles must alternate') }}"), "roles must alternate");
        assert!(reason("{{ nothing.at.all }}").contains("undefined"));
        assert!(!reason("{% if %}").is_empty());
        assert_eq!(
            reason("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}"),
            TOO_LONG
        );
    }

    #[test]
    fn a_person_cannot_write_a_control_token() {
        let text =
            rendered(Some(CHATML), &[(Role::User, "a<|im_end|>\n<|im_end|>xb\u{FDD0}")]).unwrap();
        let want = [
            Part::Template("<|im_start|>user\na"),
            Part::Person("<|im_end|>"),
            Part::Template("\n"),
            Part::Person("<|im_end|>x"),
            Part::Template("b\u{FFFD}<|im_end|>\n<|im_start|>assistant\n"),
        ];
        assert_eq!(template(Some(CHATML)).unwrap().parts(&text), want);
    }

    #[test]
    fn a_checkpoint_without_a_template_gets_a_plain_one() {
        let text = rendered(None, &[(Role::System, "Be kind."), (Role::User, "hi")]).unwrap();
        assert_eq!(text, "System: Be kind.\nUser: hi\nAssistant:");
        let (plain, own) = (template(None).unwrap(), template(Some(CHATML)).unwrap());
        assert!(!plain.stops().is_empty() && own.stops().is_empty());
        assert_eq!((plain.format(), own.format()), (Format::Plain, Format::Own));
    }

    #[test]
    fn a_message_a_template_cuts_leaves_no_marks() {
        let source = "{{ messages[0].content.split('<|im_end|>')|join('|') }}{{ messages[0].content[:13] }}<|im_end|>";
        let text = rendered(Some(source), &[(Role::User, "ab<|im_end|>c")]).unwrap();
        let want = [
            Part::Template("ab"),
            Part::Template("|"),
            Part::Template("cab"),
            Part::Person("<|im_end|>"),
            Part::Template("<|im_end|>"),
        ];
        assert_eq!(template(Some(source)).unwrap().parts(&text), want);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "tests run where there is a clock")]
    fn a_megabyte_of_control_tokens_takes_no_minutes() {
        let said = "<|im_end|>".repeat(100_000);
        let begin = std::time::Instant::now();
        let text = rendered(Some(CHATML), &[(Role::User, &said)]).unwrap();
        assert_eq!(template(Some(CHATML)).unwrap().parts(&text).len(), 100_002);
        let took = begin.elapsed();
        // Searching the rest again after each token would take minutes, on any machine.
        assert!(took.as_secs_f32() < 20.0, "{took:?}");
    }

    #[test]
    fn a_template_that_writes_without_measure_is_refused() {
        let reason = |source: &str| match rendered(Some(source), &[(Role::User, "x")]) {
            Err(Failure::Input { field, reason }) if field == "chat template" => reason,
            other => panic!("{:?}", other.map(|text| text.len())),
        };
        let doubling = "{% set all = namespace(text='xy') %}{% for _ in range(24) %}\
                        {% set all.text = all.text + all.text %}{% endfor %}{{ all.text }}";
        assert_eq!(reason(doubling), TOO_LONG);
        let looping = "{% for _ in range(9999) %}".to_owned() + &"x".repeat(9999) + "{% endfor %}";
        assert_eq!(reason(&looping), TOO_LONG);
        assert_eq!(reason("{{ 'x' * 100000000000 }}"), TOO_LONG);
        assert_eq!(reason(&"x".repeat(2_000_000)), "2,000,000 bytes are too many for it");
    }

    #[derive(serde::Deserialize)]
    struct Golden {
        bos: String,
        eos: String,
        conversations: Vec<Vec<(Role, String)>>,
        styles: Vec<Style>,
    }

    #[derive(serde::Deserialize)]
    struct Style {
        style: String,
        source: String,
        rendered: Vec<Rendered>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Rendered {
        Text(String),
        Refused(String),
    }

    /// See `tests/golden/template.py`.
    #[test]
    fn well_known_templates_render_as_transformers_does() {
        let golden = include_str!("../../../../tests/golden/template.json");
        let golden: Golden = serde_json::from_str(golden).unwrap();
        let controls = ["<|im_start|>", "<|im_end|>", "<think>", "</think>", "<end_of_turn>"]
            .map(str::to_owned);
        let tokens = Tokens { bos: &golden.bos, eos: &golden.eos, controls: &controls };
        for Style { style, source, rendered } in &golden.styles {
            let template = Template::new(Some(source), &tokens).unwrap();
            assert_eq!(rendered.len(), golden.conversations.len());
            for (said, want) in golden.conversations.iter().zip(rendered) {
                let message =
                    |(role, text): &(Role, String)| Message { role: *role, text: text.clone() };
                let messages: Vec<_> = said.iter().map(message).collect();
                let got = match template.render(&messages) {
                    Ok(text) => Rendered::Text(whole(&template.parts(&text))),
                    Err(Failure::Input { reason, .. }) => Rendered::Refused(reason),
                    Err(failure) => panic!("{style}: {failure}"),
                };
                assert_eq!(got, *want, "{style}: {said:?}");
            }
        }
    }

    fn whole(parts: &[Part<'_>]) -> String {
        parts.iter().map(|(Part::Template(text) | Part::Person(text))| *text).collect()
    }
}
