//! What the shape of a text gives away: whether it is a credential, whatever it is called.

use serde_json::Value;

use super::entropy::{self, Run};

/// A shape that credentials have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// A URL or connection string with a password in it.
    UrlUserinfo,
    /// An AWS access key id.
    AccessKeyId,
    /// A private key.
    Pem,
    Jwt,
    /// A long random-looking text.
    HighEntropy,
}

impl Looks {
    pub fn as_str(self) -> &'static str {
        match self {
            Looks::UrlUserinfo => "url_userinfo",
            Looks::AccessKeyId => "access_key_id",
            Looks::Pem => "pem",
            Looks::Jwt => "jwt",
            Looks::HighEntropy => "high_entropy",
        }
    }
}

/// What a text looks like.
pub fn looks_like(text: &str) -> Option<Looks> {
    certainly(text).or_else(|| {
        let random = random(text) != Run::Ordinary;
        random.then_some(Looks::HighEntropy)
    })
}

/// What the value of something with a name looks like: digests and ids are random and no secrets.
pub fn named_looks_like(name: &str, text: &str) -> Option<Looks> {
    certainly(text).or_else(|| {
        let random = match random(text) {
            Run::Ordinary => false,
            Run::Random => !names_an_id(name),
            Run::RandomHex => !names_an_id(name) && !names_a_digest(name),
        };
        random.then_some(Looks::HighEntropy)
    })
}

/// What a text is by a structure that nothing else has.
pub fn certainly(text: &str) -> Option<Looks> {
    if private_key(text) {
        Some(Looks::Pem)
    } else if connection(text) {
        Some(Looks::UrlUserinfo)
    } else if token(text) {
        Some(Looks::Jwt)
    } else if access_key_id(text) {
        Some(Looks::AccessKeyId)
    } else {
        None
    }
}

/// Whether a text stands for a value that is filled in later: `$(VAR)`, `${VAR}`, `$VAR`, `{{ .x }}`, `<password>`, `***`.
pub fn placeholder(text: &str) -> bool {
    let between = |open: &str, close: &str| text.starts_with(open) && text.ends_with(close);
    let variable = text.strip_prefix('$').is_some_and(|name| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    });
    let masked = ['*', 'x', 'X', '.'];
    variable
        || between("$(", ")")
        || between("${", "}")
        || between("{{", "}}")
        || between("<", ">")
        || between("%", "%")
        || text == "%s"
        || masked.iter().any(|mask| text.chars().all(|c| c == *mask))
}

/// The words of a name: `DB_PASSWORD`, `db-password` and `dbPassword` are two each.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            before = '_';
            continue;
        }
        let begins = before == '_' || (before.is_ascii_lowercase() && c.is_ascii_uppercase());
        match words.last_mut() {
            Some(word) if !begins => word.push(c.to_ascii_lowercase()),
            _ => words.push(c.to_ascii_lowercase().to_string()),
        }
        before = c;
    }
    words
}

fn names_an_id(name: &str) -> bool {
    let last = words(name).pop();
    last.is_some_and(|word| matches!(word.as_str(), "id" | "ids" | "uid" | "uuid" | "guid"))
}

fn names_a_digest(name: &str) -> bool {
    const DIGESTS: [&str; 14] = [
        "checksum",
        "checksums",
        "commit",
        "digest",
        "etag",
        "fingerprint",
        "hash",
        "md5",
        "rev",
        "revision",
        "sha",
        "sha1",
        "sha256",
        "thumbprint",
    ];
    words(name)
        .iter()
        .any(|word| DIGESTS.contains(&word.as_str()))
}

fn private_key(text: &str) -> bool {
    /// `-----BEGIN ` in base64.
    const ENCODED: &str = "LS0tLS1CRUdJTi";
    let is_key = |text: &str| {
        let mut labels = text.split("-----BEGIN ").skip(1);
        labels.any(|rest| {
            rest.split("-----")
                .next()
                .is_some_and(|l| l.contains("PRIVATE KEY"))
        })
    };
    is_key(text)
        || text.split(ENCODED).skip(1).any(|rest| {
            let begin: String = rest.chars().take(60).collect();
            let decoded = decode(&format!("{ENCODED}{begin}"));
            decoded.is_some_and(|bytes| is_key(&String::from_utf8_lossy(&bytes)))
        })
}

