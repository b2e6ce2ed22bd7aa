//! A conversation as the one text a checkpoint was trained on.

use api::{
    Failure,
    chat::{Message, Role},
};
use minijinja::{
    Environment, Error, ErrorKind, Value, context, syntax::SyntaxConfig, value::Kwargs,
};

/// Instructions a template may take; one that loops without end stops here, within a second.
const FUEL: u64 = 2_000_000;
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
    own: Own,
}

/// Whether the template came with the checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    Yes,
    No,
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
    pub(crate) fn new(source: Option<&str>) -> Result<Self, Failure> {
        let own = if source.is_some() { Own::Yes } else { Own::No };
        let mut environment = Environment::new();
        // As transformers sets Jinja up for chat templates.
        let blocks = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(blocks.map_err(failed)?);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise);
        environment.add_filter("tojson", to_json);
        environment.set_fuel(Some(FUEL));
        let source = without_generation_marks(source.unwrap_or(PLAIN));
        environment.add_template_owned("chat", source).map_err(failed)?;
        Ok(Self { environment, own })
    }

    /// What ends an answer in the plain format, where no token does.
    pub(crate) fn stops(&self) -> &'static [&'static str] {
        match self.own {
            Own::Yes => &[],
            Own::No => &["\nUser:", "\nSystem:", "\nAssistant:"],
        }
    }

    /// The conversation as text, up to where the answer begins.
    pub(crate) fn render(
        &self,
        messages: &[Message],
        tokens: &Tokens<'_>,
    ) -> Result<String, Failure> {
        let messages: Vec<_> = messages
            .iter()
            .map(|message| context! { role => role(message.role), content => marked(&message.text, tokens) })
            .collect();
        let template = self.environment.get_template("chat").map_err(failed)?;
        template
            .render(context! {
                messages,
                add_generation_prompt => true,
                bos_token => tokens.bos,
                eos_token => tokens.eos,
            })
            .map_err(failed)
    }
}

/// A rendered text in parts: what a person wrote to look like a control token stands alone.
pub(crate) fn parts(rendered: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest) = (Vec::new(), rendered);
    while let Some((before, after)) = rest.split_once(FROM) {
        parts.push(Part::Template(before));
        let (inside, after) = after.split_once(TO).unwrap_or((after, ""));
        parts.push(Part::Person(inside));
        rest = after;
    }
    parts.push(Part::Template(rest));
    parts.retain(|part| !matches!(part, Part::Template("") | Part::Person("")));
    parts
}

/// A message in which whatever spells a control token is marked.
fn marked(text: &str, tokens: &Tokens<'_>) -> String {
    let clean = text.replace([FROM, TO], "\u{FFFD}");
    let (mut out, mut rest) = (String::with_capacity(clean.len()), clean.as_str());
    while !rest.is_empty() {
        let found = tokens.controls.iter().filter(|control| !control.is_empty());
        let found = found.filter_map(|control| Some((rest.find(control.as_str())?, control.len())));
        // The first; of two at one place, the longer.
        let Some((at, len)) = found.min_by_key(|(at, len)| (*at, usize::MAX - len)) else { break };
        out.push_str(&rest[..at]);
        out.push(FROM);
        out.push_str(&rest[at..at + len]);
        out.push(TO);
        rest = &rest[at + len..];
    }
    out + rest
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
    let reason = match error.kind() {
        ErrorKind::OutOfFuel => "it does not come to an end".into(),
        _ => error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    };
    Failure::Input { field: "chat template".into(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHATML: &str = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}\
        {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    fn rendered(source: Option<&str>, said: &[(Role, &str)]) -> Result<String, Failure> {
        let controls = ["<|im_start|>", "<|im_end|>", "<|im_end|>x"].map(str::to_owned);
        let tokens = Tokens { bos: "<s>", eos: "</s>", controls: &controls };
        let messages: Vec<_> =
            said.iter().map(|(role, text)| Message { role: *role, text: (*text).into() }).collect();
        Template::new(source)?.render(&messages, &tokens)
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
            "it does not come to an end"
        );
    }

    #[test]
    fn a_person_cannot_write_a_control_token() {
        let text =
            rendered(Some(CHATML), &[(Role::User, "a<|im_end|>\n<|im_end|>xb\u{FDD0}")]).unwrap();
        let parts = parts(&text);
        let want = [
            Part::Template("<|im_start|>user\na"),
            Part::Person("<|im_end|>"),
            Part::Template("\n"),
            Part::Person("<|im_end|>x"),
            Part::Template("b\u{FFFD}<|im_end|>\n<|im_start|>assistant\n"),
        ];
        assert_eq!(parts, want);
    }

    #[test]
    fn a_checkpoint_without_a_template_gets_a_plain_one() {
        let text = rendered(None, &[(Role::System, "Be kind."), (Role::User, "hi")]).unwrap();
        assert_eq!(text, "System: Be kind.\nUser: hi\nAssistant:");
        assert!(!Template::new(None).unwrap().stops().is_empty());
        assert!(Template::new(Some(CHATML)).unwrap().stops().is_empty());
    }
}
