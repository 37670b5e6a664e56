//! Messages of actions for everybody who listens to the event stream.

use bus::{Announcement, News};
use model::{Execution, Object};
use serde_json::{Value, json};
use store::StoreError;

use crate::Executions;
use crate::mask::{mask_at, mask_texts, secret_texts};
use crate::parameters::secrets;

impl Executions {
    /// Tells the streams a message on a route: the event `st2.announcement__ROUTE`, its body with the message as
    /// `payload`. Whoever listens does not have to be allowed to see secrets, so the execution's secret parameters are
    /// masked in it. Returns the message as it was told.
    ///
    /// # Errors
    /// Where the store failed, so that nobody knows what is secret; then nothing was told.
    pub async fn broadcast(
        &self,
        execution: &Execution,
        route: &str,
        message: Object,
    ) -> Result<Value, StoreError> {
        let mut message = Value::Object(message);
        if let Some(plan) = self.plan_for_masking(execution).await? {
            mask_at(&plan.secrets, &mut message);
            if let Ok(opened) = secrets::open(&plan.secrets, &execution.parameters, &self.vault) {
                let mut known = Value::Object(plan.defaults.filled_in(opened));
                mask_texts(&secret_texts(&plan.secrets, &mut known), &mut message);
            }
        }
        let trace = execution.context.trace.as_ref();
        let trace = trace.map(|trace| json!({ "id_": trace.id, "trace_tag": trace.tag }));
        self.bus.tell(News::Announcement(Announcement::Other {
            event: format!("st2.announcement__{route}"),
            body: json!({ "payload": message, "trace_context": trace }),
        }));
        Ok(message)
    }
}
