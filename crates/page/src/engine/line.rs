//! What passes between the page and one engine, without the browser in between.

use api::{
    Failure,
    wire::{CallId, Event, Request, VERSION},
};

/// How often an engine is asked for a sign of life.
pub(crate) const BEAT_MS: u32 = 2_000;
/// An engine not heard for this long does not answer.
const SILENCE_MS: f64 = 10_000.0;
/// A first visit fetches and compiles the engine; slow lines need time.
const START_MS: f64 = 90_000.0;
/// Two beats further apart than this: the page itself slept, in a hidden tab or a closed laptop.
const SLEPT_MS: f64 = 6_000.0;

/// What a message of the engine means to the page.
#[derive(Debug, PartialEq)]
pub(crate) enum News {
    /// The engine listens: these requests waited for it.
    Open { threads: u32, waiting: Vec<Request> },
    /// The engine is of another version than the page.
    Version(u32),
    /// It lives, and holds this much memory.
    Memory(u64),
    /// Something for a call.
    Partial(CallId, Vec<u8>),
    /// The last thing for a call.
    End(CallId, Result<Vec<u8>, Failure>),
}

/// What a beat of the clock asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Beat {
    /// The engine has not said `Ready` yet.
    Wait,
    /// To be sent.
    Ping(Request),
    /// The engine has been silent too long; to be sent all the same.
    Silent(Request),
    /// It never said `Ready`.
    NoStart,
}

/// One engine's line. A new worker gets a new line.
///
/// Invariant: nothing is sent before `Ready`; what is asked earlier waits here.
#[derive(Debug)]
pub(crate) struct Line {
    open: bool,
    waiting: Vec<Request>,
    pings: u32,
    heard_ms: f64,
    beat_ms: f64,
}

impl Line {
    /// A line to an engine started at `now_ms`, with what waits for it already.
    pub(crate) fn new(now_ms: f64, waiting: Vec<Request>) -> Self {
        Self { open: false, waiting, pings: 0, heard_ms: now_ms, beat_ms: now_ms }
    }

    /// The request, if it can be sent now; else it waits.
    pub(crate) fn send(&mut self, request: Request) -> Option<Request> {
        if self.open {
            return Some(request);
        }
        self.waiting.push(request);
        None
    }

    /// Takes a call back that was not sent yet; tells whether it was there.
    pub(crate) fn withdraw(&mut self, id: CallId) -> bool {
        let before = self.waiting.len();
        self.waiting
            .retain(|request| !matches!(request, Request::Start { call, .. } if *call == id));
        self.waiting.len() < before
    }

    /// What is left to send, when the engine is given up for another.
    pub(crate) fn into_waiting(self) -> Vec<Request> {
        self.waiting
    }

    /// Whether the engine said `Ready`.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// What a message means.
    pub(crate) fn hear(&mut self, event: Event, now_ms: f64) -> News {
        self.heard_ms = now_ms;
        match event {
            Event::Ready { version: VERSION, threads } => {
                self.open = true;
                News::Open { threads, waiting: std::mem::take(&mut self.waiting) }
            }
            Event::Ready { version, .. } => News::Version(version),
            Event::Pong { memory_bytes, .. } => News::Memory(memory_bytes),
            Event::Partial { call, body } => News::Partial(call, body),
            Event::End { call, result } => News::End(call, result),
        }
    }

    /// What is to be done now; called every [`BEAT_MS`].
    pub(crate) fn beat(&mut self, now_ms: f64) -> Beat {
        if now_ms - self.beat_ms > SLEPT_MS {
            self.heard_ms = now_ms;
        }
        self.beat_ms = now_ms;
        let silent_ms = now_ms - self.heard_ms;
        if !self.open {
            return if silent_ms > START_MS { Beat::NoStart } else { Beat::Wait };
        }
        self.pings = self.pings.wrapping_add(1);
        let ping = Request::Ping { count: self.pings };
        if silent_ms > SILENCE_MS { Beat::Silent(ping) } else { Beat::Ping(ping) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: Event = Event::Ready { version: VERSION, threads: 4 };
    const PONG: Event = Event::Pong { count: 1, memory_bytes: 7 };

    fn start(id: u32) -> Request {
        Request::Start { call: CallId(id), task: "chat".into(), input: vec![] }
    }

    fn open() -> Line {
        let mut line = Line::new(0.0, vec![]);
        line.hear(READY, 0.0);
        line
    }

    #[test]
    fn nothing_is_sent_before_ready() {
        let mut line = Line::new(0.0, vec![]);
        assert_eq!(line.send(start(1)), None);
        assert_eq!(line.beat(2_000.0), Beat::Wait);
        let news = line.hear(READY, 2_500.0);
        assert_eq!(news, News::Open { threads: 4, waiting: vec![start(1)] });
        assert_eq!(line.send(start(2)), Some(start(2)));
    }

    #[test]
    fn a_call_taken_back_is_never_sent() {
        let mut line = Line::new(0.0, vec![start(1), start(2)]);
        assert!(line.withdraw(CallId(1)));
        assert!(!line.withdraw(CallId(1)));
        assert_eq!(line.into_waiting(), vec![start(2)]);
    }

    #[test]
    fn another_version_is_refused() {
        let mut line = Line::new(0.0, vec![start(1)]);
        let other = Event::Ready { version: VERSION + 1, threads: 1 };
        assert_eq!(line.hear(other, 1.0), News::Version(VERSION + 1));
        assert!(!line.is_open());
    }

    #[test]
    fn ten_silent_seconds_are_told_and_a_word_ends_them() {
        let mut line = open();
        for beat in 1..=5 {
            assert!(matches!(line.beat(f64::from(beat) * 2_000.0), Beat::Ping(_)), "{beat}");
        }
        assert!(matches!(line.beat(12_000.0), Beat::Silent(_)));
        line.hear(PONG, 12_500.0);
        assert!(matches!(line.beat(14_000.0), Beat::Ping(_)));
    }

    #[test]
    fn a_page_that_slept_blames_nobody() {
        let mut line = open();
        line.beat(2_000.0);
        assert!(matches!(line.beat(900_000.0), Beat::Ping(_)));
    }

    #[test]
    fn an_engine_that_never_starts_is_given_up() {
        let mut line = Line::new(0.0, vec![]);
        let beats = (1..=46).map(|beat| line.beat(f64::from(beat) * 2_000.0)).collect::<Vec<_>>();
        assert_eq!(beats[44], Beat::Wait);
        assert_eq!(beats[45], Beat::NoStart);
    }
}
