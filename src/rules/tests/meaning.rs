//! The meaning of a file: names, criteria, parameters.

use super::*;

#[test]
fn an_unknown_kind_is_told_with_the_one_that_was_meant() {
    says(
        &changed(
            "resource: aws.rds.DBInstance",
            "resource: aws.rds.DbInstanc",
        ),
        "rules/aws/rds/pitr.yaml:3:11: there is no kind `aws.rds.DbInstanc` (did you mean `aws.rds.DBInstance`?)",
    );
}

#[test]
fn kinds_of_two_platforms_are_refused() {
    let errors = changed(
        "resource: aws.rds.DBInstance",
        "resource: [aws.rds.DBInstance, k8s.Deployment]",
    );
    let wanted = "rules/aws/rds/pitr.yaml:3:32: k8s.Deployment is of another platform than aws.rds.DBInstance";
    assert!(errors.contains(wanted), "{errors}");
}

#[test]
fn an_unknown_criterion_or_one_of_two_bearings_is_refused() {
    says(
        &changed("[A1.2, CC7.5]", "[A1.2, CC7.7]"),
        "rules/aws/rds/pitr.yaml:5:30: there is no criterion `CC7.7` (did you mean `CC6.7`?)",
    );
    says(
        &changed("supporting: [CC9.1]", "supporting: [A1.2]"),
        "rules/aws/rds/pitr.yaml:5:51: A1.2 is both required and supporting (a rule decides a criterion or only supports it: keep one)",
    );
    says(
        &changed(
            "{ required: [A1.2, CC7.5], supporting: [CC9.1] }",
            "{ required: [] }",
        ),
        "rules/aws/rds/pitr.yaml:5:1: `controls` names no criterion (name the criteria that it decides: controls: { required: [CC6.1] })",
    );
}

#[test]
fn an_id_that_is_not_its_path_is_refused() {
    says(
        &refused_at("aws/rds/backup.yaml", PITR),
        "rules/aws/rds/backup.yaml:1:5: the id `aws.rds.pitr` is not the file's path \
         (write `id: aws.rds.backup`, or move the file to aws/rds/pitr.yaml)",
    );
    says(
        &changed("id: aws.rds.pitr", "id: AWS RDS"),
        "rules/aws/rds/pitr.yaml:1:5: `AWS RDS` is no id (an id is lower-case words joined by dots, such as aws.rds.pitr)",
    );
}

#[test]
fn an_id_that_is_taken_is_refused() {
    let errors = load(&[pitr(), Source::new("aws/rds/zzz.yaml", PITR)], &schema()).unwrap_err();
    let wanted = "rules/aws/rds/zzz.yaml:1:5: the id `aws.rds.pitr` is already that of rules/aws/rds/pitr.yaml (give each rule its own id)";
    assert!(told(&errors).contains(wanted), "{}", told(&errors));
}

#[test]
fn a_title_is_no_sentence() {
    says(
        &changed("a point in time", "a point in time."),
        "rules/aws/rds/pitr.yaml:2:8: `title` ends with a full stop (take it off)",
    );
}

#[test]
fn a_parameter_fits_its_type_and_bounds() {
    says(
        &changed("type: int", "type: integer"),
        "rules/aws/rds/pitr.yaml:7:21: there is no parameter type `integer` (known here: `int`, `number`, `bool`, `string`, `strings`)",
    );
    says(
        &changed("default: 7", "default: 90"),
        "rules/aws/rds/pitr.yaml:7:35: the default of `min_days` does not fit: 90 is looser than the rule allows: at most 35 (change the default or the bound)",
    );
    says(
        &changed("default: 7", "default: \"7\""),
        "rules/aws/rds/pitr.yaml:7:35: the default of `min_days` does not fit: it takes a whole number, not \"7\" (change the default or the bound)",
    );
    says(
        &changed("max: 35", "max: 0"),
        "rules/aws/rds/pitr.yaml:7:51: `max` of `min_days` is below its `min` (put the smaller one under `min`)",
    );
    says(
        &changed("min: 1,", "min: 1.5,"),
        "rules/aws/rds/pitr.yaml:7:43: `min` of `min_days` does not fit: it takes a whole number, not 1.5 (write a value of the parameter's type)",
    );
    for (ty, told) in [
        (
            "strings, default: [],",
            "7:39: the default of `min_days` does not fit: a list of 0 is looser than the rule allows: at least 1",
        ),
        (
            "bool, default: true,",
            "`min` of `min_days` has no meaning: only numbers and lists have one",
        ),
    ] {
        let errors = changed("int, default: 7,", ty);
        assert!(errors.contains(told), "{errors}");
    }
    says(
        &changed("about: days of automated backups to keep", ""),
        "rules/aws/rds/pitr.yaml:7:3: the parameter `min_days` has no `about` (add `about:`)",
    );
    says(
        &changed("min: 1,", "values: [a],"),
        "rules/aws/rds/pitr.yaml:7:46: `values` of `min_days` does not fit (it is a list of texts, for a parameter of type string or strings)",
    );
}

#[test]
fn a_parameter_or_variable_that_nothing_uses_is_refused() {
    says(
        &changed(
            "params:\n",
            "params:\n  spare: { type: bool, default: true, about: nothing }\n",
        ),
        "rules/aws/rds/pitr.yaml:7:3: no expression uses the parameter `spare` (use it as params.spare, or take it out)",
    );
    says(
        &changed(
            "applies:",
            "variables:\n  spare: resource.MultiAZ\napplies:",
        ),
        "rules/aws/rds/pitr.yaml:9:3: no expression uses the variable `spare` (use it as variables.spare, or take it out)",
    );
}

#[test]
fn what_is_enough_in_place_of_a_rule_must_be_there() {
    let more = |line: &str| changed("severity: high", &format!("severity: high\n{line}"));
    says(
        &more("any_of: [aws.rds.pit, aws.rds.pitr]"),
        "rules/aws/rds/pitr.yaml:5:10: there is no rule `aws.rds.pit` (did you mean `aws.rds.pitr`?)\n\
         rules/aws/rds/pitr.yaml:5:23: `any_of` names the rule itself, `aws.rds.pitr` (name the others only)",
    );
    says(
        &more("attestable: backup_restore_tset"),
        "rules/aws/rds/pitr.yaml:5:13: there is no topic `backup_restore_tset` (did you mean `backup_restore_test`?)",
    );
    says(
        &changed(
            "controls: { required: [A1.2, CC7.5], supporting: [CC9.1] }",
            "controls: { supporting: [CC9.1] }\nattestable: backup_restore_test",
        ),
        "rules/aws/rds/pitr.yaml:6:13: nothing can stand in place of a rule that decides no criterion (name \
         criteria under `required`, or take the key out)",
    );
}

#[test]
fn a_rule_that_samples_names_a_list_that_is_empty_until_somebody_fills_it() {
    let more = |line: &str| changed("severity: high", &format!("severity: high\n{line}"));
    says(
        &more("opt_in: min_day"),
        "rules/aws/rds/pitr.yaml:5:9: there is no parameter `min_day` (did you mean `min_days`?)",
    );
    says(
        &more("opt_in: min_days"),
        "rules/aws/rds/pitr.yaml:5:9: `min_days` does not say that nothing may be sampled (give it `type: strings` \
         and `default: []`)",
    );
}
