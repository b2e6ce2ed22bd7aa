//! Whether a model will run on this machine, told before it is downloaded.

use api::catalogue::Checkpoint;

use crate::format::bytes;

/// What a tab can address, less what the engine's program and the browser take of it.
const TAB_BYTES: u64 = 3_800_000_000;
/// Beside the weights: keys and values of a conversation, and room to compute in.
const WORKING_BYTES: u64 = 250_000_000;
/// A browser never tells of more memory than this, so at this number nothing is known.
const MOST_TOLD_GB: f64 = 8.0;
/// More weights than this make one thread slow to answer.
const MANY_PARAMETERS: u64 = 500_000_000;

/// What the browser tells of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Machine {
    /// Bytes the site may still store.
    pub free_bytes: Option<u64>,
    /// Memory in gigabytes, rounded by the browser and at most 8.
    pub memory_gb: Option<f64>,
    /// Threads an engine gets.
    pub threads: u32,
}

/// Whether a model will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Fits,
    /// It may, with the reason for doubt.
    Tight(String),
    /// It will not, with the reason.
    No(String),
}

/// Whether a model of so many bytes and weights will run; `stored_bytes` of it are here already.
pub fn verdict(machine: &Machine, row: &Checkpoint, stored_bytes: u64) -> Verdict {
    let (size, parameters) = (row.likely_bytes(), row.parameters);
    let missing = size.saturating_sub(stored_bytes);
    if let Some(free) = machine.free_bytes.filter(|free| *free < missing) {
        return Verdict::No(format!(
            "it needs {} of storage, and {} are left",
            bytes(missing),
            bytes(free)
        ));
    }
    let need = size + WORKING_BYTES;
    if need > TAB_BYTES {
        return Verdict::No(format!(
            "it needs about {} of memory, and a tab can use {}",
            bytes(need),
            bytes(TAB_BYTES)
        ));
    }
    let told = machine.memory_gb.filter(|memory| *memory < MOST_TOLD_GB);
    if let Some(memory) = told.map(|memory| (memory * 1e9) as u64) {
        if need > memory * 3 / 4 {
            return Verdict::No(format!(
                "it needs about {} of memory, and this device has {}",
                bytes(need),
                bytes(memory)
            ));
        }
        if need > memory / 2 {
            return Verdict::Tight(format!(
                "it takes about {} of this device's {} of memory: close other tabs first",
                bytes(need),
                bytes(memory)
            ));
        }
    }
    if machine.threads <= 1 && parameters > MANY_PARAMETERS {
        return Verdict::Tight("the engine has one thread here, so expect slow answers".into());
    }
    Verdict::Fits
}

/// The largest smaller row of the same family that fits.
pub fn smaller(machine: &Machine, row: &Checkpoint) -> Option<&'static Checkpoint> {
    let steps = std::iter::successors(row.smaller(), |row| row.smaller());
    steps.into_iter().find(|row| verdict(machine, row, 0) == Verdict::Fits)
}

#[cfg(test)]
mod tests {
    use api::catalogue::{File, Origin, Quantization};

    use super::*;

    const GB: u64 = 1_000_000_000;

    fn row(files: &'static [File], parameters: u64) -> Checkpoint {
        Checkpoint {
            id: "x",
            title: "X",
            family: "x",
            origin: Origin::Shipped,
            files,
            parameters,
            quantization: Quantization::Q8_0,
            licence: "MIT",
            tasks: &["chat"],
        }
    }

    #[track_caller]
    fn check(machine: Machine, parameters: u64, stored: u64, want: &str) {
        // Without a size the estimate is taken: 8.5 bits a weight.
        let unknown = &[File { path: "a", size_bytes: None, sha256: None }];
        let said = match verdict(&machine, &row(unknown, parameters), stored) {
            Verdict::Fits => "fits".into(),
            Verdict::Tight(why) => format!("tight: {why}"),
            Verdict::No(why) => format!("no: {why}"),
        };
        assert!(said.starts_with(want), "{machine:?}: {said}");
    }

    #[test]
    fn the_scarcest_thing_decides() {
        let rich = Machine { free_bytes: Some(50 * GB), memory_gb: Some(8.0), threads: 8 };
        check(rich, GB, 0, "fits");
        check(rich, 4 * GB, 0, "no: it needs about 4.5 GB of memory, and a tab can use 3.8 GB");
        let full = Machine { free_bytes: Some(GB), ..rich };
        check(full, GB, 0, "no: it needs 1.1 GB of storage, and 1.0 GB are left");
        check(full, GB, GB / 2, "fits");
        let small = Machine { memory_gb: Some(2.0), ..rich };
        check(small, GB / 10, 0, "fits");
        check(small, GB, 0, "tight: it takes about 1.3 GB of this device's 2.0 GB");
        check(small, 2 * GB, 0, "no: it needs about 2.4 GB of memory, and this device has 2.0 GB");
        let slow = Machine { threads: 1, ..rich };
        check(slow, GB, 0, "tight: the engine has one thread");
        check(slow, GB / 10, 0, "fits");
    }

    #[test]
    fn what_the_browser_does_not_tell_speaks_against_nothing() {
        check(Machine { threads: 4, ..Machine::default() }, GB, 0, "fits");
    }

    #[test]
    fn a_smaller_one_is_of_the_same_family_and_fits() {
        let machine = Machine { free_bytes: None, memory_gb: None, threads: 4 };
        for row in api::catalogue::ALL {
            if let Some(smaller) = smaller(&machine, row) {
                assert_eq!(smaller.family, row.family);
                assert!(smaller.likely_bytes() < row.likely_bytes());
                assert_eq!(verdict(&machine, smaller, 0), Verdict::Fits);
            }
        }
    }
}
