//! Every AWS kind, declared; a file for each service.

mod accessanalyzer;
mod acm;
mod apigateway;
mod apigatewayv2;
mod applicationautoscaling;
mod apprunner;
mod autoscaling;
mod backup;
mod cloudfront;
mod cloudtrail;
mod cloudwatch;
mod cognitoidp;
mod config;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod efs;
mod eks;
mod elb;
mod elbv2;
mod firehose;
mod guardduty;
mod iam;
mod inspector2;
mod kms;
mod lambda;
mod logs;
mod rds;
mod s3;
mod secretsmanager;
mod securityhub;
mod shield;
mod sns;
mod ssm;
mod sso;
mod wafv2;

use super::table::{Arg, Call, Entry, Fact, Id, Items, Paging, Reach, Sweep, Take};

const REGIONAL: &[Sweep] = &[Sweep {
    reach: Reach::Regional,
    args: &[],
    fields: &[],
}];

/// Asked once, for the whole account, in every partition.
const fn everywhere() -> &'static [Sweep] {
    &[Sweep {
        reach: Reach::Global { partitions: &[] },
        args: &[],
        fields: &[],
    }]
}

const fn call(operation: &'static str, args: &'static [(&'static str, Arg)]) -> Call {
    Call {
        operation,
        args,
        paging: None,
        also: &[],
    }
}

const fn paged(
    operation: &'static str,
    args: &'static [(&'static str, Arg)],
    send: &'static str,
    receive: &'static str,
) -> Call {
    Call {
        paging: Some(Paging { send, receive }),
        ..call(operation, args)
    }
}

/// A kind whose list answers whole documents with their ARN.
const fn listed(
    kind: &'static str,
    service: &'static str,
    list: Call,
    items: &'static str,
    id: &'static str,
) -> Entry {
    Entry {
        kind,
        service,
        sweeps: REGIONAL,
        list,
        items: Items::List(items),
        id: Id::Field(id),
        absent: &[],
        home: None,
        place: None,
        sampled: None,
        parent: None,
        prepare: None,
        describe: None,
        facts: &[],
    }
}

const fn fact(field: &'static str, call: Call, take: Take) -> Fact {
    Fact {
        field,
        service: None,
        call,
        take,
        when: &[],
        absent: &[],
        gone: &[],
    }
}

/// Services sorted by name, and each one's kinds.
static SERVICES: &[&[Entry]] = &[
    accessanalyzer::ENTRIES,
    acm::ENTRIES,
    apigateway::ENTRIES,
    apigatewayv2::ENTRIES,
    applicationautoscaling::ENTRIES,
    apprunner::ENTRIES,
    autoscaling::ENTRIES,
    backup::ENTRIES,
    cloudfront::ENTRIES,
    cloudtrail::ENTRIES,
    cloudwatch::ENTRIES,
    cognitoidp::ENTRIES,
    config::ENTRIES,
    dynamodb::ENTRIES,
    ec2::ENTRIES,
    ecr::ENTRIES,
    ecs::ENTRIES,
    efs::ENTRIES,
    eks::ENTRIES,
    elb::ENTRIES,
    elbv2::ENTRIES,
    firehose::ENTRIES,
    guardduty::ENTRIES,
    iam::ENTRIES,
    inspector2::ENTRIES,
    kms::ENTRIES,
    lambda::ENTRIES,
    logs::ENTRIES,
    rds::ENTRIES,
    s3::ENTRIES,
    secretsmanager::ENTRIES,
    securityhub::ENTRIES,
    shield::ENTRIES,
    sns::ENTRIES,
    ssm::ENTRIES,
    sso::ENTRIES,
    wafv2::ENTRIES,
];

/// Every AWS kind, sorted by name.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    SERVICES.iter().copied().flatten()
}
