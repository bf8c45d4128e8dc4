//! The functions that expressions may call: one table for checking, evaluation and documentation.

use super::types::{
    ANY, BOOL, CIDR, DURATION, IP, LIST, MAP, Mask, NULL, NUMBER, OPTIONAL, QUANTITY, STRING, TIME,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    All,
    Bool,
    Cidr,
    Contains,
    ContainsCidr,
    ContainsIp,
    Distinct,
    Double,
    Duration,
    Dyn,
    EndsWith,
    Exists,
    ExistsOne,
    Family,
    Filter,
    Flatten,
    Glob,
    HasValue,
    Image,
    IndexOf,
    Int,
    Ip,
    IsCidr,
    IsIp,
    IsQuantity,
    Join,
    LastIndexOf,
    Listed,
    LooksLike,
    LowerAscii,
    Map,
    Matches,
    Max,
    Min,
    OptionalNone,
    OptionalOf,
    Or,
    OrValue,
    ParseJson,
    PodTemplate,
    PrefixLength,
    Quantity,
    Redacted,
    Related,
    Replace,
    Scaled,
    Selects,
    Size,
    Split,
    StartsWith,
    String,
    Substring,
    Sum,
    Timestamp,
    Trim,
    Type,
    Unknown,
    UpperAscii,
    Value,
}

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    One(Mask),
    /// A list of strings.
    Strings,
    /// A list of anything.
    List,
    /// The type of its first argument.
    Same,
    /// An element of its first argument.
    Element,
    /// A list of the elements of the elements of its first argument.
    Flat,
    /// The parts of an image reference.
    Image,
    Dyn,
    /// Worked out by the checker: the function is not an ordinary one.
    Special,
}

#[derive(Debug)]
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) function: Function,
    /// Called as `x.name(..)`, `x` being the first argument.
    pub(super) method: bool,
    /// The types of each argument.
    pub(super) takes: &'static [Mask],
    pub(super) gives: Gives,
    pub(super) usage: &'static str,
    pub(super) about: &'static str,
}

const fn method(
    name: &'static str,
    function: Function,
    takes: &'static [Mask],
    gives: Gives,
    usage: &'static str,
    about: &'static str,
) -> Signature {
    Signature {
        name,
        function,
        method: true,
        takes,
        gives,
        usage,
        about,
    }
}

const fn global(
    name: &'static str,
    function: Function,
    takes: &'static [Mask],
    gives: Gives,
    usage: &'static str,
    about: &'static str,
) -> Signature {
    Signature {
        name,
        function,
        method: false,
        takes,
        gives,
        usage,
        about,
    }
}

const SIZED: Mask = STRING | LIST | MAP;
const TEXTUAL: Mask = STRING | NUMBER | BOOL | TIME | DURATION | QUANTITY | IP | CIDR;
const BOOLEAN: Gives = Gives::One(BOOL);
const INT: Gives = Gives::One(NUMBER);
const TEXT: Gives = Gives::One(STRING);

