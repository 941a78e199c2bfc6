//! The checks, each for one thing that a sink must do.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{ErrorType, Prediction, RankedItem, Rescued, Value};

use super::trial::{Trial, Verdict, expect};

type Test = for<'t> fn(&'t mut Trial) -> Pin<Box<dyn Future<Output = Verdict> + 't>>;

macro_rules! checks {
    ($($name:ident,)+) => {
        pub(super) const ALL: &[(&str, Test)] = &[$((stringify!($name), |trial| Box::pin($name(trial))),)+];
    };
}

checks! {
    nothing_is_written_of_nothing,
    batches_of_any_size_are_written,
    models_in_turn_are_written,
    dates_in_turn_are_written,
    a_flush_can_be_repeated_and_gone_on_after,
    time_passes_without_harm,
    journals_are_signed_when_they_are_written,
    pairs_are_written_or_dropped,
    a_dropped_sink_abandons_what_it_holds,
    a_write_that_is_cut_off_is_counted,
    large_rows_are_written,
    hostile_texts_are_written,
    odd_values_are_written,
}

async fn nothing_is_written_of_nothing(trial: &mut Trial) -> Verdict {
    trial.flush().await?;
    trial.tick(Duration::from_secs(1)).await?;
    trial.write(0).await?;
    trial.tick(Duration::from_secs(3_600)).await?;
    trial.flush().await?;
    trial.all_is_written()
}

async fn batches_of_any_size_are_written(trial: &mut Trial) -> Verdict {
    for count in [1, 2, 0, 7, 1, 4_096, 1, 300] {
        trial.write(count).await?;
    }
    trial.flush().await?;
    trial.all_is_written()
}

async fn models_in_turn_are_written(trial: &mut Trial) -> Verdict {
    for turn in 0..60 {
        let rows = trial.rows(u64::from(turn % 4));
        trial.write_rows(turn % 3, rows).await?;
    }
    trial.flush().await?;
    trial.all_is_written()
}

/// Sinks that have a file per date split a delivery.
async fn dates_in_turn_are_written(trial: &mut Trial) -> Verdict {
    const DAY: i64 = 86_400;
    for turn in 0_i64..4 {
        let mut rows = trial.rows(30);
        for (row, day) in rows.iter_mut().zip((0..12).cycle()) {
            let second = row.event_time.as_second() + DAY * ((day * 5 + turn) % 12);
            row.event_time = Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
        }
        trial.write_rows(0, rows).await?;
    }
    trial.flush().await?;
    trial.all_is_written()
}

async fn a_flush_can_be_repeated_and_gone_on_after(trial: &mut Trial) -> Verdict {
    for count in [3, 0, 2] {
        trial.write(count).await?;
        trial.flush().await?;
        trial.all_is_written()?;
        trial.flush().await?;
        trial.all_is_written()?;
    }
    Ok(())
}

async fn time_passes_without_harm(trial: &mut Trial) -> Verdict {
    for _ in 0..20 {
        trial.write(5).await?;
        for _ in 0..10 {
            trial.tick(Duration::from_millis(250)).await?;
            tokio::task::yield_now().await;
        }
        trial.tick(Duration::from_secs(3_600)).await?;
        trial.nothing_is_made_up()?;
    }
    trial.flush().await?;
    trial.all_is_written()
}

async fn journals_are_signed_when_they_are_written(trial: &mut Trial) -> Verdict {
    for number in 1..=3 {
        trial.write(2).await?;
        trial.write_journal(number).await?;
        trial.flush().await?;
        let signed = trial.books.latest_journal();
        let expected = if trial.writes_journals { number } else { 0 };
        expect(signed == expected, || {
            format!("after a flush the latest receipt that is signed is {signed}, not {expected}")
        })?;
        if trial.writes_journals {
            trial.journals_are_written(number)?;
        }
    }
    trial.all_is_written()
}

async fn pairs_are_written_or_dropped(trial: &mut Trial) -> Verdict {
    for count in [1, 0, 2, 300] {
        trial.write(3).await?;
        trial.write_pairs(count).await?;
    }
    trial.flush().await?;
    trial.pairs_are_written()?;
    trial.all_is_written()
}

async fn a_dropped_sink_abandons_what_it_holds(trial: &mut Trial) -> Verdict {
    trial.write(10).await?;
    trial.flush().await?;
    trial.write(10).await?;
    trial.write_journal(1).await?;
    trial.drop_sink();
    // tasks that it has left, if any, come to an end
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let ledger = trial.books.ledger();
    expect(ledger.balances(), || format!("a sink that was dropped keeps deliveries open: {ledger:?}"))?;
    trial.nothing_is_made_up()
}

