use std::{collections::VecDeque, task::Waker};

use api::{
    Failure,
    wire::{CallId, Event, Request},
};

/// A call that waits for its turn.
#[derive(Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) task: String,
    pub(crate) input: Vec<u8>,
}

/// Calls in the order they came; one runs at a time.
#[derive(Default)]
pub(crate) struct Mailbox {
    waiting: VecDeque<Call>,
    running: Option<Running>,
}

struct Running {
    id: CallId,
    stopped: bool,
    waker: Option<Waker>,
}

impl Mailbox {
    /// Takes a request in, and answers what can be answered at once.
    pub(crate) fn receive(&mut self, request: Request, memory_bytes: u64) -> Option<Event> {
        match request {
            Request::Start { call: id, task, input } => {
                self.waiting.push_back(Call { id, task, input });
                None
            }
            Request::Stop { call } => self.stop(call),
            Request::Ping { count } => Some(Event::Pong { count, memory_bytes }),
        }
    }

    fn stop(&mut self, call: CallId) -> Option<Event> {
        if let Some(running) = self.running.as_mut().filter(|running| running.id == call) {
            running.stopped = true;
            if let Some(waker) = running.waker.take() {
                waker.wake();
            }
            return None;
        }
        // A call that is neither running nor waiting has ended while its Stop was on the way.
        let at = self.waiting.iter().position(|waiting| waiting.id == call)?;
        self.waiting.remove(at);
        Some(Event::End { call, result: Err(Failure::Stopped) })
    }

    /// The next call to run, if none runs.
    pub(crate) fn next(&mut self) -> Option<Call> {
        if self.running.is_some() {
            return None;
        }
        let call = self.waiting.pop_front()?;
        self.running = Some(Running { id: call.id, stopped: false, waker: None });
        Some(call)
    }

    /// Whether the running call is no longer wanted; if it is, `waker` is called when that changes.
    pub(crate) fn stopped(&mut self, waker: Option<&Waker>) -> bool {
        let Some(running) = &mut self.running else { return false };
        if let Some(waker) = waker {
            running.waker = Some(waker.clone());
        }
        running.stopped
    }

    /// Makes room for the next call.
    pub(crate) fn ended(&mut self) {
        self.running = None;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        task::Wake,
    };

    use super::*;

    fn start(id: u32) -> Request {
        Request::Start { call: CallId(id), task: "chat".into(), input: vec![] }
    }

    fn stop(id: u32) -> Request {
        Request::Stop { call: CallId(id) }
    }

    struct Bell(AtomicBool);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    #[test]
    fn calls_run_one_at_a_time_in_the_order_they_came() {
        let mut mailbox = Mailbox::default();
        assert_eq!(mailbox.receive(start(1), 0), None);
        assert_eq!(mailbox.receive(start(2), 0), None);
        assert_eq!(mailbox.next().unwrap().id, CallId(1));
        assert_eq!(mailbox.next(), None);
        mailbox.ended();
        assert_eq!(mailbox.next().unwrap().id, CallId(2));
        mailbox.ended();
        assert_eq!(mailbox.next(), None);
    }

    #[test]
    fn a_waiting_call_is_stopped_at_once_and_never_runs() {
        let mut mailbox = Mailbox::default();
        mailbox.receive(start(1), 0);
        mailbox.receive(start(2), 0);
        mailbox.next();
        let ended = Event::End { call: CallId(2), result: Err(Failure::Stopped) };
        assert_eq!(mailbox.receive(stop(2), 0), Some(ended));
        assert!(!mailbox.stopped(None), "the running call goes on");
        mailbox.ended();
        assert_eq!(mailbox.next(), None);
    }

    #[test]
    fn a_running_call_that_waits_is_woken_by_its_stop() {
        let mut mailbox = Mailbox::default();
        mailbox.receive(start(1), 0);
        mailbox.next();
        let bell = Arc::new(Bell(AtomicBool::new(false)));
        assert!(!mailbox.stopped(Some(&bell.clone().into())));
        assert_eq!(mailbox.receive(stop(1), 0), None);
        assert!(bell.0.load(Ordering::SeqCst));
        assert!(mailbox.stopped(None));
        mailbox.ended();
        mailbox.receive(start(2), 0);
        mailbox.next();
        assert!(!mailbox.stopped(None), "the next call is not stopped by the last one's Stop");
    }

    #[test]
    fn a_stop_that_comes_too_late_changes_nothing() {
        let mut mailbox = Mailbox::default();
        mailbox.receive(start(1), 0);
        mailbox.next();
        mailbox.ended();
        assert_eq!(mailbox.receive(stop(1), 0), None);
        mailbox.receive(start(2), 0);
        mailbox.next();
        assert!(!mailbox.stopped(None));
    }

    #[test]
    fn a_ping_is_answered_while_a_call_runs() {
        let mut mailbox = Mailbox::default();
        mailbox.receive(start(1), 0);
        mailbox.next();
        let pong = Event::Pong { count: 7, memory_bytes: 65_536 };
        assert_eq!(mailbox.receive(Request::Ping { count: 7 }, 65_536), Some(pong));
    }
}
