//! Objects of the API before and after redaction.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;

fn redacted(path: &str, body: Value) -> Value {
    let question = Question {
        service: "kubernetes".to_owned(),
        region: "test".to_owned(),
        operation: format!("GET {path}"),
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: String::new(),
        target: String::new(),
        body: String::new(),
    };
    let answer = answer(
        &question,
        Answer::Response {
            status: 200,
            headers: BTreeMap::new(),
            body: Body::Json(body),
        },
    );
    match answer {
        Answer::Response {
            body: Body::Json(json),
            ..
        } => json,
        other => panic!("{other:?}"),
    }
}

fn container(key: &str, value: Value) -> Value {
    let container = json!({"name": "web", key: value});
    let body = json!({"kind": "PodList", "items": [{"spec": {"containers": [container]}}]});
    let body = redacted("/api/v1/pods", body);
    body["items"][0]["spec"]["containers"][0][key].clone()
}

#[test]
fn every_environment_value_goes_and_every_name_stays() {
    let secret = json!({"secretKeyRef": {"name": "db", "key": "password"}});
    let environment = json!([
        {"name": "LOG_LEVEL", "value": "info"},
        {"name": "EMPTY", "value": ""},
        {"name": "DATABASE_URL", "value": "postgres://app:hunter2@db/app"},
        {"name": "CONFIG_HASH", "value": "8f14e45fceea167a5a36dedd4bea2543"},
        {"name": "FROM", "valueFrom": secret},
    ]);
    assert_eq!(
        container("env", environment),
        json!([
            {"name": "LOG_LEVEL", "value": {"$redacted": {"len": 4}}},
            {"name": "EMPTY", "value": ""},
            {"name": "DATABASE_URL", "value": {"$redacted": {"len": 29, "looks_like": "url_userinfo"}}},
            {"name": "CONFIG_HASH", "value": {"$redacted": {"len": 32}}},
            {"name": "FROM", "valueFrom": secret},
        ])
    );
}

#[test]
fn arguments_that_hold_a_secret_go_and_others_stay() {
    let arguments = json!([
        "--port=8080",
        "--db=postgres://app:hunter2@db/app",
        "--password=hunter2",
        "--password-file=/etc/password",
        "--token=$(TOKEN)",
        "--token-ttl=3600",
        "--client-secret",
        "hunter2",
        "--api-key",
        "--verbose",
        "sh -c 'export DB_PASSWORD=hunter2 && run'",
        "--from-literal=password=hunter2",
        "--set=password=",
    ]);
    let hidden = |len: usize| json!({"$redacted": {"len": len}});
    assert_eq!(
        container("args", arguments.clone()),
        json!([
            "--port=8080",
            {"$redacted": {"len": 34, "looks_like": "url_userinfo"}},
            hidden(18),
            "--password-file=/etc/password",
            "--token=$(TOKEN)",
            "--token-ttl=3600",
            "--client-secret",
            hidden(7),
            "--api-key",
            "--verbose",
            hidden(41),
            hidden(31),
            "--set=password=",
        ])
    );
    assert_eq!(
        container("command", arguments.clone()),
        container("args", arguments)
    );
}

#[test]
fn values_of_secrets_and_config_maps_go_in_lists_and_alone() {
    let secret = json!({
        "metadata": {"name": "db"}, "type": "Opaque",
        "data": {"password": "aHVudGVyMg==", "none": ""}, "stringData": {"a": "hunter2"},
    });
    let hidden = json!({
        "metadata": {"name": "db"}, "type": "Opaque",
        "data": {"password": {"$redacted": {"len": 12}}, "none": ""},
        "stringData": {"a": {"$redacted": {"len": 7}}},
    });
    for (path, kind) in [
        ("/api/v1/secrets", "SecretList"),
        ("/x", "SecretList"),
        ("/api/v1/secrets", "List"),
    ] {
        let list = redacted(path, json!({"kind": kind, "items": [secret.clone()]}));
        assert_eq!(list["items"][0], hidden, "{path} {kind}");
    }
    let map = json!({"kind": "ConfigMap", "data": {"a": "b"}, "binaryData": {"c": "ZA=="}});
    let map = redacted("/api/v1/namespaces/x/configmaps/y", map);
    assert_eq!(map["data"]["a"], json!({"$redacted": {"len": 1}}));
    assert_eq!(map["binaryData"]["c"], json!({"$redacted": {"len": 4}}));
}