async fn a_write_that_is_cut_off_is_counted(trial: &mut Trial) -> Verdict {
    for polls in 0..4 {
        trial.begin_write(100, polls).await?;
        trial.write(1).await?;
        trial.flush().await?;
        trial.nothing_is_made_up()?;
    }
    trial.begin_write(100, 1).await?;
    trial.flush().await?;
    let ledger = trial.books.ledger();
    expect(ledger.dropped.total() == 0, || {
        format!("a write that was cut off counts as dropped: {ledger:?}")
    })?;
    expect(ledger.written >= 4, || format!("after a write that was cut off none succeeds: {ledger:?}"))?;
    trial.nothing_is_made_up()
}

async fn large_rows_are_written(trial: &mut Trial) -> Verdict {
    let text: Arc<str> = "\u{1}\"\\ large".repeat(30_000).into();
    for _ in 0..3 {
        let mut rows = trial.rows(3);
        rows[1].raw_input = Some(Arc::clone(&text));
        rows[1].features =
            vec![Value::Missing, Value::Missing, Value::Text(Arc::clone(&text)), Value::Missing];
        rows[2].generated_text = Some(Arc::clone(&text));
        trial.write_rows(0, rows).await?;
    }
    trial.flush().await?;
    trial.all_is_written()
}

const HOSTILE: [&str; 12] = [
    "",
    "\n",
    "a\r\nb\n\n",
    "\"quoted\", 'quoted', `quoted`",
    "{\"record\":\"prediction\"}\n{\"record\":\"prediction\"}",
    "\0 and \u{7f} and \u{1b}[31m",
    "back\\slash \\n \\u0000",
    "🌋 e\u{301} \u{202e}right to left",
    "\u{2028} and \u{2029} and \u{feff}",
    "../../etc/passwd",
    "'; DROP TABLE predictions; --",
    "=1+1,%s,${HOME},NULL,null,NaN",
];

async fn hostile_texts_are_written(trial: &mut Trial) -> Verdict {
    for text in HOSTILE {
        let mut rows = trial.rows(2);
        for row in &mut rows {
            spoil(row, text);
        }
        trial.write_rows(1, rows).await?;
    }
    trial.flush().await?;
    trial.all_is_written()
}

/// Puts `text` into every field that takes one.
fn spoil(row: &mut Prediction, text: &str) {
    let text: Arc<str> = text.into();
    let value = Value::Text(Arc::clone(&text));
    row.request_id = Arc::clone(&text);
    row.entity_id = Some(Arc::clone(&text));
    row.features = vec![value.clone(); 4];
    row.raw_input = Some(Arc::clone(&text));
    row.prediction = value;
    row.class_probabilities = Some([(Arc::clone(&text), 0.5)].into());
    row.ranking = Some([RankedItem { item: Arc::clone(&text), score: Some(0.5) }].into());
    row.generated_text = Some(Arc::clone(&text));
    row.segments = vec![(Arc::clone(&text), Arc::clone(&text))];
    row.endpoint = Arc::clone(&text);
    row.rescued = vec![Rescued { column: Arc::clone(&text), json: text.to_string() }];
}

async fn odd_values_are_written(trial: &mut Trial) -> Verdict {
    let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE / 2.0, f64::MAX];
    for float in floats {
        let mut rows = trial.rows(1);
        let row = &mut rows[0];
        row.features =
            vec![Value::Float(float), Value::Integer(i64::MIN), Value::Float(float), Value::Missing];
        (row.score, row.confidence) = (Some(float), Some(float));
        row.class_probabilities = Some([("a".into(), float), ("b".into(), 0.5)].into());
        row.ranking = Some([RankedItem { item: "a".into(), score: Some(float) }].into());
        row.prediction = Value::Float(float);
        trial.write_rows(0, rows).await?;
    }
    // too few features, and too many
    let mut rows = trial.rows(4);
    rows[0].features = Vec::new();
    rows[1].features = vec![Value::Integer(i64::MAX); 9];
    let earliest = Timestamp::from_second(-62_135_596_800).unwrap_or(Timestamp::UNIX_EPOCH);
    rows[2].event_time = earliest;
    rows[3].event_time = Timestamp::from_second(253_370_764_800).unwrap_or(Timestamp::UNIX_EPOCH);
    for row in &mut rows {
        (row.status, row.error_type) = (None, Some(ErrorType::Cancelled));
        row.latency = Duration::from_secs(1 << 40);
        row.instance_index = u32::MAX;
        row.class_probabilities = Some([].into());
        row.ranking = Some([].into());
    }
    trial.write_rows(0, rows).await?;
    trial.flush().await?;
    trial.all_is_written()
}
