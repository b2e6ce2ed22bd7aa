//! The shown branch of a conversation, as a file.

use api::chat::{Message, Role};

/// As Markdown, with a heading for each turn.
pub fn markdown(messages: &[Message]) -> String {
    let heading = |role| match role {
        Role::System => "System",
        Role::User => "You",
        Role::Assistant => "Model",
    };
    let turns = messages.iter().map(|m| format!("## {}\n\n{}\n", heading(m.role), m.text));
    format!("# Conversation\n\n{}", turns.collect::<Vec<_>>().join("\n"))
}

/// As JSON: a list of `role` and `content`, as most programs read it.
pub fn json(messages: &[Message]) -> String {
    let list: Vec<_> =
        messages.iter().map(|m| serde_json::json!({ "role": m.role, "content": m.text })).collect();
    format!("{:#}\n", serde_json::Value::from(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages() -> Vec<Message> {
        let message = |role, text: &str| Message { role, text: text.into() };
        vec![message(Role::User, "a \"b\""), message(Role::Assistant, "c")]
    }

    #[test]
    fn both_kinds_hold_every_turn() {
        let want = "# Conversation\n\n## You\n\na \"b\"\n\n## Model\n\nc\n";
        assert_eq!(markdown(&messages()), want);
        let back: serde_json::Value = serde_json::from_str(&json(&messages())).unwrap();
        assert_eq!(back[0]["content"], "a \"b\"");
        assert_eq!(back[1]["role"], "assistant");
    }
}
