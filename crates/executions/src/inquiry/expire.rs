//! Inquiries that nobody answered in time.

use chrono::{DateTime, Utc};
use model::{ExecutionId, ExecutionStatus};
use store::StoreError;

use crate::{Executions, Outcome};

impl Executions {
    /// Ends at most `limit` inquiries whose time was over at `now`, as `timeout`; what they asked stays their result.
    /// Returns how many were ended. One that cannot be ended is logged and holds no other up.
    pub async fn expire_inquiries(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<usize, StoreError> {
        let mut ended = 0;
        for id in self.store.overdue_inquiries(now, limit).await? {
            match self.expire(id).await {
                Ok(has_ended) => ended += usize::from(has_ended),
                Err(error @ StoreError::Unavailable(_)) => return Err(error),
                Err(error) => {
                    tracing::error!(execution.id = %id, error = %error, "an overdue inquiry cannot be ended");
                }
            }
        }
        Ok(ended)
    }

    async fn expire(&self, id: ExecutionId) -> Result<bool, StoreError> {
        let Some(execution) = self.store.execution(id).await? else {
            return Ok(false);
        };
        let outcome = Outcome {
            status: ExecutionStatus::TimedOut,
            result: execution.result.clone().unwrap_or_default(),
            execution,
        };
        self.end_inquiry(outcome).await
    }
}
