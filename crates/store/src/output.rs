//! What executions print.

use model::{ExecutionId, OutputLine, OutputStream};

use crate::{Store, StoreError};

impl Store {
    /// Stores pieces of output of any executions, batched.
    pub async fn add_output(&self, lines: &[OutputLine]) -> Result<(), StoreError> {
        unimplemented!("{lines:?}")
    }

    /// Pieces of an execution's output from position `from` on, in order; of all streams unless one is named.
    pub async fn output(
        &self,
        id: ExecutionId,
        stream: Option<OutputStream>,
        from: u64,
        limit: u32,
    ) -> Result<Vec<OutputLine>, StoreError> {
        unimplemented!("{id} {stream:?} {from} {limit}")
    }
}
