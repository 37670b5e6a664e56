//! Who says something in chat, and where an answer goes.

use auth::Caller;
use model::{ActionAlias, ExecutionContext, Object};
use serde_json::{Value, json};

use crate::ApiError;
use crate::extract::Fields;

/// The members of a body that say so.
pub(super) const MEMBERS: [&str; 5] = [
    "user",
    "source_channel",
    "source_context",
    "notification_channel",
    "notification_route",
];

/// A user of chat, and the place where they speak.
#[derive(Debug)]
pub(super) struct Speaker {
    user: String,
    source_channel: String,
    source_context: Value,
    route: Option<String>,
}

impl Speaker {
    /// Reads them from a body. Who names no user of chat speaks for themselves.
    pub(super) fn read(fields: Fields<'_>, caller: &Caller) -> Result<Self, ApiError> {
        let channel = fields.text("notification_channel")?;
        let route = fields.text("notification_route")?;
        let named = |name: Option<&str>| name.filter(|name| !name.is_empty()).map(str::to_owned);
        Ok(Self {
            user: fields.text("user")?.unwrap_or(&caller.user).to_owned(),
            source_channel: fields.required_text("source_channel")?.to_owned(),
            source_context: json!(fields.object("source_context")?),
            route: named(route).or_else(|| named(channel)),
        })
    }

    /// What is known of the origin of what they ask for: `action_context` of the executions, names of immutable
    /// parameters.
    pub(super) fn origin(&self, alias: &ActionAlias) -> Object {
        let members = [
            (
                "action_alias_ref",
                json!({ "id": alias.id, "name": alias.name }),
            ),
            ("api_user", json!(self.user)),
            ("source_channel", json!(self.source_channel)),
        ];
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// The context of what they ask for; `caller` is the user it runs for.
    pub(super) fn context(&self, alias: &ActionAlias, caller: &Caller) -> ExecutionContext {
        ExecutionContext {
            user: caller.user.clone(),
            extra: self.origin(alias),
            ..ExecutionContext::default()
        }
    }

    /// Who is told of the end. As in StackStorm the route is null where none is named: chat adapters have their own.
    pub(super) fn notify(&self) -> Object {
        let told = json!({
            "data": {
                "user": self.user,
                "source_channel": self.source_channel,
                "source_context": self.source_context,
            },
            "routes": [self.route],
        });
        std::iter::once(("on-complete".to_owned(), told)).collect()
    }
}
