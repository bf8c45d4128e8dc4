//! The whole table, on an account that holds one of every kind.

use super::*;
use crate::fixtures;

/// What WAF asks in the caller's name: whether the web ACL of a resource may be read, and of App Runner which it is.
fn behind(asked: &Asked) -> impl Iterator<Item = &'static str> {
    let web_acl = asked.operation == "GetWebACLForResource";
    let apprunner = web_acl && asked.body.contains(":apprunner:");
    let read = web_acl.then_some("wafv2:GetWebACL");
    read.into_iter()
        .chain(apprunner.then_some("apprunner:DescribeWebAclForService"))
}

/// Every call of the table is made and answered, and `permissions aws` prints what they need: enough, and not too much.
#[tokio::test]
async fn every_kind_is_read_whole_and_the_policy_is_what_it_needs() {
    const ACCOUNT: &str = "210987650000";
    fixtures::fill(ACCOUNT, "compliant");
    let answers = Answers::read(&fixtures::answers("compliant"));
    let policy = aws::policy(&whole_table(), false);
    let actions: BTreeSet<String> =
        serde_json::from_value(policy["Statement"][0]["Action"].clone()).unwrap();
    let given = actions.clone();
    let proxy = Proxy::start(ACCOUNT, move |asked| {
        let own = asked.name() == "sts:GetCallerIdentity" || given.contains(&asked.permission());
        if own && behind(asked).all(|action| given.contains(action)) {
            answers.to(asked, ACCOUNT).unwrap_or(Act::Pass)
        } else {
            denied(asked)
        }
    });
    let snapshot = read(&proxy.url, &Options::default(), whole_table()).await;
    for row in &snapshot.coverage {
        assert!(row.is_complete(), "{row:?}");
    }
    for resource in &snapshot.resources {
        let document = resource.document.to_string();
        assert!(!document.contains("$unread"), "{} {document}", resource.id);
    }
    for entry in aws::entries() {
        assert!(!of(&snapshot, entry.kind).is_empty(), "no {}", entry.kind);
    }
    let asked = proxy.asked();
    let asked: BTreeSet<String> = asked
        .iter()
        .flat_map(|asked| behind(asked).map(str::to_owned).chain([asked.permission()]))
        .filter(|action| action != "sts:GetCallerIdentity")
        .collect();
    assert_eq!(asked, actions);
}