#[test]
fn of_config_maps_only_what_postgres_says_of_tls_stays() {
    let map = json!({"kind": "ConfigMap", "data": {
        "pg_hba.conf": "hostssl all all all ldap ldapbindpasswd=hunter2",
        "postgresql.conf": "ssl = on\nprimary_conninfo = 'password=hunter2'",
        "app.conf": "ssl = on",
    }});
    let map = redacted("/api/v1/namespaces/x/configmaps/y", map);
    assert_eq!(
        map["data"],
        json!({
            "pg_hba.conf": "hostssl all all all ldap",
            "postgresql.conf": "ssl = on",
            "app.conf": {"$redacted": {"len": 8}},
        })
    );
    let cluster = json!({"kind": "Cluster", "spec": {
        "postgresql": {"pg_hba": ["hostssl all all all radius radiussecrets=hunter2"]},
        "bootstrap": {"initdb": {"postInitApplicationSQL": ["create role app password 'hunter2'"]}},
    }});
    let cluster = redacted("/apis/postgresql.cnpg.io/v1/clusters", cluster);
    assert_eq!(
        cluster["spec"],
        json!({
            "postgresql": {"pg_hba": ["hostssl all all all radius"]},
            "bootstrap": {"initdb": {"postInitApplicationSQL": [{"$redacted": {"len": 34}}]}},
        })
    );
}

#[test]
fn stores_and_what_is_fetched_from_them_hold_no_value() {
    let list = json!({"kind": "ExternalSecretList", "items": [{
        "metadata": {"name": "web"},
        "spec": {
            "secretStoreRef": {"name": "aws"},
            "target": {"name": "web", "template": {"data": {"url": "postgres://app:hunter2@db", "a": "hunter2"}}},
            "data": [{"secretKey": "password", "remoteRef": {"key": "prod/web"}}],
        },
    }]});
    let mut expected = list.clone();
    expected["items"][0]["spec"]["target"]["template"]["data"] = json!({
        "url": {"$redacted": {"len": 25, "looks_like": "url_userinfo"}},
        "a": {"$redacted": {"len": 7}},
    });
    let path = "/apis/external-secrets.io/v1/externalsecrets";
    assert_eq!(redacted(path, list), expected);
    let store = json!({"kind": "SecretStore", "spec": {"provider": {
        "fake": {"data": [{"key": "a", "value": "hunter2"}]},
        "webhook": {"headers": {"Authorization": "hunter2"}},
    }}});
    let store = redacted("/apis/external-secrets.io/v1/secretstores", store);
    assert!(!store.to_string().contains("hunter2"), "{store}");
    assert!(store["spec"]["provider"]["fake"].is_object());
}

#[test]
fn metadata_loses_what_repeats_the_object_and_annotations_what_looks_like_a_secret() {
    let hex = "8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543";
    let body = json!({"kind": "PodList", "metadata": {"continue": "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NDcxMX0"}, "items": [{
        "metadata": {
            "name": "web",
            "labels": {"env": "prod", "command": "x"},
            "managedFields": [{"manager": "kubectl"}],
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "checksum/config": hex,
                "containerID": hex,
                "note": "postgres://app:hunter2@db",
                "key": "Zk3vQ9xL2mN8pR4tY7wB1cD5",
            },
        },
        "spec": {"nodeSelector": {"env": "prod"}},
        "status": {"message": "cannot reach postgres://app:hunter2@db"},
    }]});
    let mut expected = body.clone();
    let item = &mut expected["items"][0];
    let metadata = item["metadata"].as_object_mut().unwrap();
    metadata.remove("managedFields");
    metadata["annotations"] = json!({
        "checksum/config": hex,
        "containerID": hex,
        "note": {"$redacted": {"len": 25, "looks_like": "url_userinfo"}},
        "key": {"$redacted": {"len": 24, "looks_like": "high_entropy"}},
    });
    item["status"]["message"] = json!({"$redacted": {"len": 38, "looks_like": "url_userinfo"}});
    assert_eq!(redacted("/api/v1/pods", body), expected);
}