#[rustfmt::skip]
pub(super) static SIGNATURES: &[Signature] = &[
    // Documents
    global("related", Function::Related, &[STRING], Gives::Special, "related(\"kind\") -> list of documents", "the documents of a kind in the scope of the resource; unread unless all of them are known"),
    global("podTemplate", Function::PodTemplate, &[MAP], Gives::Special, "podTemplate(workload) -> {metadata, spec}", "the pod that a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob or Pod makes"),
    global("selects", Function::Selects, &[MAP | NULL, MAP | NULL], BOOLEAN, "selects(labelSelector, labels) -> bool", "whether a Kubernetes label selector selects labels; `{}` selects everything, null nothing; null labels are no labels"),
    global("unknown", Function::Unknown, &[STRING], Gives::Special, "unknown(\"why\") -> nothing", "stops as an unread fact does, with this reason: what the answer needs cannot be seen"),
    global("redacted", Function::Redacted, &[STRING | NULL], BOOLEAN, "redacted(text) -> bool", "whether a sensitive value was replaced when it was read; false for null"),
    global("looksLike", Function::LooksLike, &[STRING | NULL], TEXT, "looksLike(text) -> string", "what a redacted value looked like: url_userinfo, access_key_id, pem, jwt or high_entropy; \"\" for anything else"),
    global("parseJson", Function::ParseJson, &[STRING], Gives::Dyn, "parseJson(text) -> value", "the value that a JSON text holds; unread (parse_error) if it is no JSON"),
    global("image", Function::Image, &[STRING], Gives::Image, "image(reference) -> {registry, repository, name, tag, digest}", "the parts of an image reference; `docker.io` and `library/` are filled in, a tag or digest that is not written is null"),
    global("scaled", Function::Scaled, &[NUMBER | STRING, NUMBER, BOOL], INT, "scaled(intOrPercent, total, roundUp) -> int", "an absolute number as it is, a percentage as its share of the total"),
    global("glob", Function::Glob, &[STRING, STRING], BOOLEAN, "glob(pattern, text) -> bool", "whether the whole text matches a pattern in which `*` is any run of characters and `?` any one"),
    // Lists and maps
    global("listed", Function::Listed, &[ANY & !OPTIONAL], Gives::List, "listed(x) -> list", "a list as it is, null as an empty one, anything else as the one element of a list: policies have either"),
    method("all", Function::All, &[LIST | MAP, ANY, ANY], Gives::Special, "list.all(x, condition) -> bool", "whether the condition holds for every element (every key of an object)"),
    method("exists", Function::Exists, &[LIST | MAP, ANY, ANY], Gives::Special, "list.exists(x, condition) -> bool", "whether the condition holds for an element"),
    method("exists_one", Function::ExistsOne, &[LIST | MAP, ANY, ANY], Gives::Special, "list.exists_one(x, condition) -> bool", "whether the condition holds for exactly one element"),
    method("filter", Function::Filter, &[LIST | MAP, ANY, ANY], Gives::Special, "list.filter(x, condition) -> list", "the elements for which the condition holds"),
    method("map", Function::Map, &[LIST | MAP, ANY, ANY], Gives::Special, "list.map(x, value) -> list; list.map(x, condition, value) -> list", "a value for every element (for which the condition holds)"),
    global("size", Function::Size, &[SIZED], INT, "size(x) -> int", "characters of a string, elements of a list, keys of an object"),
    method("size", Function::Size, &[SIZED], INT, "x.size() -> int", "characters of a string, elements of a list, keys of an object"),
    method("join", Function::Join, &[LIST], TEXT, "list.join() -> string", "strings one after the other"),
    method("join", Function::Join, &[LIST, STRING], TEXT, "list.join(separator) -> string", "strings with a separator between them"),
    method("distinct", Function::Distinct, &[LIST], Gives::Same, "list.distinct() -> list", "every element once"),
    method("flatten", Function::Flatten, &[LIST], Gives::Flat, "list.flatten() -> list", "the elements of a list of lists; null elements are left out"),
    method("min", Function::Min, &[LIST], Gives::Element, "list.min() -> element", "the least element; of an empty list, missing"),
    method("max", Function::Max, &[LIST], Gives::Element, "list.max() -> element", "the greatest element; of an empty list, missing"),
    method("sum", Function::Sum, &[LIST], INT, "list.sum() -> number", "the sum of numbers; 0 for an empty list"),
    // Strings
    method("contains", Function::Contains, &[STRING, STRING], BOOLEAN, "text.contains(part) -> bool", "whether a text has a part"),
    method("startsWith", Function::StartsWith, &[STRING, STRING], BOOLEAN, "text.startsWith(prefix) -> bool", "whether a text begins with another"),
    method("endsWith", Function::EndsWith, &[STRING, STRING], BOOLEAN, "text.endsWith(suffix) -> bool", "whether a text ends with another"),
    method("matches", Function::Matches, &[STRING, STRING], BOOLEAN, "text.matches(regex) -> bool", "whether a regular expression (RE2 syntax) matches anywhere in a text"),
    global("matches", Function::Matches, &[STRING, STRING], BOOLEAN, "matches(text, regex) -> bool", "whether a regular expression (RE2 syntax) matches anywhere in a text"),
    method("lowerAscii", Function::LowerAscii, &[STRING], TEXT, "text.lowerAscii() -> string", "A to Z in lower case"),
    method("upperAscii", Function::UpperAscii, &[STRING], TEXT, "text.upperAscii() -> string", "a to z in upper case"),
    method("trim", Function::Trim, &[STRING], TEXT, "text.trim() -> string", "without white space at the ends"),
    method("split", Function::Split, &[STRING, STRING], Gives::Strings, "text.split(separator) -> list of strings", "the parts between separators"),
    method("split", Function::Split, &[STRING, STRING, NUMBER], Gives::Strings, "text.split(separator, limit) -> list of strings", "at most so many parts, the last with the rest; a negative limit is none"),
    method("replace", Function::Replace, &[STRING, STRING, STRING], TEXT, "text.replace(old, new) -> string", "every `old` replaced"),
    method("substring", Function::Substring, &[STRING, NUMBER], TEXT, "text.substring(start) -> string", "from the character at `start` on"),
    method("substring", Function::Substring, &[STRING, NUMBER, NUMBER], TEXT, "text.substring(start, end) -> string", "the characters from `start` up to, not including, `end`"),
    method("indexOf", Function::IndexOf, &[STRING, STRING], INT, "text.indexOf(part) -> int", "where a part first stands, in characters; -1 if nowhere"),
    method("lastIndexOf", Function::LastIndexOf, &[STRING, STRING], INT, "text.lastIndexOf(part) -> int", "where a part last stands, in characters; -1 if nowhere"),
    // Conversions
    global("int", Function::Int, &[NUMBER | STRING | TIME], INT, "int(x) -> int", "a number without its fraction, the number in a string, the Unix time of a timestamp"),
    global("double", Function::Double, &[NUMBER | STRING], INT, "double(x) -> double", "a number, or the number in a string"),
    global("string", Function::String, &[TEXTUAL], TEXT, "string(x) -> string", "a value as text"),
    global("bool", Function::Bool, &[BOOL | STRING], BOOLEAN, "bool(x) -> bool", "true or false, also from \"true\" and \"false\""),
    global("type", Function::Type, &[ANY & !OPTIONAL], TEXT, "type(x) -> type", "compare with bool, int, double, string, list, map, null_type, timestamp or duration"),
    global("dyn", Function::Dyn, &[ANY & !OPTIONAL], Gives::Dyn, "dyn(x) -> x", "the value without the checks of its type"),
    // Time
    global("timestamp", Function::Timestamp, &[STRING | TIME], Gives::One(TIME), "timestamp(text) -> timestamp", "RFC 3339 text as a timestamp; a timestamp field of a document is read as one by itself beside a timestamp or a duration"),
    global("duration", Function::Duration, &[STRING | DURATION], Gives::One(DURATION), "duration(text) -> duration", "\"26h\", \"1h30m\", \"7d\", or as ISO 8601 has it: \"PT1H30M\""),
    // Kubernetes quantities
    global("quantity", Function::Quantity, &[STRING | NUMBER | QUANTITY], Gives::One(QUANTITY), "quantity(x) -> quantity", "\"500m\", \"1Gi\", or a number; ordered, added and subtracted"),
    global("isQuantity", Function::IsQuantity, &[STRING], BOOLEAN, "isQuantity(text) -> bool", "whether a text is a quantity"),
    // Networks
    global("ip", Function::Ip, &[STRING | IP], Gives::One(IP), "ip(text) -> ip", "an IPv4 or IPv6 address"),
    global("isIP", Function::IsIp, &[STRING], BOOLEAN, "isIP(text) -> bool", "whether a text is an IP address"),
    method("family", Function::Family, &[IP], INT, "ip.family() -> int", "4 or 6"),
    global("cidr", Function::Cidr, &[STRING | CIDR], Gives::One(CIDR), "cidr(text) -> cidr", "a range of addresses: \"10.0.0.0/8\""),
    global("isCIDR", Function::IsCidr, &[STRING], BOOLEAN, "isCIDR(text) -> bool", "whether a text is a range of addresses"),
    method("containsIP", Function::ContainsIp, &[CIDR, STRING | IP], BOOLEAN, "cidr.containsIP(ip or text) -> bool", "whether an address is in the range"),
    method("containsCIDR", Function::ContainsCidr, &[CIDR, STRING | CIDR], BOOLEAN, "cidr.containsCIDR(cidr or text) -> bool", "whether the whole of another range is in the range"),
    method("prefixLength", Function::PrefixLength, &[CIDR], INT, "cidr.prefixLength() -> int", "8 for \"10.0.0.0/8\""),
    // Optionals: `x.?f`, `x[?k]`
    method("orValue", Function::OrValue, &[OPTIONAL, ANY], Gives::Special, "optional.orValue(default) -> value", "the value, or the default where it is absent"),
    method("or", Function::Or, &[OPTIONAL, OPTIONAL], Gives::Special, "optional.or(optional) -> optional", "the first that has a value"),
    method("hasValue", Function::HasValue, &[OPTIONAL], BOOLEAN, "optional.hasValue() -> bool", "whether it is there"),
    method("value", Function::Value, &[OPTIONAL], Gives::Special, "optional.value() -> value", "the value; absent, the verdict is unknown (missing_field)"),
    global("optional.of", Function::OptionalOf, &[ANY & !OPTIONAL], Gives::Special, "optional.of(x) -> optional", "an optional with a value; of null, one without"),
    global("optional.none", Function::OptionalNone, &[], Gives::Special, "optional.none() -> optional", "an optional without a value"),
];

/// Every function with its signature and what it does, in the order of the documentation.
pub fn functions() -> impl Iterator<Item = (&'static str, &'static str)> {
    SIGNATURES
        .iter()
        .map(|signature| (signature.usage, signature.about))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_call_is_there_once() {
        let mut calls: Vec<_> = SIGNATURES
            .iter()
            .map(|signature| (signature.name, signature.method, signature.takes.len()))
            .collect();
        let all = calls.len();
        calls.sort_unstable();
        calls.dedup();
        assert_eq!(calls.len(), all);
        assert_eq!(functions().count(), all);
    }

    #[test]
    fn a_usage_shows_the_name() {
        for signature in SIGNATURES {
            let shown = if signature.method {
                format!(".{}(", signature.name)
            } else {
                format!("{}(", signature.name)
            };
            assert!(signature.usage.contains(&shown), "{}", signature.usage);
        }
    }
}
