use std::{pin::Pin, rc::Rc};

use crate::Result;

/// Resolves once the driver has looked at its mailbox; fails with [`Error::Stopped`](crate::Error)
/// when the work is no longer wanted.
pub type Turn = Pin<Box<dyn Future<Output = Result<()>>>>;

/// What a long computation calls between two pieces of work, a few milliseconds apart.
///
/// Cheap to call often: the driver decides when it is time to really look.
pub type Breath = Rc<dyn Fn() -> Turn>;

/// Multiplications between two breaths: some ten milliseconds' worth on one thread of a browser.
pub(crate) const BREATH_PRODUCTS: usize = 160_000_000;

/// A breath that never waits and never stops.
pub fn no_breath() -> Breath {
    Rc::new(|| Box::pin(std::future::ready(Ok(()))))
}
