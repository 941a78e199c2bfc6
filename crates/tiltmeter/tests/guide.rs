//! The model specs of the guides are specs.

use tiltmeter::ModelSpec;

/// How many specs there are in a guide, each of which is read.
fn specs(name: &str, guide: &str) -> usize {
    let blocks = guide.split("\n```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let specs = blocks.filter(|block| block.contains("spec_version"));
    let read = specs.map(|block| {
        if let Err(error) = ModelSpec::from_yaml(name, block) {
            panic!("{error}\n{block}");
        }
    });
    read.count()
}

#[test]
fn every_spec_of_the_guides_is_read() {
    let logging = specs("docs/logging.md", include_str!("../../../docs/logging.md"));
    let shadow = specs("docs/shadow.md", include_str!("../../../docs/shadow.md"));
    assert!(logging >= 6 && shadow >= 1, "{logging} and {shadow} found: have the guides another form now?");
}
