//! Messages between the page and whoever computes, and their one encoding.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Failure;

/// Raised whenever a message changes shape; both sides compare it before anything else.
pub const VERSION: u32 = 1;

/// Chosen by the page, unique while the page lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallId(pub u32);

/// Page to engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Run `task` on an encoded input.
    Start {
        /// Whose answer the events will carry.
        call: CallId,
        /// A [`Task::NAME`](crate::Task::NAME).
        task: String,
        /// Encoded [`Task::Input`](crate::Task::Input).
        input: Vec<u8>,
    },
    /// Give up on a call; answered by [`Failure::Stopped`].
    Stop {
        /// The call to end.
        call: CallId,
    },
    /// Answered by [`Event::Pong`] as soon as the engine looks at its mailbox.
    Ping {
        /// Comes back unchanged.
        count: u32,
    },
}

/// Engine to page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// First message of every engine. Requests sent before it are lost.
    Ready {
        /// The engine's [`VERSION`].
        version: u32,
        /// Threads it computes on.
        threads: u32,
    },
    /// Sign of life.
    Pong {
        /// Of the [`Request::Ping`] it answers.
        count: u32,
        /// Size of the engine's memory, which never shrinks.
        memory_bytes: u64,
    },
    /// Encoded [`Task::Partial`](crate::Task::Partial).
    Partial {
        /// Which call.
        call: CallId,
        /// Encoded value.
        body: Vec<u8>,
    },
    /// Last message of a call: an encoded [`Task::Output`](crate::Task::Output), or why not.
    End {
        /// Which call.
        call: CallId,
        /// How it ended.
        result: Result<Vec<u8>, Failure>,
    },
}

/// Bytes for one message.
pub fn encode(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    postcard::to_stdvec(value).map_err(|e| Failure::Bug(format!("cannot encode: {e}")))
}

/// One message from bytes; trailing or missing bytes are an error.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(Failure::Bug(format!("{} bytes left over", rest.len()))),
        Err(e) => Err(Failure::Bug(format!("cannot decode: {e}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_damaged_message_is_refused() {
        let good = encode(&Event::Ready { version: VERSION, threads: 1 }).unwrap();
        assert_eq!(decode(&good), Ok(Event::Ready { version: VERSION, threads: 1 }));
        let longer = [&good[..], &[0]].concat();
        assert!(decode::<Event>(&longer).is_err());
        assert!(decode::<Event>(&good[..good.len() - 1]).is_err());
    }
}
