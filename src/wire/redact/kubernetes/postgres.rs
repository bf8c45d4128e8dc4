//! What PostgreSQL's files say of TLS: the one part of a ConfigMap whose values are kept.

use std::net::IpAddr;

/// What stands for a line that is not kept, so that nobody takes the rest for the whole.
const LEFT_OUT: &str = "?";

const TYPES: [&str; 6] = [
    "host",
    "hostgssenc",
    "hostnogssenc",
    "hostnossl",
    "hostssl",
    "local",
];

const METHODS: [&str; 14] = [
    "bsd",
    "cert",
    "gss",
    "ident",
    "ldap",
    "md5",
    "oauth",
    "pam",
    "password",
    "peer",
    "radius",
    "reject",
    "scram-sha-256",
    "trust",
];

/// What is kept of a file, if it is one of the two: the lines of `pg_hba.conf` without their options, which may be
/// passwords, and what `postgresql.conf` sets `ssl` to.
pub(super) fn kept(file: &str, text: &str) -> Option<String> {
    let lines: Vec<String> = match file {
        "pg_hba.conf" => text.lines().filter_map(access).collect(),
        "postgresql.conf" => settings(text),
        _ => return None,
    };
    Some(lines.join("\n"))
}

/// A line of `pg_hba.conf`: who may connect how, in one space each. None for what says nothing.
pub(super) fn access(line: &str) -> Option<String> {
    let line = without_comment(line);
    if line.is_empty() {
        return None;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    Some(rule(&words).unwrap_or_else(|| LEFT_OUT.to_owned()))
}

fn rule(words: &[&str]) -> Option<String> {
    let plain = |word: &str| {
        word.len() <= 63
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_.,+:/*-@".contains(c))
    };
    let (known, method) = match words {
        [kind @ "local", database, user, method, ..] => {
            (format!("{kind} {database} {user}"), *method)
        }
        [kind, database, user, address, mask, method, ..]
            if mask.parse::<IpAddr>().is_ok() && *kind != "local" =>
        {
            let length = if *mask == "255.255.255.255" {
                "32"
            } else {
                mask
            };
            (
                format!("{kind} {database} {user} {address}/{length}"),
                *method,
            )
        }
        [kind, database, user, address, method, ..] => {
            (format!("{kind} {database} {user} {address}"), *method)
        }
        _ => return None,
    };
    let kind = words.first()?;
    (TYPES.contains(kind) && METHODS.contains(&method) && known.split(' ').all(plain))
        .then(|| format!("{known} {method}"))
}

/// The last `ssl` of `postgresql.conf`, which is the one that counts, and a mark for each file that it brings in.
fn settings(text: &str) -> Vec<String> {
    let mut ssl = None;
    let mut included = Vec::new();
    for line in text.lines() {
        let line = without_comment(line).replace('=', " ");
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default().to_ascii_lowercase();
        if name.starts_with("include") {
            included.push(LEFT_OUT.to_owned());
        } else if name == "ssl" {
            let value = words.next().unwrap_or_default().trim_matches('\'');
            let value = value.to_ascii_lowercase();
            let known = matches!(
                value.as_str(),
                "on" | "off" | "true" | "false" | "yes" | "no" | "1" | "0"
            );
            ssl = Some(if known {
                format!("ssl = {value}")
            } else {
                LEFT_OUT.to_owned()
            });
        }
    }
    ssl.into_iter().chain(included).collect()
}

fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_pg_hba_lose_their_options_and_keep_who_may_connect_how() {
        let file = "\
# TYPE  DATABASE  USER  ADDRESS  METHOD
local   all  postgres               peer map=local
host    all  all  127.0.0.1/32      trust
host    all  all  10.0.0.1  255.255.255.255  md5

hostssl all  all  all  ldap ldapserver=ldap.example.com ldapbindpasswd=hunter2 # the directory
hostnossl all all all reject
";
        assert_eq!(
            kept("pg_hba.conf", file).unwrap(),
            "local all postgres peer\n\
             host all all 127.0.0.1/32 trust\n\
             host all all 10.0.0.1/32 md5\n\
             hostssl all all all ldap\n\
             hostnossl all all all reject"
        );
        assert_eq!(kept("pg_hba.conf", "# nothing\n").unwrap(), "");
    }

    #[test]
    fn what_is_no_line_of_pg_hba_is_marked_and_not_kept() {
        for line in [
            "password=hunter2",
            "host all all all hunter2",
            "hostssl all all",
            "include other.conf",
            "hostssl \"my db\" all all md5",
            "hostssl all all \\",
            "hunter2 all all all md5",
            "hostssl all hunter2$ all md5",
        ] {
            assert_eq!(kept("pg_hba.conf", line).as_deref(), Some("?"), "{line}");
        }
        assert_eq!(access("?").as_deref(), Some("?"), "twice is once");
    }

    #[test]
    fn only_ssl_is_kept_of_postgresql_conf_and_the_last_one_counts() {
        for (file, found) in [
            (
                "ssl = on\nprimary_conninfo = 'password=hunter2'",
                "ssl = on",
            ),
            ("SSL 'Off' # for now", "ssl = off"),
            ("ssl=off\nssl=on", "ssl = on"),
            ("ssl = hunter2", "?"),
            ("ssl = on\ninclude_dir 'conf.d'", "ssl = on\n?"),
            ("ssl_cert_file = '/tls/tls.crt'", ""),
        ] {
            assert_eq!(kept("postgresql.conf", file).as_deref(), Some(found));
        }
    }

    #[test]
    fn other_files_are_not_kept() {
        assert_eq!(kept("pgbouncer.ini", "ssl = on"), None);
        assert_eq!(kept("a-pg_hba.conf", "local all all peer"), None);
    }
}
