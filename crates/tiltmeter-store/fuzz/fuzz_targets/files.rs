//! All readers on a file of any bytes: they must neither panic, nor take more memory than the limits allow.
//!
//!     cargo +nightly fuzz run --fuzz-dir crates/tiltmeter-store/fuzz files -- -rss_limit_mb=1500
//!
//! The first byte of an input chooses a good file, or none. For a good file the others are changes to it, three bytes
//! each: where, and which byte stands there then. Without one they are the file.
//!
//! libFuzzer's own panic hook ends the program at each panic, also at those of Parquet's decoder that the crate catches.
//! It is replaced by one that stays silent; a panic that nobody catches still ends the program.
#![no_main]

use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_array::{DictionaryArray, TimestampMicrosecondArray, types::Int32Type};
use libfuzzer_sys::fuzz_target;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use tiltmeter_record::{ModelSpec, ShadowAccounts, WindowWidth};
use tiltmeter_stats::{NumericSpec, Profile};
use tiltmeter_store::{
    InstanceKey, Limits, Location, PredictionTable, ProfileQuery, read_gaps, read_labels, read_pairs,
    read_profiles, read_rates, read_reference, read_shadows,
};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().unwrap());

static SPEC: LazyLock<ModelSpec> = LazyLock::new(|| {
    ModelSpec::from_yaml(
        "fuzz",
        "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
          response: {score: /score}, features: {age: float, plan: string, active: boolean},
          labels: {path: labels.parquet, label: churned, event_time: happened_at, maturity: 30d}}",
    )
    .unwrap()
});

static GOOD: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let (one, two) = (WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0);
    let of = |version| WriterProperties::builder().set_writer_version(version);
    let texts = |properties: WriterPropertiesBuilder, encoding| {
        let properties = properties.set_dictionary_enabled(false);
        ["entity_id", "writer_id", "feature_plan"]
            .into_iter()
            .fold(properties, |properties, column| properties.set_column_encoding(column.into(), encoding))
    };
    let ways = [
        of(one),
        of(two),
        of(one)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(20)),
        of(two).set_compression(Compression::SNAPPY).set_dictionary_page_size_limit(64),
        texts(of(one), Encoding::PLAIN),
        texts(of(one), Encoding::DELTA_LENGTH_BYTE_ARRAY),
        texts(of(two), Encoding::DELTA_BYTE_ARRAY),
    ];
    ways.map(write).to_vec()
});

const ROWS: i64 = 50;

fn write(properties: WriterPropertiesBuilder) -> Vec<u8> {
    let texts = |every: i64| (0..ROWS).map(move |row| (row % every != 0).then(|| format!("c{}", row % 9)));
    let times = || Arc::new(TimestampMicrosecondArray::from_iter_values(0..ROWS)) as ArrayRef;
    let dictionary: Vec<Option<String>> = texts(4).collect();
    let dictionary: DictionaryArray<Int32Type> = dictionary.iter().map(Option::as_deref).collect();
    let numbers = || Arc::new(Float64Array::from_iter_values((0..ROWS).map(|row| row as f64))) as ArrayRef;
    let counts = || Arc::new(Int64Array::from_iter_values(0..ROWS)) as ArrayRef;
    let all = |text: &str| Arc::new(StringArray::from(vec![text; ROWS as usize])) as ArrayRef;
    // of the pairs, and of the books of a shadow
    let sides = ["champion", "challenger"].into_iter().flat_map(|side| {
        [
            ("model_version", all("v1")),
            ("score", numbers()),
            ("prediction", all("yes")),
            ("latency_ms", numbers()),
        ]
        .map(|(column, values)| (format!("{side}_{column}"), values))
    });
    let books = ["model_name", "shadow", "challenger"].map(|column| (column, all("churn"))).into_iter();
    let books = books.chain(["at", "started_at"].map(|column| (column, times())));
    let of_books = ["eligible", "paired", "request_bytes", "answer_bytes", "cpu_micros", "instance_index"];
    let books = books.chain(of_books.map(|column| (column, counts())));
    let flags = Arc::new(BooleanArray::from(vec![false; ROWS as usize])) as ArrayRef;
    let books = books.chain([("is_last", flags), ("request_id", all("r"))]);
    let added = sides.chain(books.map(|(column, values)| (column.to_owned(), values)));
    let known = [
        (
            "writer_id",
            Arc::new(StringArray::from_iter(texts(i64::MAX).map(Option::unwrap_or_default).map(Some))) as _,
        ),
        ("sequence", Arc::new(Int64Array::from_iter_values(0..ROWS)) as ArrayRef),
        ("event_time", times()),
        ("entity_id", Arc::new(StringArray::from_iter(texts(5)))),
        ("score", Arc::new(Float64Array::from_iter((0..ROWS).map(|row| (row % 3 != 0).then_some(0.5))))),
        ("feature_age", Arc::new(Int64Array::from_iter_values((0..ROWS).map(|row| row % 7)))),
        ("feature_plan", Arc::new(dictionary)),
        ("feature_active", Arc::new(BooleanArray::from_iter((0..ROWS).map(|row| Some(row % 2 == 0))))),
        ("churned", Arc::new(BooleanArray::from_iter((0..ROWS).map(|row| Some(row % 3 == 0))))),
        ("arrival_time", times()),
        ("happened_at", times()),
    ];
    let known = known.map(|(column, values)| (column.to_owned(), values));
    // of what writers tell beside their rows, and of profiles
    let mut profile = NumericSpec::new().with_sketch(16).unwrap().profile();
    profile.update(&[0.25, 0.5, f64::NAN]).unwrap();
    let profile = Profile::Numeric(profile).encode();
    let hours = TimestampMicrosecondArray::from_iter_values((0..ROWS).map(|row| row % 5 * 3_600_000_000));
    let told = [
        ("minute", times()),
        ("window_start", Arc::new(hours) as ArrayRef),
        ("window_width", all("hour")),
        ("role", all("champion")),
        ("column", Arc::new(StringArray::from_iter((0..ROWS).map(|row| (row % 2 == 0).then_some("score"))))),
        ("profile", Arc::new(BinaryArray::from_iter_values((0..ROWS).map(|_| &profile)))),
        ("predictions", counts()),
        ("inclusion_probability", Arc::new(Float64Array::from_iter_values((0..ROWS).map(|_| 0.5)))),
        ("observed_at", times()),
        ("endpoint", all("/predict")),
        ("reason", all("queue_full")),
        ("count", counts()),
        ("rate", all("base")),
        ("after", Arc::new(Float64Array::from_iter_values((0..ROWS).map(|_| 0.5)))),
        ("because", all("volume")),
        ("next_prediction", counts()),
    ];
    let told = told.map(|(column, values)| (column.to_owned(), values));
    let columns = known.into_iter().chain(added).chain(told);
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn query() -> ProfileQuery {
    ProfileQuery::new(SPEC.name.clone(), WindowWidth::Day)
}

fn file(input: &[u8]) -> Vec<u8> {
    let Some((&way, rest)) = input.split_first() else { return Vec::new() };
    let Some(good) = GOOD.get(usize::from(way)) else { return rest.to_vec() };
    let mut file = good.clone();
    for change in rest.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % file.len();
        file[place] = change[2];
    }
    file
}