/// A password in a URL or in the parameters of a connection string.
fn connection(text: &str) -> bool {
    let urls = text.split("://").zip(text.split("://").skip(1));
    for (before, rest) in urls {
        let scheme = before.chars().next_back();
        if scheme.is_some_and(|c| c.is_ascii_alphanumeric()) && userinfo(rest) {
            return true;
        }
    }
    let several = text.matches('=').count() > 1 || text.contains("://");
    several && parameter(text)
}

fn userinfo(rest: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\');
    let url = rest.split(ends).next().unwrap_or_default();
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    let credentials = match authority.rsplit_once('@') {
        // An image and its digest.
        Some((_, host)) if host.starts_with("sha256:") => return false,
        Some((credentials, _)) => credentials,
        None if authority.starts_with('[') => return false,
        // A password with an unescaped `/`, `?` or `#` ends the authority early, in what is then no port.
        None => {
            let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
            let numeric = port.chars().all(|c| c.is_ascii_digit());
            if port.is_empty() || numeric || port.starts_with(['$', '{', '%', '<']) {
                return false;
            }
            match url.rsplit_once('@') {
                Some((credentials, _)) => credentials,
                None => return false,
            }
        }
    };
    match credentials.rsplit_once(':') {
        Some((_, password)) => !password.is_empty() && !placeholder(password),
        None => entropy::judge(credentials) == Run::Random,
    }
}

/// `password=...` among other parameters: JDBC, ADO and libpq.
fn parameter(text: &str) -> bool {
    let parts = text.split(['?', '&', ';', ' ', '\t', '\n', '"', '\'']);
    let mut pairs = parts.filter_map(|part| part.split_once('='));
    pairs.any(|(name, value)| {
        let named = matches!(
            name.to_ascii_lowercase().as_str(),
            "password" | "passwd" | "pwd" | "accountkey" | "sharedaccesskey"
        );
        named && !value.is_empty() && !placeholder(value)
    })
}

fn token(text: &str) -> bool {
    let outside = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let mut runs = text.split(outside).filter(|run| run.contains("eyJ"));
    runs.any(|run| {
        let parts: Vec<&str> = run.split('.').filter(|part| !part.is_empty()).collect();
        let header = parts.first().and_then(|header| decode(header));
        let header = header.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        matches!(parts.len(), 3 | 5) && header.is_some_and(|header| header.get("alg").is_some())
    })
}

fn access_key_id(text: &str) -> bool {
    let mut runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    runs.any(|run| {
        let key = run.strip_prefix("AKIA").or(run.strip_prefix("ASIA"));
        key.is_some_and(|key| {
            key.len() == 16
                && key
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        })
    })
}

/// The first random run of a text that is none by nature.
fn random(text: &str) -> Run {
    let public = text.starts_with("arn:")
        || text.contains("-----BEGIN ")
        || text.starts_with("ssh-")
        || text.starts_with("ecdsa-sha2-");
    if public {
        return Run::Ordinary;
    }
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '|' | '`'))
        .filter(|word| !word.contains("://") && !word.starts_with("arn:") && !is_host(word))
        .map(random_word)
        .find(|run| *run != Run::Ordinary)
        .unwrap_or(Run::Ordinary)
}

fn random_word(word: &str) -> Run {
    let inside =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '+' | '=' | '~');
    let mut before = "";
    for run in word.split(|c: char| !inside(c)) {
        let digest = |name: &str| matches!(name, "md5" | "sha1" | "sha256" | "sha384" | "sha512");
        let labelled = run.split_once('-').map_or(run, |(label, _)| label);
        let (name, value) = run.split_once('=').unwrap_or(("", run));
        let value = if value.trim_matches('=').is_empty() {
            run
        } else {
            value
        };
        let digested = digest(before.rsplit(['/', '=']).next().unwrap_or_default())
            || digest(labelled)
            || names_a_digest(name);
        if !digested {
            match entropy::judge(value) {
                Run::Ordinary => {}
                random => return random,
            }
        }
        before = run;
    }
    Run::Ordinary
}

/// A host name, with or without a port: its labels may be generated.
fn is_host(word: &str) -> bool {
    let host = word.split(['/', ':']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    let plain = |label: &&str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    labels.len() > 2
        && labels.iter().all(plain)
        && (2..=24).contains(&top.len())
        && top.chars().all(|c| c.is_ascii_lowercase())
}

/// Base64 in either alphabet, padded or not; bits that make no whole byte are dropped.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for c in text.trim_end_matches('=').bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
