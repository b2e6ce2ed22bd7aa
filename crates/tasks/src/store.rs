use std::rc::Rc;

use api::Failure;
use models::Source;

use crate::{Disk, Files, Later};

/// The whole models of a store, to be opened by name.
pub struct Shelf(Rc<dyn Disk>);

impl Shelf {
    /// Over the storage of a driver.
    pub fn new(disk: Rc<dyn Disk>) -> Self {
        Self(disk)
    }
}

impl Files for Shelf {
    fn list(&self, model: &str) -> Later<Vec<String>> {
        let _ = &self.0;
        let failure = Failure::Bug(format!("{model}: the store is not built yet"));
        Box::pin(std::future::ready(Err(failure)))
    }

    fn open(&self, model: &str, _file: &str) -> Later<Rc<dyn Source>> {
        let failure = Failure::Bug(format!("{model}: the store is not built yet"));
        Box::pin(std::future::ready(Err(failure)))
    }
}
