//! What rows of a log that was not sampled cost.

use allocation_counter::measure;
use tiltmeter_monitor::SampledRows;
use tiltmeter_record::columns::{Categories, InclusionColumns, PredictionColumns, Texts};

#[test]
fn rows_that_were_all_kept_pay_for_no_clusters() {
    const ROWS: usize = 1 << 14;
    let requests = (0..ROWS as u64).collect();
    let inclusion =
        InclusionColumns::new(vec![1.0; ROWS], requests, (0..ROWS).map(|_| None).collect()).unwrap();
    let predictions = PredictionColumns::new(
        "churn".parse().unwrap(),
        vec![0; ROWS],
        (0..ROWS).map(|_| None).collect::<Texts>(),
        (0..ROWS).map(|_| None).collect::<Categories>(),
        vec![0.5; ROWS],
        vec![],
    )
    .unwrap()
    .with_inclusion(inclusion)
    .unwrap();
    let allocations = measure(|| assert_eq!(SampledRows::all(&predictions).len(), ROWS));
    // the numbers of the rows, in a vector that grows, and their requests
    let bytes = allocations.bytes_total / ROWS as u64;
    assert!(bytes <= 48, "{bytes} bytes a row");
}
