//! Files that were cut off, overwritten or changed.

use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tiltmeter_store::{PredictionTable, PredictionsRead};

use crate::files::{Folder, logged, said, spec};

#[tokio::test]
async fn a_damaged_file_does_not_hide_the_others() {
    let whole = logged(1, 0..100);
    let half = whole.len() / 2;
    let folder = Folder::new();
    let place = |name: &str| format!("date=2026-01-01/{name}.parquet");
    folder
        .log(&place("a"), "")
        .log(&place("b"), "garbage, long enough to be anything")
        .log(&place("c"), "PAR1")
        .log(&place("d"), &whole[..whole.len() / 2])
        .log(&place("e"), &whole[..whole.len() - 1])
        .log(&place("f"), [&whole[..4], &vec![0xff; half][..], &whole[4 + half..]].concat())
        .log(&place("g"), [b"PAR1", &[0xff; 4][..], b"PAR1"].concat())
        .log(&place("y"), &whole)
        .log(&place("z"), logged(2, 0..100));
    let read = folder.read().await;
    assert_eq!((read.files, read.rows, read.predictions.len()), (9, 200, 200));
    let said = said(&read.problems);
    let expected = [
        "a.parquet: is empty: it has no bytes at all",
        "b.parquet: is not a parquet file: it does not begin with PAR1",
        "c.parquet: is damaged: ",
        "d.parquet: is damaged: it does not end with PAR1, so part of it is missing",
        "e.parquet: is damaged: it does not end with PAR1, so part of it is missing",
        "f.parquet: is damaged: ",
        "g.parquet: is damaged: ",
    ];
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said}");
    }
}

async fn read(bytes: Vec<u8>) -> PredictionsRead {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let path = Path::from("predictions/model_name=churn/date=2026-01-01/a.parquet");
    store.put(&path, bytes.into()).await.unwrap();
    PredictionTable::object_store(store, Path::default()).read(&spec()).await.unwrap()
}

/// All rows or a problem.
#[track_caller]
fn check(read: &PredictionsRead, rows: u64, what: &str) {
    assert_eq!(read.files, 1, "{what}");
    match read.problems.as_slice() {
        [] => assert_eq!(read.rows, rows, "{what}"),
        [problem] => assert_eq!((read.rows, read.predictions.len()), (0, 0), "{what}: {problem}"),
        more => panic!("{what}: {more:?}"),
    }
}

#[tokio::test]
async fn a_file_that_is_cut_off_anywhere_is_said() {
    let whole = logged(1, 0..50);
    for length in (0..whole.len()).step_by(whole.len() / 200) {
        let read = read(whole[..length].to_vec()).await;
        assert_eq!(read.problems.len(), 1, "of {length} bytes");
        check(&read, 50, &format!("{length} bytes"));
    }
}

/// Every position with these masks is 39,308 files, of which 19,220 are said to be damaged, 88 of them because
/// parquet or arrow-ipc 59.3.2 panicked. Here it is a seventeenth of the file, and all of the end that says how long
/// the footer is.
#[tokio::test]
async fn changed_bytes_never_end_the_program() {
    const STEP: usize = 17;
    const FOOTER: usize = 8;
    let whole = logged(1, 0..50);
    let positions = (0..whole.len()).step_by(STEP).chain(whole.len() - FOOTER..whole.len());
    for position in positions {
        for mask in [0x01, 0x40, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[position] ^= mask;
            let read = read(bytes).await;
            check(&read, 50, &format!("byte {position} ^ {mask:#x}"));
        }
    }
}
