//! What expressions read beside parameters: the datastore, the pack's configuration, the request's context.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use expr::{Datastore, Mentioned, Scope, Variables};
use model::{ExecutionContext, KeyScope, Page};
use secrets::Vault;
use serde_json::Value;
use store::{KeyFilter, StoreError};

use crate::mask::texts_of;
use crate::parameters::{Needs, ParameterError};
use crate::plan::Freshness;
use crate::settings::Settings;
use crate::{Executions, context};

/// Items that are read where an expression computes the name; more are out of its reach.
const MOST_ITEMS: u32 = 10_000;

/// Datastore items, read beforehand.
struct Prefetched {
    items: HashMap<(Scope, String), String>,
    vault: Vault,
}

/// The names only: values may be secret.
impl fmt::Debug for Prefetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.items.keys()).finish()
    }
}

impl Datastore for Prefetched {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        self.items.get(&(scope, name.to_owned())).cloned()
    }

    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        self.vault.open(sealed).map_err(|error| error.to_string())
    }
}

impl Executions {
    /// Reads the datastore items that expressions mention, as `user` sees them.
    ///
    /// Expressions whose names are computed may read up to 10,000 items.
    pub async fn datastore(
        &self,
        mentioned: &Mentioned,
        user: &str,
    ) -> Result<Arc<dyn Datastore>, StoreError> {
        let now = self.clock.now();
        let mut items = HashMap::new();
        let scope_of = |scope: Scope| match scope {
            Scope::System => KeyScope::System,
            Scope::User => KeyScope::User(user.to_owned()),
        };
        if mentioned.computed {
            for scope in [Scope::System, Scope::User] {
                let filter = KeyFilter {
                    scopes: vec![scope_of(scope)],
                    ..KeyFilter::default()
                };
                let page = self
                    .store
                    .keys(
                        &filter,
                        Page {
                            limit: MOST_ITEMS,
                            offset: 0,
                        },
                        now,
                    )
                    .await?;
                items.extend(
                    page.items
                        .into_iter()
                        .map(|item| ((scope, item.name), item.value)),
                );
            }
        } else {
            for (scope, name) in &mentioned.names {
                if let Some(item) = self.store.key(&scope_of(*scope), name, now).await? {
                    items.insert((*scope, name.clone()), item.value);
                }
            }
        }
        Ok(Arc::new(Prefetched {
            items,
            vault: self.vault.clone(),
        }))
    }

    /// As [`Executions::pack_config`], as it is now and not a moment ago: for those that keep it.
    pub async fn current_pack_config(
        &self,
        pack: &str,
        user: &str,
    ) -> Result<Arc<Value>, ParameterError> {
        let looked = self.look_for_changes(Freshness::Now).await;
        looked.map_err(unreadable)?;
        self.pack_config(pack, user).await
    }

    /// A pack's configuration as templates see it (`config_context`): defaults of its schema, values over them, what
    /// they read of the datastore, secrets opened.
    pub async fn pack_config(&self, pack: &str, user: &str) -> Result<Arc<Value>, ParameterError> {
        let settings = self.settings(pack).await.map_err(unreadable)?;
        let datastore = self
            .datastore(&settings.datastore, user)
            .await
            .map_err(unreadable)?;
        let variables = Variables {
            values: Vec::new(),
            datastore: Some(datastore),
        };
        settings
            .read(&variables, &self.vault)
            .map_err(|message| ParameterError::Render {
                parameter: "config_context".to_owned(),
                message,
            })
    }

    /// The texts among a pack's configured secrets that must not be shown in what its actions print, the longest
    /// first.
    pub async fn configured_secrets(&self, pack: &str, user: &str) -> Vec<String> {
        match self.settings(pack).await {
            Ok(settings) => self.secrets_in(&settings, user).await,
            Err(_) => Vec::new(),
        }
    }

    /// The same, of settings that are at hand.
    pub(crate) async fn secrets_in(&self, settings: &Settings, user: &str) -> Vec<String> {
        let Ok(datastore) = self.datastore(&settings.datastore, user).await else {
            return Vec::new();
        };
        let variables = Variables {
            values: Vec::new(),
            datastore: Some(datastore),
        };
        // A configuration that cannot be read reaches no action.
        let read = settings.read_apart(&variables, &self.vault);
        read.map(|(_, secrets)| texts_of(&secrets))
            .unwrap_or_default()
    }

    /// What templates in parameters may name.
    pub(crate) async fn variables(
        &self,
        needs: Needs,
        request: &ExecutionContext,
        further: &[(String, Arc<Value>)],
    ) -> Result<Variables, ParameterError> {
        if !needs.templates {
            return Ok(Variables::default());
        }
        let user = datastore_user(request);
        let mut values = Vec::new();
        if needs.context {
            values.push((
                "action_context".to_owned(),
                Value::Object(context::view(request)).into(),
            ));
        }
        if needs.config {
            values.push((
                "config_context".to_owned(),
                self.pack_config(&request.pack, user).await?.into(),
            ));
        }
        let further = further.iter().cloned();
        values.extend(further.map(|(name, value)| (name, value.into())));
        let datastore = self
            .datastore(&needs.datastore, user)
            .await
            .map_err(unreadable)?;
        Ok(Variables {
            values,
            datastore: Some(datastore),
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is called by `map_err`")]
fn unreadable(error: StoreError) -> ParameterError {
    ParameterError::Datastore(error.to_string())
}

/// Whose `st2kv.user` an execution reads: the API's user, else the one it runs for.
fn datastore_user(request: &ExecutionContext) -> &str {
    let api_user = request.extra.get("api_user").and_then(Value::as_str);
    api_user
        .filter(|user| !user.is_empty())
        .unwrap_or(&request.user)
}