#[test]
fn headers_of_probes_keep_their_names() {
    let probe = json!({"httpGet": {"httpHeaders": [
        {"name": "Authorization", "value": "Basic YTpi"},
        {"name": "Host", "value": "example.com"},
    ]}});
    let probe = container("livenessProbe", probe);
    let headers = &probe["httpGet"]["httpHeaders"];
    assert_eq!(headers[0]["value"], json!({"$redacted": {"len": 10}}));
    assert_eq!(headers[1]["value"], "example.com");
}

#[test]
fn text_in_place_of_json_is_not_kept() {
    let text = |status, text: &str| {
        let body = Body::Text(text.to_owned());
        let question = Question {
            service: "kubernetes".to_owned(),
            region: String::new(),
            operation: String::new(),
            method: String::new(),
            path: String::new(),
            query: String::new(),
            target: String::new(),
            body: String::new(),
        };
        let headers = BTreeMap::new();
        match answer(
            &question,
            Answer::Response {
                status,
                headers,
                body,
            },
        ) {
            Answer::Response {
                body: Body::Text(text),
                ..
            } => text,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(text(200, r#"{"items": [{"value": "hunter2"#), "");
    assert_eq!(text(404, "404 page not found\n"), "404 page not found\n");
    assert_eq!(text(500, "cannot reach postgres://app:hunter2@db"), "");
    assert_eq!(text(502, &"x".repeat(5000)).len(), 1000);
}

#[test]
fn of_a_log_only_the_keys_are_kept() {
    let logged = |body| {
        let question = Question {
            service: "kubernetes".to_owned(),
            region: "test".to_owned(),
            operation: String::new(),
            method: "GET".to_owned(),
            path: "/api/v1/namespaces/a/pods/b/log".to_owned(),
            query: String::new(),
            target: String::new(),
            body: String::new(),
        };
        let given = Answer::Response {
            status: 200,
            headers: BTreeMap::new(),
            body,
        };
        match answer(&question, given) {
            Answer::Response {
                body: Body::Text(text),
                ..
            } => text,
            other => panic!("{other:?}"),
        }
    };
    let lines = "{\"user\": \"jane\", \"n\": 1}\n\njane logged in\n";
    assert_eq!(
        logged(Body::Text(lines.to_owned())),
        "{\"n\":\"$redacted:1\",\"user\":\"$redacted:4\"}\n$redacted:14"
    );
    let line = json!({"kind": "Pod", "user": "jane"});
    assert_eq!(
        logged(Body::Json(line)),
        "{\"kind\":\"$redacted:3\",\"user\":\"$redacted:4\"}"
    );
}

#[test]
fn of_the_one_who_asks_only_the_name_stays() {
    let review = json!({"kind": "SelfSubjectReview", "status": {"userInfo": {
        "username": "arn:aws:sts::123456789012:assumed-role/auditor/scan",
        "uid": "aws-iam-authenticator:123456789012:AROAEXAMPLE",
        "groups": ["system:authenticated"],
        "extra": {"accessKeyId": ["ASIAEXAMPLE"]},
    }}});
    assert_eq!(
        redacted("/apis/authentication.k8s.io/v1/selfsubjectreviews", review)["status"],
        json!({"userInfo": {"username": "arn:aws:sts::123456789012:assumed-role/auditor/scan"}})
    );
}
