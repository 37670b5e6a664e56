//! Secrets of the datastore, and the null that survives texts.

use std::sync::Arc;

use pyvalue::{Error, Value};

use super::{Call, Function, NONE_MAGIC_VALUE, Outcome, Parameter, Places};
use crate::Datastore;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(&["use_none"], &[Parameter::new("value")], |call| {
        Ok(match call.arg(0) {
            Value::None => Value::from(NONE_MAGIC_VALUE),
            other => other.clone(),
        })
    }),
    Function::new(&["decrypt_kv"], &[Parameter::new("value")], decrypt).at(Places::Templates),
];

fn decrypt(call: &Call<'_>) -> Outcome {
    let sealed = call.text(0)?;
    let datastore = call.host::<Arc<dyn Datastore>>().ok_or_else(|| {
        Error::value_error("the value cannot be decrypted: there is no datastore here")
    })?;
    match datastore.decrypt(&sealed) {
        Ok(text) => Ok(Value::from(text)),
        Err(reason) => {
            Err(Error::value_error(format!("the value cannot be decrypted: {reason}")).into())
        }
    }
}