async fn read(bytes: Vec<u8>) {
    let limits = Limits::default().with_rows_per_file(100_000).with_bytes_per_file(32 << 20);
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let (labels, date) = (Path::from("labels"), "predictions/model_name=churn/date=1970-01-01/a.parquet");
    store.put(&labels, bytes.clone().into()).await.unwrap();
    store.put(&Path::from(date), bytes.into()).await.unwrap();
    let location = Location::object_store(Arc::clone(&store), labels).with_limits(limits);

    let read = read_labels(&location, SPEC.labels.as_ref().unwrap()).await.unwrap();
    assert_eq!(read.labels.len() as u64, read.rows - read.rows_without_time);
    assert!(read.problems.is_empty() || read.rows == 0);

    let read = read_reference(&location, &SPEC).await.unwrap();
    assert_eq!(read.predictions.len() as u64, read.rows - read.copies);
    assert!(read.problems.is_empty() || read.rows == 0);

    let read = read_pairs(&location, &SPEC.name, &SPEC.segments).await.unwrap();
    assert!(read.problems.is_empty() || read.pairs.is_empty());

    let read = read_shadows(&location, &SPEC.name, &SPEC.name, ShadowAccounts::new()).await.unwrap();
    assert!(read.problems.is_empty() || read.accounts.sum().shadows == 0);

    let read = read_profiles(&location, &query()).await.unwrap();
    assert!(read.problems.is_empty() || read.windows.is_empty());
    let _ = read.regardless_of_baseline();

    let read = read_rates(&location, ..).await.unwrap();
    assert!(read.problems.is_empty() || read.rates.is_empty());

    let gaps = read_gaps(&location, ..).await.unwrap();
    assert!(gaps.problems.is_empty() || gaps.gaps.is_empty());

    let table = PredictionTable::object_store(store, Path::default()).with_limits(limits);
    let read = table.read(&SPEC).await.unwrap();
    assert_eq!(read.predictions.len() as u64, read.rows - read.copies);
    assert!(read.problems.is_empty() || read.rows == 0);

    let wanted = [InstanceKey { request_id: "r".to_owned(), instance_index: 0, event_time: None }];
    let read = table.inputs_of(&SPEC, &wanted).await.unwrap();
    assert!(read.problems.is_empty() || read.inputs == [None]);
}

/// Makes sure that the good files are, and only then silences panics.
fn start() {
    for good in &*GOOD {
        RUNTIME.block_on(async {
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            let path = Path::from("predictions/model_name=churn/date=1970-01-01/a.parquet");
            store.put(&path, good.clone().into()).await.unwrap();
            let location = Location::object_store(Arc::clone(&store), path);
            let table = PredictionTable::object_store(store, Path::default());
            let read = table.read(&SPEC).await.unwrap();
            assert_eq!((read.rows, read.misplaced), (50, 0), "{:?}", read.problems);
            let wanted = [InstanceKey { request_id: "r".to_owned(), instance_index: 3, event_time: None }];
            assert!(table.inputs_of(&SPEC, &wanted).await.unwrap().inputs[0].is_some());
            let read = read_pairs(&location, &SPEC.name, &SPEC.segments).await.unwrap();
            assert_eq!(read.pairs.len(), 50, "{:?}", read.problems);
            let read = read_profiles(&location, &query()).await.unwrap();
            assert_eq!((read.windows.len(), read.unreadable_count), (1, 0), "{:?}", read.problems);
            assert_eq!(read_rates(&location, ..).await.unwrap().rates.len(), 50);
            assert_eq!(read_gaps(&location, ..).await.unwrap().gaps.len(), 50);
            let books = ShadowAccounts::new();
            let read = read_shadows(&location, &SPEC.name, &SPEC.name, books).await.unwrap();
            assert!(read.accounts.sum().shadows > 0, "{:?}", read.problems);
        });
    }
    std::panic::set_hook(Box::new(|_| {}));
}

fuzz_target!(init: start(), |input: &[u8]| {
    RUNTIME.block_on(read(file(input)));
});
