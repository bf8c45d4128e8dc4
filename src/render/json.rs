//! The contract `soc2scan.report/v1`, and the JSON Schema that describes it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::model::Report;

/// Pretty, with keys in the order of the contract.
pub fn render(report: &Report) -> String {
    pretty(report)
}

/// The JSON Schema (draft 2020-12) of the JSON form of a report.
pub fn json_schema() -> String {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Report>();
    schema.insert("$id".to_owned(), Value::from("urn:soc2scan:report:v1"));
    schema.insert("title".to_owned(), Value::from("soc2scan report"));
    pretty(&schema)
}

#[expect(
    clippy::expect_used,
    reason = "every key is a string and every value has a JSON form; a test renders each field"
)]
pub fn pretty(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a report has a JSON form");
    text.push('\n');
    text
}

/// Sets a field of an object; of anything else, nothing.
pub fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}
