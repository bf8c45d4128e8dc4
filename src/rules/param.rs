//! A parameter of a rule: its type, the bounds within which a configuration may set it, and its value.

use serde_json::{Number, Value};

use crate::expr::ParamType;

/// A parameter whose value is of its type and within its bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub ty: ParamType,
    pub default: Value,
    /// The least number, or length of a list.
    pub min: Option<Number>,
    pub max: Option<Number>,
    /// The only texts that it may hold, where it is limited to some.
    pub values: Option<Vec<String>>,
    pub about: String,
    /// What expressions see: the default, unless a configuration set another.
    pub value: Value,
}

/// Why a parameter cannot take a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    #[error("it takes {wanted}, not {got}")]
    Type { wanted: &'static str, got: String },
    #[error("{value} is looser than the rule allows: at least {min}")]
    BelowMin { value: String, min: String },
    #[error("{value} is looser than the rule allows: at most {max}")]
    AboveMax { value: String, max: String },
    #[error("it does not take {value:?}, only {}", .values.join(", "))]
    NotAmong { value: String, values: Vec<String> },
}

impl Param {
    /// The bounds in words, for behind the value: ` (at least 1, at most 35)`.
    pub fn limits(&self) -> String {
        let min = self.min.as_ref().map(|min| format!("at least {min}"));
        let max = self.max.as_ref().map(|max| format!("at most {max}"));
        let values = self.values.as_ref();
        let values = values.map(|values| format!("of {}", values.join(", ")));
        let limits: Vec<_> = [min, max, values].into_iter().flatten().collect();
        if limits.is_empty() {
            return String::new();
        }
        format!(" ({})", limits.join(", "))
    }

    /// Whether the parameter may take the value.
    pub fn admits(&self, value: &Value) -> Result<(), Misfit> {
        fits(self.ty, value)?;
        let (size, shown) = match value {
            Value::Number(number) => (Some(number.clone()), number.to_string()),
            Value::Array(items) => (
                Some(Number::from(items.len())),
                format!("a list of {}", items.len()),
            ),
            _ => (None, String::new()),
        };
        if let Some(size) = size {
            if let Some(min) = self.min.as_ref().filter(|min| less(&size, min)) {
                return Err(Misfit::BelowMin {
                    value: shown,
                    min: min.to_string(),
                });
            }
            if let Some(max) = self.max.as_ref().filter(|max| less(max, &size)) {
                return Err(Misfit::AboveMax {
                    value: shown,
                    max: max.to_string(),
                });
            }
        }
        let Some(values) = &self.values else {
            return Ok(());
        };
        let texts = match value {
            Value::Array(items) => items.iter().collect(),
            other => vec![other],
        };
        match texts
            .into_iter()
            .filter_map(Value::as_str)
            .find(|text| !values.iter().any(|known| known == text))
        {
            Some(text) => Err(Misfit::NotAmong {
                value: text.to_owned(),
                values: values.clone(),
            }),
            None => Ok(()),
        }
    }
}

/// The types by the name that they have in a rule file.
pub const TYPES: [(&str, ParamType); 5] = [
    ("int", ParamType::Int),
    ("number", ParamType::Number),
    ("bool", ParamType::Bool),
    ("string", ParamType::String),
    ("strings", ParamType::Strings),
];

/// Whether a value is of a parameter's type.
pub(super) fn fits(ty: ParamType, value: &Value) -> Result<(), Misfit> {
    let (wanted, is) = match ty {
        ParamType::Int => ("a whole number", value.is_i64() || value.is_u64()),
        ParamType::Number => ("a number", value.is_number()),
        ParamType::Bool => ("true or false", value.is_boolean()),
        ParamType::String => ("a text", value.is_string()),
        ParamType::Strings => (
            "a list of texts",
            value
                .as_array()
                .is_some_and(|items| items.iter().all(Value::is_string)),
        ),
    };
    if is {
        return Ok(());
    }
    Err(Misfit::Type {
        wanted,
        got: value.to_string(),
    })
}

pub(super) fn less(a: &Number, b: &Number) -> bool {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_f64() < b.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn int(min: i64, max: i64) -> Param {
        Param {
            ty: ParamType::Int,
            default: json!(7),
            min: Some(min.into()),
            max: Some(max.into()),
            values: None,
            about: String::new(),
            value: json!(7),
        }
    }

    #[test]
    fn a_bound_is_within_itself() {
        let param = int(1, 35);
        assert_eq!(param.admits(&json!(1)), Ok(()));
        assert_eq!(param.admits(&json!(35)), Ok(()));
    }

    #[test]
    fn looser_than_a_bound_is_refused() {
        let param = int(1, 35);
        let low = param.admits(&json!(0)).unwrap_err();
        assert_eq!(
            low.to_string(),
            "0 is looser than the rule allows: at least 1"
        );
        let high = param.admits(&json!(36)).unwrap_err();
        assert_eq!(
            high.to_string(),
            "36 is looser than the rule allows: at most 35"
        );
    }

    #[test]
    fn a_list_is_as_long_as_its_bounds_say() {
        let param = Param {
            ty: ParamType::Strings,
            ..int(1, 2)
        };
        assert_eq!(param.admits(&json!(["a", "b"])), Ok(()));
        let short = param.admits(&json!([])).unwrap_err();
        assert_eq!(
            short.to_string(),
            "a list of 0 is looser than the rule allows: at least 1"
        );
        assert!(param.admits(&json!(["a", "b", "c"])).is_err());
    }

    #[test]
    fn another_type_is_refused() {
        let misfit = int(1, 35).admits(&json!("7")).unwrap_err();
        assert_eq!(misfit.to_string(), "it takes a whole number, not \"7\"");
        assert!(fits(ParamType::Number, &json!(1)).is_ok());
        assert!(fits(ParamType::Int, &json!(1.5)).is_err());
        assert!(fits(ParamType::Strings, &json!(["a", 1])).is_err());
    }

    #[test]
    fn only_listed_texts_are_taken() {
        let param = Param {
            ty: ParamType::Strings,
            default: json!(["a"]),
            min: None,
            max: None,
            values: Some(vec!["a".to_owned(), "b".to_owned()]),
            about: String::new(),
            value: json!(["a"]),
        };
        assert_eq!(param.admits(&json!(["a", "b"])), Ok(()));
        let misfit = param.admits(&json!(["a", "c"])).unwrap_err();
        assert_eq!(misfit.to_string(), "it does not take \"c\", only a, b");
    }
}
