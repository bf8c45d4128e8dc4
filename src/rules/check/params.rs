//! Parameters of a rule file: types, bounds and defaults that fit each other.

use serde_json::Value;

use super::{Checker, Params};
use crate::expr::ParamType;
use crate::rules::file::ParamFile;
use crate::rules::param::{Param, TYPES, fits, less};
use crate::yaml::Text;
use crate::yaml::Yaml;

impl Checker<'_> {
    pub(super) fn params(&mut self, written: &[(Text, ParamFile)]) -> Params {
        let mut params = Params::new();
        for (name, param) in written {
            self.name(name, "parameter");
            let ty = self.one_of(param.ty.as_ref(), "parameter type", &TYPES);
            let declared = ty.is_some();
            let default = param
                .default
                .as_ref()
                .map(|node| node.value.to_json())
                .unwrap_or_default();
            let ty = ty.unwrap_or_else(|| type_of(&default));
            let mut checked = Param {
                ty,
                default: default.clone(),
                min: None,
                max: None,
                values: None,
                about: param
                    .about
                    .as_ref()
                    .map(|text| text.value.clone())
                    .unwrap_or_default(),
                value: default,
            };
            if declared {
                self.bounds(name, param, &mut checked);
            }
            params.insert(name.value.clone(), (checked, name.place.clone()));
        }
        params
    }

    fn bounds(&mut self, name: &Text, written: &ParamFile, param: &mut Param) {
        for (key, node) in [("min", &written.min), ("max", &written.max)] {
            let Some(node) = node else { continue };
            let of = match param.ty {
                ParamType::Int | ParamType::Number => Some(param.ty),
                // Of its length.
                ParamType::Strings => Some(ParamType::Int),
                ParamType::Bool | ParamType::String => None,
            };
            let Some(of) = of else {
                let message = format!(
                    "`{key}` of `{}` has no meaning: only numbers and lists have one",
                    name.value
                );
                self.error(
                    &node.place,
                    message,
                    "take it out, or limit a text by `values`",
                );
                continue;
            };
            match (&node.value, fits(of, &node.value.to_json())) {
                (Yaml::Number(number), Ok(())) if key == "min" => param.min = Some(number.clone()),
                (Yaml::Number(number), Ok(())) => param.max = Some(number.clone()),
                (_, misfit) => {
                    let detail = misfit
                        .err()
                        .map(|misfit| misfit.to_string())
                        .unwrap_or_default();
                    let message = format!("`{key}` of `{}` does not fit: {detail}", name.value);
                    let help = match param.ty {
                        ParamType::Strings => "write how many entries the list must have",
                        _ => "write a value of the parameter's type",
                    };
                    self.error(&node.place, message, help);
                }
            }
        }
        if let (Some(min), Some(max), Some(node)) = (&param.min, &param.max, &written.max)
            && less(max, min)
        {
            let message = format!("`max` of `{}` is below its `min`", name.value);
            self.error(&node.place, message, "put the smaller one under `min`");
            return;
        }
        if let Some(node) = &written.values {
            match serde_json::from_value::<Vec<String>>(node.value.to_json()) {
                Ok(values) if matches!(param.ty, ParamType::String | ParamType::Strings) => {
                    param.values = Some(values);
                }
                _ => {
                    let message = format!("`values` of `{}` does not fit", name.value);
                    self.error(
                        &node.head(),
                        message,
                        "it is a list of texts, for a parameter of type string or strings",
                    );
                }
            }
        }
        if let Some(node) = &written.default
            && let Err(misfit) = param.admits(&param.default)
        {
            let message = format!("the default of `{}` does not fit: {misfit}", name.value);
            self.error(&node.head(), message, "change the default or the bound");
        }
    }
}

/// What a parameter whose type is not told seems to be, so that its uses can be checked all the same.
fn type_of(value: &Value) -> ParamType {
    match value {
        Value::Bool(_) => ParamType::Bool,
        Value::Number(number) if number.is_f64() => ParamType::Number,
        Value::Number(_) => ParamType::Int,
        Value::Array(_) => ParamType::Strings,
        _ => ParamType::String,
    }
}
