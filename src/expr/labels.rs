//! Kubernetes label selectors.

use super::interpret::Interpreter;
use super::interpret::stops::{bug, later, malformed, missing, wrong_type};
use super::types;
use super::value::{Eval, Halt, Map, Val};

/// Whether a selector selects labels: every one of its requirements holds. A requirement that is known to fail decides,
/// whatever else is unread.
pub(super) fn selects<'x>(
    interpreter: &Interpreter<'x, '_>,
    selector: &Val<'x>,
    labels: &Val<'x>,
    name: &str,
) -> Eval<'x> {
    let selector = match selector {
        Val::Null(_) => return Ok(Val::Bool(false)),
        Val::Map(selector) => selector,
        other => return Err(wrong_type("selects()", types::MAP, other)),
    };
    let labels = match labels {
        Val::Null(_) => &Map::Own(Default::default()),
        Val::Map(labels) => labels,
        other => return Err(wrong_type("selects()", types::MAP, other)),
    };
    let mut outcomes = Vec::new();
    let (keys, partial) = interpreter.elements(&interpreter.keys(selector))?;
    outcomes.extend(partial.map(Err));
    for key in keys {
        if let Val::String(key) = key
            && !matches!(&*key, "matchLabels" | "matchExpressions")
        {
            let message = format!("a label selector has no field `{}`", &*key);
            outcomes.push(Err(bug(message)));
        }
    }
    match interpreter.field(selector, "matchLabels") {
        Ok(Val::Null(_)) => {}
        Ok(Val::Map(wanted)) => {
            let (keys, partial) = interpreter.elements(&interpreter.keys(&wanted))?;
            outcomes.extend(partial.map(Err));
            for key in keys {
                if let Val::String(key) = key {
                    outcomes.push(has(interpreter, &wanted, labels, &key));
                }
            }
        }
        Ok(other) => outcomes.push(Err(wrong_type("matchLabels", types::MAP, &other))),
        Err(halt) => outcomes.push(Err(halt)),
    }
    match interpreter.field(selector, "matchExpressions") {
        Ok(Val::Null(_)) => {}
        Ok(Val::List(requirements)) => {
            let (requirements, partial) = interpreter.elements(&requirements)?;
            outcomes.extend(partial.map(Err));
            for requirement in &requirements {
                outcomes.push(holds(interpreter, requirement, labels, name));
            }
        }
        Ok(other) => outcomes.push(Err(wrong_type("matchExpressions", types::LIST, &other))),
        Err(halt) => outcomes.push(Err(halt)),
    }
    let mut pending = None;
    for outcome in outcomes {
        match outcome {
            Ok(false) => return Ok(Val::Bool(false)),
            Ok(true) => {}
            Err(halt) => pending = later(pending, halt),
        }
    }
    pending.map_or(Ok(Val::Bool(true)), Err)
}

/// Whether the labels have one of matchLabels.
fn has<'x>(
    interpreter: &Interpreter<'x, '_>,
    wanted: &Map<'x>,
    labels: &Map<'x>,
    key: &str,
) -> Result<bool, Halt> {
    let wanted = interpreter.field(wanted, key)?;
    match interpreter.field(labels, key)? {
        Val::Null(_) => Ok(false),
        found => interpreter.same(&wanted, &found),
    }
}

/// Whether one of matchExpressions holds.
fn holds<'x>(
    interpreter: &Interpreter<'x, '_>,
    requirement: &Val<'x>,
    labels: &Map<'x>,
    name: &str,
) -> Result<bool, Halt> {
    let Val::Map(requirement) = requirement else {
        return Err(wrong_type("matchExpressions", types::MAP, requirement));
    };
    let text = |field: &str| match interpreter.field(requirement, field)? {
        Val::String(text) => Ok(text),
        Val::Null(_) => Err(missing(&format!("{name}.matchExpressions[].{field}"))),
        other => Err(wrong_type(field, types::STRING, &other)),
    };
    let key = text("key")?;
    let operator = text("operator")?;
    let found = interpreter.field(labels, &key)?;
    let is_one_of = || match interpreter.field(requirement, "values")? {
        Val::Null(_) => Ok(false),
        Val::List(values) => {
            let (values, partial) = interpreter.elements(&values)?;
            let mut pending = partial;
            for value in &values {
                match interpreter.same(value, &found) {
                    Ok(true) => return Ok(true),
                    Ok(false) => {}
                    Err(halt) => pending = later(pending, halt),
                }
            }
            pending.map_or(Ok(false), Err)
        }
        other => Err(wrong_type("values", types::LIST, &other)),
    };
    let present = !matches!(found, Val::Null(_));
    match &*operator {
        "Exists" => Ok(present),
        "DoesNotExist" => Ok(!present),
        "In" => Ok(present && is_one_of()?),
        "NotIn" => Ok(!present || !is_one_of()?),
        _ => Err(malformed(
            &format!("{name}.matchExpressions[].operator"),
            "an operator of label selectors",
        )),
    }
}
