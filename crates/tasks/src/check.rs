//! Hold this machine's arithmetic against plain arithmetic.

use api::{
    Failure,
    check::{Check, Input, Output},
};

use crate::{Job, Kit};

impl Job for Check {
    async fn run(kit: &Kit<Self>, input: Input) -> Result<Output, Failure> {
        let mut comparisons = 0;
        for seed in input.seeds {
            let compared = models::check_kernels(seed);
            comparisons += compared.map_err(|wrong| Failure::Bug(wrong.to_string()))? as u32;
            kit.turn().await?;
        }
        Ok(Output { comparisons })
    }
}
