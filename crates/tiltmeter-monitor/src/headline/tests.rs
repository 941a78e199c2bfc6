use jiff::civil::date;

use super::*;
use crate::PeriodKind;

#[test]
fn the_index_has_the_decimals_that_matter() {
    assert_eq!([0.0094, 0.184, 8.7545].map(index), ["0.009", "0.184", "8.75"]);
}

#[test]
fn the_first_version_is_no_deployment() {
    let deployment = |version: &str, since: &str| Deployment {
        version: version.to_owned(),
        since: since.parse().unwrap(),
    };
    let mut analysis = crate::analyse(
        &crate::Inputs::new(
            &tiltmeter_record::ModelSpec::from_yaml(
                "test",
                "{spec_version: 1, name: m, type: binary, owner: o, tier: 3, endpoint: {path: /p},
                  response: {score: /s}, features: {x: float}}",
            )
            .unwrap(),
            &tiltmeter_record::columns::PredictionColumns::new(
                "m".parse().unwrap(),
                vec![],
                tiltmeter_record::columns::Texts::new(),
                tiltmeter_record::columns::Categories::new(),
                vec![],
                vec![],
            )
            .unwrap(),
        ),
        &crate::Policy::default(),
    );
    assert_eq!(analysis.headlines[0].title, "There are no predictions");
    analysis.deployments =
        vec![deployment("a", "2013-03-01T00:00:00Z"), deployment("b", "2013-10-01T04:00:00Z")];
    let month = |month| Period::containing(PeriodKind::Month, date(2013, month, 1));
    assert!(deployed_in(&analysis, month(3)).is_none());
    assert_eq!(deployed_in(&analysis, month(10)).map(|found| found.version.as_str()), Some("b"));
}
