//! The model specs of the guide are specs.

use tiltmeter::ModelSpec;

#[test]
fn every_spec_of_the_guide_is_read() {
    let guide = include_str!("../../../docs/logging.md");
    let blocks = guide.split("\n```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut specs = 0;
    for block in blocks.filter(|block| block.contains("spec_version")) {
        if let Err(error) = ModelSpec::from_yaml("docs/logging.md", block) {
            panic!("{error}\n{block}");
        }
        specs += 1;
    }
    assert!(specs >= 6, "{specs} specs found: has the guide another form now?");
}
