//! Texts that are credentials, and texts that only resemble them.

use super::*;

/// Put together here, so that no scanner takes this file for a leak.
fn jwt() -> String {
    let part = |json: &str| encode(json.as_bytes());
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"HS256","typ":"JWT"}"#),
        part(r#"{"sub":"1234567890","name":"x"}"#),
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    )
}

fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET[usize::try_from(index).unwrap()]));
        }
    }
    text
}

fn pem(label: &str) -> String {
    format!("-----BEGIN {label}-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn\n-----END {label}-----\n")
}

#[test]
fn connections_with_a_password_are_told() {
    for text in [
        "postgres://app:hunter2@db.prod:5432/app",
        "redis://:s3cret@cache:6379/0",
        "amqp://guest:guest@rabbit",
        "mongodb+srv://u:p%40ss@h1.example.com,h2.example.com/db?retryWrites=true",
        "postgres://app:pa/ss@db/app",
        "psql 'postgres://app:pw@db/app' -c 'select 1'",
        "https://user:pass:word@example.com/path",
        "postgres://${DB_USER:-app}:hunter2@db",
        "jdbc:postgresql://db/app?user=app&password=hunter2",
        "Server=tcp:db,1433;User ID=app;Password=hunter2;",
        "host=db user=app password=hunter2 dbname=app",
        r#"{"url": "postgres://app:hunter2@db/app"}"#,
    ] {
        assert_eq!(looks_like(text), Some(Looks::UrlUserinfo), "{text}");
    }
}

#[test]
fn connections_without_a_password_of_their_own_are_not() {
    for text in [
        "postgres://db.prod:5432/app",
        "postgres://app@db/app",
        "postgres://app:@db/app",
        "postgres://$(USER):$(PASSWORD)@db/app",
        "postgres://${DB_USER}:${DB_PASSWORD}@$(HOST):5432/app",
        "postgres://${DB_USER:-app}:${DB_PASSWORD}@db",
        "postgres://app:$PASSWORD@db",
        "postgres://app:{{ .Values.password }}@db",
        "postgres://app:<password>@db/app",
        "postgres://app:****@db/app",
        "http://example.com:8080/a@b",
        "http://[::1]/a@b",
        "http://$(HOST):$(PORT)/x@y",
        "https://unpkg.com/react@18/umd/react.js",
        "docker-image://alpine:3.18@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "jdbc:postgresql://db/app?user=app&password=${PASSWORD}",
        "grant_type=password",
    ] {
        assert_eq!(looks_like(text), None, "{text}");
    }
}

#[test]
fn access_key_ids_are_told_anywhere() {
    for text in [
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "aws_access_key_id=AKIAIOSFODNN7EXAMPLE",
    ] {
        assert_eq!(looks_like(text), Some(Looks::AccessKeyId), "{text}");
    }
    for text in [
        "AKIAIOSFODNN7EXAMPL",
        "XAKIAIOSFODNN7EXAMPLE",
        "akiaiosfodnn7example",
    ] {
        assert_ne!(looks_like(text), Some(Looks::AccessKeyId), "{text}");
    }
}

#[test]
fn private_keys_are_told_and_certificates_are_not() {
    for label in [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        let text = pem(label);
        assert_eq!(looks_like(&text), Some(Looks::Pem), "{label}");
        assert_eq!(
            looks_like(&encode(text.as_bytes())),
            Some(Looks::Pem),
            "{label} in base64"
        );
    }
    for label in ["CERTIFICATE", "PUBLIC KEY"] {
        assert_eq!(looks_like(&pem(label)), None, "{label}");
    }
    let both = pem("CERTIFICATE") + &pem("PRIVATE KEY");
    assert_eq!(looks_like(&both), Some(Looks::Pem));
}

