//! Who changed what, through the API.

use auth::Caller;
use model::{AuditAction, AuditEntry, Object};

use crate::Api;

impl Api {
    /// Records a change that was made. The change stands whatever becomes of the record: a failure is logged.
    pub(crate) async fn record(
        &self,
        caller: &Caller,
        action: AuditAction,
        kind: &str,
        resource: &str,
    ) {
        let at = self.clock.now();
        let entry = AuditEntry {
            id: self.ids.next(at),
            at,
            user: caller.user.clone(),
            action,
            resource_kind: kind.to_owned(),
            resource: resource.to_owned(),
            details: Object::new(),
        };
        if let Err(error) = self.store.add_audit_entries(&[entry]).await {
            tracing::error!(
                audit.resource = resource,
                "a change was not recorded in the audit log: {error}"
            );
        }
    }
}
