//! Pairs have a table of their own, and share the bounds of the sink with predictions.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Float64Type;
use tiltmeter_record::PairBucket;
use tiltmeter_record::{Pair, PairBatch};

use super::*;

impl Desk {
    async fn write_pairs(&mut self, challenger: &str, event_times: &[&str]) {
        let writer = WriterId::new("node", Uuid::from_u128(1));
        let mut batch = PairBatch::new(spec(SPEC), challenger.parse().unwrap(), writer, "node".into());
        for time in event_times {
            let champion = row(self.sequence, time);
            let answered = self.sequence.is_multiple_of(2);
            batch.rows.push(Pair {
                sequence: self.sequence,
                bucket: if answered { PairBucket::Paired } else { PairBucket::Shed },
                inclusion_probability: 1.0,
                challenger: answered.then(|| Prediction { score: Some(0.75), ..champion.clone() }),
                champion,
            });
            self.sequence += 1;
        }
        let mut delivery = Delivery::new(0, Arc::clone(&self.books));
        delivery.add(batch.rows.len() as u64);
        self.sink.write_pairs(Arc::new(batch), delivery).await;
    }
}

#[tokio::test]
async fn one_file_per_model_challenger_and_date_beside_the_predictions() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(ParquetSink::local(folder.path()));
    desk.write_pairs("lr", &["2013-04-03T00:00:00Z", "2013-04-03T12:00:00Z"]).await;
    desk.write(&["2013-04-03T00:00:00Z"]).await;
    desk.write_pairs("gbm-2", &["2013-04-03T00:00:00Z"]).await;
    desk.sink.flush().await;
    assert_eq!(
        files(folder.path()),
        [
            format!("pairs/model_name=churn/challenger=gbm-2/date=2013-04-03/{INCARNATION}-000003.parquet"),
            format!("pairs/model_name=churn/challenger=lr/date=2013-04-03/{INCARNATION}-000001.parquet"),
            format!("predictions/model_name=churn/date=2013-04-03/{INCARNATION}-000002.parquet"),
        ]
    );
    assert_eq!(desk.written(), 4);
    let file = fs::File::open(folder.path().join(&files(folder.path())[1])).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let of = |key: &str| metadata.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone());
    assert_eq!(of("tiltmeter.challenger").as_deref(), Some("lr"));
    assert_eq!(of("tiltmeter.last_sequence").as_deref(), Some("1"));
    let batch = reader.build().unwrap().next().unwrap().unwrap();
    let scores = batch.column_by_name("challenger_score").unwrap().as_primitive::<Float64Type>();
    assert_eq!(scores.iter().collect::<Vec<_>>(), [Some(0.75), None]);
    let buckets = batch.column_by_name("bucket").unwrap().as_string::<i32>();
    assert_eq!(buckets.iter().collect::<Vec<_>>(), [Some("paired"), Some("shed")]);
}

#[tokio::test]
async fn both_tables_share_what_may_be_open() {
    let folder = tempfile::tempdir().unwrap();
    let builder = ParquetSink::local(folder.path()).with_max_open_partitions(1).with_max_open_bytes(20_000);
    let mut desk = Desk::new(builder);
    for _ in 0..50 {
        desk.write(&["2013-04-03T00:00:00Z"; 10]).await;
        desk.write_pairs("lr", &["2013-04-03T00:00:00Z"; 10]).await;
        assert!(desk.sink.open.len() <= 1 && desk.sink.open_bytes <= 20_000);
    }
    desk.sink.flush().await;
    assert_eq!(desk.written(), 1_000);
}
