//! Text out of tokens, as it comes.

/// Assembles the bytes of tokens into text, and looks out for stop strings.
///
/// Text that might still turn into a stop string, and bytes that do not make a character yet, wait.
pub(super) struct Stream<'a> {
    stops: &'a [String],
    bytes: Vec<u8>,
    held: String,
}

/// What a token added.
#[derive(Debug, PartialEq)]
pub(super) struct Step {
    /// Text that can be shown.
    pub(super) text: String,
    /// The stop string that came up, if one did; nothing follows it.
    pub(super) stop: Option<String>,
}

impl<'a> Stream<'a> {
    /// For one answer, which ends before the first of `stops`.
    pub(super) fn new(stops: &'a [String]) -> Self {
        Self { stops, bytes: Vec::new(), held: String::new() }
    }

    /// What `bytes` adds to the text.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Step {
        self.bytes.extend(bytes);
        self.take_characters();
        self.release()
    }

    /// What is left at the end; half a character becomes U+FFFD.
    pub(super) fn finish(mut self) -> String {
        if !self.bytes.is_empty() {
            self.held.push(char::REPLACEMENT_CHARACTER);
        }
        self.held
    }

    fn take_characters(&mut self) {
        loop {
            let (good, bad) = match std::str::from_utf8(&self.bytes) {
                Ok(text) => (text, None),
                Err(e) => {
                    let good = std::str::from_utf8(&self.bytes[..e.valid_up_to()]);
                    (good.unwrap_or_default(), Some(e.error_len()))
                }
            };
            self.held.push_str(good);
            let done = good.len();
            match bad {
                None => return self.bytes.clear(),
                Some(None) => return drop(self.bytes.drain(..done)),
                Some(Some(wrong)) => {
                    self.held.push(char::REPLACEMENT_CHARACTER);
                    self.bytes.drain(..done + wrong);
                }
            }
        }
    }

    fn release(&mut self) -> Step {
        let found =
            self.stops.iter().filter_map(|stop| Some((self.held.find(stop.as_str())?, stop)));
        // The first in the text; of two at one place, the first in the list.
        if let Some((at, stop)) = found.min_by_key(|(at, _)| *at) {
            let stop = Some(stop.clone());
            let text = self.held[..at].to_owned();
            self.held.clear();
            self.bytes.clear();
            return Step { text, stop };
        }
        let free = self.held.len() - self.awaited();
        let rest = self.held.split_off(free);
        Step { text: std::mem::replace(&mut self.held, rest), stop: None }
    }

    /// Bytes at the end of what is held that a stop string begins with.
    fn awaited(&self) -> usize {
        let begun = |stop: &String| {
            let lengths = stop.char_indices().map(|(at, _)| at).filter(|at| *at > 0);
            lengths.filter(|at| self.held.ends_with(&stop[..*at])).max()
        };
        self.stops.iter().filter_map(begun).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes byte strings; gives what was shown after each, and what came at the end.
    fn check(stops: &[&str], pushed: &[&[u8]], want: &[&str], end: &str) {
        let stops: Vec<_> = stops.iter().map(|s| (*s).to_owned()).collect();
        let mut stream = Stream::new(&stops);
        let shown: Vec<_> = pushed.iter().map(|bytes| stream.push(bytes).text).collect();
        assert_eq!(shown, want);
        assert_eq!(stream.finish(), end);
    }

    #[test]
    fn a_character_split_over_tokens_waits_until_it_is_whole() {
        check(&[], &[b"a\xF0\x9F", b"\x98", b"\x80b"], &["a", "", "😀b"], "");
        check(&[], &["é".as_bytes()], &["é"], "");
    }

    #[test]
    fn what_can_be_no_character_is_replaced() {
        check(&[], &[b"a\xFFb"], &["a\u{FFFD}b"], "");
        check(&[], &[b"\xE2\x82", b"x"], &["", "\u{FFFD}x"], "");
        check(&[], &[b"\xE2\x82"], &[""], "\u{FFFD}");
    }

    #[test]
    fn text_that_may_become_a_stop_string_waits() {
        check(&["END"], &[b"an E", b"N", b"X"], &["an ", "", "ENX"], "");
        check(&["END"], &[b"an EN"], &["an "], "EN");
        check(&["aab"], &[b"aaa", b"a"], &["a", "a"], "aa");
    }

    #[test]
    fn the_answer_ends_before_the_stop_string() {
        let stops = ["END".to_owned(), "\n".to_owned()];
        let mut stream = Stream::new(&stops);
        assert_eq!(stream.push(b"one E"), Step { text: "one ".into(), stop: None });
        let last = stream.push(b"ND two\n");
        assert_eq!(last, Step { text: String::new(), stop: Some("END".into()) });
        assert_eq!(stream.finish(), "");
    }
}
