//! What can be permitted. The spelling on the wire is StackStorm's permission types, and lives here alone.

use std::fmt;
use std::str::FromStr;

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal,)*) => {
        /// Something that a caller may do or not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($(#[$doc])* $variant,)* }

        impl Permission {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The spelling in roles and answers.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }
        }

        impl FromStr for Permission {
            type Err = UnknownPermission;
            fn from_str(text: &str) -> Result<Self, UnknownPermission> {
                match text { $($wire => Ok(Self::$variant),)* _ => Err(UnknownPermission(text.to_owned())) }
            }
        }
    };
}

/// A text that names no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a permission type")]
pub struct UnknownPermission(pub String);

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

permissions! {
    /// List packs.
    PackList = "pack_list",
    /// See one of the packs.
    PackView = "pack_view",
    /// Make packs.
    PackCreate = "pack_create",
    /// Change packs.
    PackModify = "pack_modify",
    /// Remove packs.
    PackDelete = "pack_delete",
    /// Install packs.
    PackInstall = "pack_install",
    /// Remove packs with all they brought.
    PackUninstall = "pack_uninstall",
    /// Read packs from their folders again.
    PackRegister = "pack_register",
    /// Set a pack's configuration.
    PackConfig = "pack_config",
    /// Search the pack index.
    PackSearch = "pack_search",
    /// See whether the pack index can be reached.
    PackViewsIndexHealth = "pack_views_index_health",
    /// List sensors.
    SensorTypeList = "sensor_type_list",
    /// See one of the sensors.
    SensorTypeView = "sensor_type_view",
    /// Change sensors.
    SensorTypeModify = "sensor_type_modify",
    /// List rule types.
    RuleTypeList = "rule_type_list",
    /// See one of the rule types.
    RuleTypeView = "rule_type_view",
    /// List runner types.
    RunnerTypeList = "runner_type_list",
    /// See one of the runner types.
    RunnerTypeView = "runner_type_view",
    /// Change runner types.
    RunnerTypeModify = "runner_type_modify",
    /// List policy types.
    PolicyTypeList = "policy_type_list",
    /// See one of the policy types.
    PolicyTypeView = "policy_type_view",
    /// List trigger types.
    TriggerTypeList = "trigger_type_list",
    /// See one of the trigger types.
    TriggerTypeView = "trigger_type_view",
    /// Make trigger types.
    TriggerTypeCreate = "trigger_type_create",
    /// Change trigger types.
    TriggerTypeModify = "trigger_type_modify",
    /// Remove trigger types.
    TriggerTypeDelete = "trigger_type_delete",
    /// List triggers.
    TriggerList = "trigger_list",
    /// See one of the triggers.
    TriggerView = "trigger_view",
    /// Make triggers.
    TriggerCreate = "trigger_create",
    /// Change triggers.
    TriggerModify = "trigger_modify",
    /// Remove triggers.
    TriggerDelete = "trigger_delete",
    /// List trigger instances.
    TriggerInstanceList = "trigger_instance_list",
    /// See one of the trigger instances.
    TriggerInstanceView = "trigger_instance_view",
    /// Send a trigger instance again.
    TriggerInstanceReEmit = "trigger_instance_re_emit",
    /// List timers.
    TimerList = "timer_list",
    /// See one of the timers.
    TimerView = "timer_view",
    /// List actions.
    ActionList = "action_list",
    /// See one of the actions.
    ActionView = "action_view",
    /// Make actions.
    ActionCreate = "action_create",
    /// Change actions.
    ActionModify = "action_modify",
    /// Remove actions.
    ActionDelete = "action_delete",
    /// Run actions.
    ActionExecute = "action_execute",
    /// List aliases.
    ActionAliasList = "action_alias_list",
    /// See one of the aliases.
    ActionAliasView = "action_alias_view",
    /// Find the alias that a chat line means.
    ActionAliasMatch = "action_alias_match",
    /// See what can be said in chat.
    ActionAliasHelp = "action_alias_help",
    /// Make aliases.
    ActionAliasCreate = "action_alias_create",
    /// Change aliases.
    ActionAliasModify = "action_alias_modify",
    /// Remove aliases.
    ActionAliasDelete = "action_alias_delete",
    /// List executions.
    ExecutionList = "execution_list",
    /// See one of the executions.
    ExecutionView = "execution_view",
    /// Run an execution again.
    ExecutionReRun = "execution_rerun",
    /// Cancel, pause or resume an execution.
    ExecutionStop = "execution_stop",
    /// See which values executions can be filtered by.
    ExecutionViewsFiltersList = "execution_views_filters_list",
    /// List rules.
    RuleList = "rule_list",
    /// See one of the rules.
    RuleView = "rule_view",
    /// Make rules.
    RuleCreate = "rule_create",
    /// Change rules.
    RuleModify = "rule_modify",
    /// Remove rules.
    RuleDelete = "rule_delete",
    /// List enforcements.
    RuleEnforcementList = "rule_enforcement_list",
    /// See one of the enforcements.
    RuleEnforcementView = "rule_enforcement_view",
    /// List datastore items.
    KeyValuePairList = "key_value_pair_list",
    /// See one of the datastore items.
    KeyValuePairView = "key_value_pair_view",
    /// Write datastore items.
    KeyValuePairSet = "key_value_pair_set",
    /// Remove datastore items.
    KeyValuePairDelete = "key_value_pair_delete",
    /// List webhooks.
    WebhookList = "webhook_list",
    /// See one of the webhooks.
    WebhookView = "webhook_view",
    /// Post to webhooks.
    WebhookSend = "webhook_send",
    /// List API keys.
    ApiKeyList = "api_key_list",
    /// See one of the API keys.
    ApiKeyView = "api_key_view",
    /// Make API keys.
    ApiKeyCreate = "api_key_create",
    /// Change API keys.
    ApiKeyModify = "api_key_modify",
    /// Remove API keys.
    ApiKeyDelete = "api_key_delete",
    /// List traces.
    TraceList = "trace_list",
    /// See one of the traces.
    TraceView = "trace_view",
    /// List policies.
    PolicyList = "policy_list",
    /// See one of the policies.
    PolicyView = "policy_view",
    /// Make policies.
    PolicyCreate = "policy_create",
    /// Change policies.
    PolicyModify = "policy_modify",
    /// Remove policies.
    PolicyDelete = "policy_delete",
    /// List pack configurations.
    PackConfigList = "pack_config_list",
    /// See one of the pack configurations.
    PackConfigView = "pack_config_view",
    /// Change pack configurations.
    PackConfigModify = "pack_config_modify",
    /// List configuration schemas.
    ConfigSchemaList = "config_schema_list",
    /// See one of the configuration schemas.
    ConfigSchemaView = "config_schema_view",
    /// List the groups of services.
    ServiceRegistryList = "service_registry_list",
    /// See the members of a group of services.
    ServiceRegistryView = "service_registry_view",
    /// Follow the stream of events.
    StreamView = "stream_view",
    /// List inquiries.
    InquiryList = "inquiry_list",
    /// See one of the inquiries.
    InquiryView = "inquiry_view",
    /// Answer inquiries.
    InquiryRespond = "inquiry_respond",
    /// Read metrics.
    MetricsView = "metrics_view",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_it_writes() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
        }
        assert!("rule_eat".parse::<Permission>().is_err());
    }
}
