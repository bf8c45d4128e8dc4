//! Command lines: which of their words are a secret, hold one, or are named as one.

use serde_json::Value;

use super::looks::{Looks, looks_like, placeholder, words};

/// For each element whether it goes as a whole, and what it looks like then; the others stay.
pub fn secrets(elements: &[Value]) -> Vec<Option<Option<Looks>>> {
    let mut flag = "";
    elements
        .iter()
        .map(|element| {
            let text = element.as_str()?;
            let looks = looks_like(text);
            let secret = looks.is_some() || says_a_secret(flag, text);
            flag = text.split_whitespace().last().unwrap_or_default();
            secret.then_some(looks)
        })
        .collect()
}

/// Whether a part of a command line gives a secret by name: `--password=...`, `--password ...`, `DB_PASSWORD=...`.
fn says_a_secret(flag_before: &str, text: &str) -> bool {
    let mut flag = flag_before;
    for word in text.split_whitespace() {
        if flag.starts_with('-')
            && !flag.contains('=')
            && names_a_secret(flag)
            && !word.starts_with('-')
            && is_value(word)
        {
            return true;
        }
        let mut rest = word;
        while let Some((name, value)) = rest.split_once('=') {
            if names_a_secret(name) && is_value(value) {
                return true;
            }
            rest = value;
        }
        flag = word;
    }
    false
}

/// Whether a text is a value itself, and not where to find it or whether to ask for it.
fn is_value(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'']);
    let elsewhere = text.starts_with(['/', '.', '$', '~', '@']);
    let setting = text.chars().all(|c| c.is_ascii_digit()) || matches!(text, "true" | "false");
    !text.is_empty() && !elsewhere && !setting && !placeholder(text)
}

/// Whether the name of an option, a variable or a header is one that a secret has.
pub fn names_a_secret(name: &str) -> bool {
    let words = words(name);
    let mut last = words.iter().rev().map(String::as_str);
    let (end, before) = (
        last.next().unwrap_or_default(),
        last.next().unwrap_or_default(),
    );
    match end {
        "password" | "passwd" | "pwd" | "passphrase" | "token" | "apikey" | "accesskey"
        | "secretkey" => true,
        "secret" => matches!(
            before,
            "client" | "app" | "shared" | "jwt" | "webhook" | "session"
        ),
        "key" => matches!(
            before,
            "access"
                | "account"
                | "api"
                | "auth"
                | "encryption"
                | "master"
                | "private"
                | "secret"
                | "shared"
                | "signing"
        ),
        _ => false,
    }
}
