//! Whatever computes can be stopped at any breath.

use std::{cell::Cell, rc::Rc};

use models::{Breath, Error};
use pollster::block_on;

/// Lets `most` breaths pass and stops at the next; with it, how many were taken.
fn counted(most: usize) -> (Breath, Rc<Cell<usize>>) {
    let taken = Rc::new(Cell::new(0));
    let count = taken.clone();
    let breath: Breath = Rc::new(move || {
        count.set(count.get() + 1);
        let stops = count.get() > most;
        Box::pin(std::future::ready(if stops { Err(Error::Stopped) } else { Ok(()) }))
    });
    (breath, taken)
}

/// Lets `most` breaths pass and stops at the next.
pub fn stopping_after(most: usize) -> Breath {
    counted(most).0
}

/// Runs `work` to its end, which takes more than `least` breaths, then stops it at every `step`th of them: it must end
/// there, with no further breath.
pub fn stop_at_any<T>(least: usize, step: usize, work: impl AsyncFn(&Breath) -> Result<T, Error>) {
    let run = |most: usize| {
        let (breath, taken) = counted(most);
        (block_on(work(&breath)).map(drop), taken.get())
    };
    let (whole, breaths) = run(usize::MAX);
    whole.unwrap();
    assert!(breaths > least, "only {breaths} breaths");
    for most in (0..breaths).step_by(step) {
        assert!(matches!(run(most), (Err(Error::Stopped), taken) if taken == most + 1));
    }
}
