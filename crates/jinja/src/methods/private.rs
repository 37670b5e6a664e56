//! Names with an underscore that Python's values have: the sandbox refuses these, where others are merely missing.

use pyvalue::Value;

use crate::objects::{Callable, Generator, Markup, Namespace};

/// What every object has, without the underscores around it.
const OF_ALL: &str = "class delattr dir doc eq format ge getattribute getstate gt hash init init_subclass le lt ne new \
    reduce reduce_ex repr setattr sizeof str subclasshook";

const OF_TEXTS: &str = "add contains getitem getnewargs iter len mod mul rmod rmul";
const OF_MARKUP: &str = "html html_format module radd slots";
const OF_NUMBERS: &str = "abs add bool ceil divmod float floor floordiv getnewargs int mod mul neg pos pow radd rdivmod \
    rfloordiv rmod rmul round rpow rsub rtruediv sub truediv trunc";
const OF_INTEGERS: &str = "and index invert lshift or rand rlshift ror rrshift rshift rxor xor";
const OF_LISTS: &str =
    "add class_getitem contains delitem getitem iadd imul iter len mul reversed rmul setitem";
const OF_TUPLES: &str = "add class_getitem contains getitem getnewargs iter len mul rmul";
const OF_DICTS: &str =
    "class_getitem contains delitem getitem ior iter len or reversed ror setitem";
const OF_SETS: &str =
    "and class_getitem contains iand ior isub iter ixor len or rand ror rsub rxor sub xor";
const OF_MOMENTS: &str = "add radd rsub sub";
const OF_SPANS: &str = "abs add bool divmod floordiv mod mul neg pos radd rdivmod rfloordiv rmod rmul rsub rtruediv sub truediv";
const OF_FUNCTIONS: &str = "annotations builtins call closure code defaults dict func get globals kwdefaults module name \
    qualname self text_signature";
const OF_GENERATORS: &str = "del iter name next qualname";
const OF_UNDEFINED: &str = "add aiter bool call complex div float floordiv getattr getitem int iter len mod module mul \
    neg pos pow radd rdiv rfloordiv rmod rmul rpow rsub rtruediv slots sub truediv";
const OF_OBJECTS: &str = "call contains dict getitem iter len module weakref";

/// Whether Python's sandbox refuses `receiver.name`: the attribute is there, and begins with an underscore.
pub(crate) fn is_private(receiver: &Value, name: &str) -> bool {
    if let Some(namespace) = receiver.as_object::<Namespace>() {
        return name == "__class__" || name.starts_with('_') && namespace.get(name).is_some();
    }
    let Some(name) = name
        .strip_prefix("__")
        .and_then(|name| name.strip_suffix("__"))
    else {
        return false;
    };
    let knows = |names: &str| names.split_ascii_whitespace().any(|known| known == name);
    knows(OF_ALL)
        || match receiver {
            Value::None => name == "bool",
            Value::Str(_) => knows(OF_TEXTS),
            Value::Bytes(_) => knows(OF_TEXTS) || name == "bytes",
            Value::Bool(_) | Value::Int(_) | Value::Big(_) => {
                knows(OF_NUMBERS) || knows(OF_INTEGERS)
            }
            Value::Float(_) => knows(OF_NUMBERS) || name == "getformat",
            Value::List(_) => knows(OF_LISTS),
            Value::Tuple(_) => knows(OF_TUPLES),
            Value::Dict(_) => knows(OF_DICTS),
            Value::Set(_) => knows(OF_SETS),
            Value::DateTime(_) => knows(OF_MOMENTS),
            Value::TimeSpan(_) => knows(OF_SPANS),
            Value::Object(object) => {
                if Markup::of(receiver).is_some() {
                    knows(OF_TEXTS) || knows(OF_MARKUP)
                } else if object.downcast::<Callable>().is_some() {
                    knows(OF_FUNCTIONS)
                } else if object.downcast::<Generator>().is_some() {
                    knows(OF_GENERATORS)
                } else {
                    knows(if crate::is_undefined(receiver) {
                        OF_UNDEFINED
                    } else {
                        OF_OBJECTS
                    })
                }
            }
        }
}
