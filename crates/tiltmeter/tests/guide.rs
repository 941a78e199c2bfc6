//! The model specs of the guides are specs.

use tiltmeter::ModelSpec;

/// How many specs there are in a guide, each of which is read.
fn specs(name: &str, guide: &str) -> Result<usize, String> {
    let blocks = guide.split("\n```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let specs = blocks.filter(|block| block.contains("spec_version"));
    specs
        .map(|block| ModelSpec::from_yaml(name, block).map_err(|error| format!("{error}\n{block}")))
        .try_fold(0, |count, spec| spec.map(|_| count + 1))
}

#[test]
fn every_spec_of_the_guides_is_read() {
    let logging = specs("docs/logging.md", include_str!("../../../docs/logging.md")).unwrap();
    let shadow = specs("docs/shadow.md", include_str!("../../../docs/shadow.md")).unwrap();
    let sampling = specs("docs/sampling.md", include_str!("../../../docs/sampling.md")).unwrap();
    let found = (logging, shadow, sampling);
    assert!(
        logging >= 6 && shadow >= 1 && sampling >= 1,
        "{found:?} found: have the guides another form now?"
    );
}
