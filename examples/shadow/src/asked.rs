//! What was asked, of the disagreements: from the log, which has applied the privacy policy.

use std::path::Path;

use anyhow::{Context, Result, bail};
use example_flights::advice::Advice;
use tiltmeter::ModelSpec;
use tiltmeter_monitor::shadow::{Disagreement, Disagreements};
use tiltmeter_store::{InstanceKey, PredictionTable};

/// Puts beside each disagreement what was asked, as far as the log below `root` has it. What could not be read of the log, a
/// sentence each.
///
/// # Errors
/// When the log cannot be listed, or has no predictions of the model on those days.
pub async fn join(disagreements: &mut Disagreements, spec: &ModelSpec, root: &Path) -> Result<Vec<String>> {
    let key = |row: &Disagreement| InstanceKey {
        // no row of a log has an empty one
        request_id: row.request_id.clone().unwrap_or_default(),
        instance_index: row.instance_index,
        event_time: row.event_time,
    };
    let wanted: Vec<InstanceKey> = disagreements.rows.iter().map(key).collect();
    let what_to_do = "pass the folder that the log was given, in which predictions/ lies";
    let read = PredictionTable::local(root).inputs_of(spec, &wanted).await.with_context(|| {
        Advice::new(format!("cannot read what was asked from {}", root.display()), what_to_do)
    })?;
    if !wanted.is_empty() && read.files == 0 {
        let (root, name) = (root.display(), &spec.name);
        bail!(Advice::new(
            format!("{root} has no predictions of {name} on the days of the disagreements"),
            what_to_do
        ));
    }
    let mut inputs = read.inputs.into_iter();
    disagreements.join_inputs(|_| inputs.next().flatten());
    Ok(read.problems.iter().map(ToString::to_string).collect())
}