#[test]
fn tokens_with_an_algorithm_are_told() {
    let jwt = jwt();
    assert_eq!(looks_like(&jwt), Some(Looks::Jwt));
    assert_eq!(looks_like(&format!("Bearer {jwt}")), Some(Looks::Jwt));
    let header = encode(br#"{"typ":"JWT"}"#);
    assert_ne!(
        looks_like(&format!("{header}.{header}.x")),
        Some(Looks::Jwt)
    );
    assert_eq!(looks_like("eyJ.a.b"), None);
}

#[test]
fn random_keys_are_told() {
    for text in [
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "8f14e45fceea167a5a36dedd4bea2543",
        "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx1Z9q",
        "api_key: 'Zk3vQ9xL2mN8pR4tY7wB1cD5'",
        "--token=Zk3vQ9xL2mN8pR4tY7wB1cD5",
        r#"{"key":"Zk3vQ9xL2mN8pR4tY7wB1cD5"}"#,
    ] {
        assert_eq!(looks_like(text), Some(Looks::HighEntropy), "{text}");
    }
}

#[test]
fn what_configurations_are_made_of_is_not_random() {
    for text in [
        "",
        "true",
        "8080",
        "info",
        "production",
        "a sentence of ordinary words, with a comma",
        "https://api.example.com/v1/things?limit=500&continue=abc",
        "https://sqs.us-east-1.amazonaws.com/123456789012/streampulse-events-dead-letter",
        "https://0A1B2C3D4E5F60718293A4B5C6D7E8F9.gr7.us-west-2.eks.amazonaws.com",
        "0A1B2C3D4E5F60718293A4B5C6D7E8F9.gr7.us-west-2.eks.amazonaws.com:443",
        "streampulse.c9akciq32rgk.us-east-1.rds.amazonaws.com",
        "streampulse-kafka-0.streampulse-kafka-headless.prod.svc.cluster.local:9092",
        "886313e1-3b8a-5372-9b90-0c9aee199e5d",
        "registry.example.com/web@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db/password-AbCdEf",
        "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
        "com.fasterxml.jackson.databind.ser.std.ToStringSerializer",
        "a,b,c,streampulse-ingest,streampulse-worker,streampulse-frontend",
        "subnet-0a1b2c3d4e5f67890,subnet-1a2b3c4d5e6f78901",
        r#"{"level":"info","outputs":["stdout"],"sampling":{"initial":100,"thereafter":100}}"#,
        "*/15 2-6 * * MON-FRI",
        "v1.28.3-eks-4f4795d",
        "2026-01-15T12:00:00Z",
        "20260115120000",
        "-Xms512m -Xmx2g -XX:+UseG1GC -XX:MaxGCPauseMillis=200 -Dfile.encoding=UTF-8",
        "checksum=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "c97fe5036ef3df2967d086711e6c0c405941e14b",
        "kube-prometheus-stack-grafana-7d9f8b6c5d-x2k4z",
        "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@host",
        "$(POD_NAMESPACE)/$(POD_NAME)",
        "{{ .Values.global.image.repository }}:{{ .Chart.AppVersion }}",
        "KEYBOARD_LAYOUT=us",
        "select count(*) from streampulse_events where created_at > now() - interval '1 day'",
    ] {
        assert_eq!(looks_like(text), None, "{text}");
    }
}

#[test]
fn a_name_can_say_that_random_digits_are_no_secret() {
    let hex = "8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543";
    let key = "Zk3vQ9xL2mN8pR4tY7wB1cD5";
    let random = Some(Looks::HighEntropy);
    assert_eq!(named_looks_like("CONFIG_HASH", hex), None);
    assert_eq!(named_looks_like("checksum/config", hex), None);
    assert_eq!(named_looks_like("SECRET_KEY_BASE", hex), random);
    assert_eq!(named_looks_like("COGNITO_CLIENT_ID", key), None);
    assert_eq!(named_looks_like("API_TOKEN", key), random);
    let id = "AKIAIOSFODNN7EXAMPLE";
    assert_eq!(
        named_looks_like("AWS_ACCESS_KEY_ID", id),
        Some(Looks::AccessKeyId)
    );
}

#[test]
fn names_fall_into_words() {
    assert_eq!(words("DB_PASSWORD"), ["db", "password"]);
    assert_eq!(words("--db-password"), ["db", "password"]);
    assert_eq!(words("dbPassword2"), ["db", "password2"]);
    assert!(words("").is_empty());
}
