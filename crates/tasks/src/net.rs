use crate::Later;

/// Fetches from addresses.
pub trait Net {
    /// Sends a request and waits for the head of its reply, whatever its status.
    ///
    /// Fails with [`Failure::Fetch`](api::Failure::Fetch) when there is no reply.
    fn get(&self, ask: Ask) -> Later<Box<dyn Reply>>;

    /// Resolves after some time.
    fn wait(&self, ms: u32) -> Later<()>;
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Whole address.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The request fails when nothing arrives for so long.
    pub patience_ms: u32,
}

/// A reply whose body is still arriving. Dropping it ends the transfer.
pub trait Reply {
    /// HTTP status.
    fn status(&self) -> u16;

    /// A header of the reply, by its lower-case name.
    fn header(&self, name: &str) -> Option<String>;

    /// The next bytes; `None` at the end. Fails when the connection is cut or stalls.
    fn chunk(&mut self) -> Later<Option<Vec<u8>>>;
}
