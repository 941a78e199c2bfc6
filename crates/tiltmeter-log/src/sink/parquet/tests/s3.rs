//! A real endpoint, which may be stopped and continued while the test runs.
//!
//! ```text
//! moto_server -H 127.0.0.1 -p 15000 & curl -X PUT http://127.0.0.1:15000/predictions-test
//! export AWS_ENDPOINT=http://127.0.0.1:15000 AWS_ALLOW_HTTP=true AWS_REGION=us-east-1
//! export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
//! export TILTMETER_TEST_S3=s3://predictions-test/$RANDOM
//! cargo test -p tiltmeter-log --features s3 -- --ignored s3
//! ```

use futures_util::TryStreamExt;
use object_store::ObjectMeta;

use super::*;

#[tokio::test]
#[ignore = "needs an S3 endpoint: see the head of the file"]
async fn an_endpoint_that_comes_and_goes_has_all_rows_once() {
    let url = std::env::var("TILTMETER_TEST_S3").unwrap();
    let retry = RetryPolicy::new().with_max_time(Duration::from_secs(120));
    let breaker = BreakerPolicy::new().with_failures(3).with_cool_down(Duration::from_secs(2));
    let mut desk = Desk::new(
        ParquetSink::url(url)
            .with_max_file_rows(100)
            .with_retry(retry)
            .with_breaker(breaker)
            .with_put_timeout(Duration::from_secs(2)),
    );
    desk.sink.start(&[spec(SPEC)]).await.unwrap();
    for _ in 0..10 {
        desk.write(&["2013-04-03T00:00:00Z"; 100]).await;
    }
    desk.sink.flush().await;
    let books = desk.books.read();
    assert_eq!((books.written, books.dropped.total(), books.abandoned), (1_000, 0, 0), "{books:?}");
    let place = &desk.sink.publisher.place;
    let files: Vec<ObjectMeta> =
        place.store.list(Some(&place.root.clone().join("predictions"))).try_collect().await.unwrap();
    assert_eq!(files.len(), 10);
    let mut rows = 0;
    for file in files {
        let bytes = place.store.get(&file.location).await.unwrap().bytes().await.unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap();
        rows += reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>();
    }
    assert_eq!(rows, 1_000);
    // each takes the place of the one before, by its tag, and also of one that somebody else has written meanwhile
    let page = format!("{INCARNATION}.parquet");
    let page = place.root.clone().join("gaps").join("date=2013-04-03").join(page);
    for number in 0..4 {
        let gaps = super::journal::journal(number, "2013-04-03T10:00:00Z", 1);
        super::journal::write(&mut desk, number + 1, gaps).await;
        desk.sink.flush().await;
        assert_eq!(desk.books.latest_canary(), Some(Duration::from_secs(number + 1)));
        if number == 1 {
            desk.sink.publisher.place.store.put(&page, "another".into()).await.unwrap();
        }
    }
    let bytes = desk.sink.publisher.place.store.get(&page).await.unwrap().bytes().await.unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap();
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 4);
    let contradicting = spec(&SPEC.replace("age: float", "age: string"));
    assert!(desk.sink.start(&[contradicting]).await.unwrap_err().is_schema());
}
