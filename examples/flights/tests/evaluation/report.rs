//! `--report-only`: what is found of a year of flights, and what the report says when something is missing.

use std::fs;
use std::path::Path;

use example_flights::{console::Style, evaluation::Evaluation, run::report_only};
use serde_json::Value;
use tiltmeter_monitor::performance::PerformanceVerdict;
use tiltmeter_monitor::{PeriodKind, Severity, Verdict};

use crate::logged::{LoggedRun, SPRING, cli};

async fn evaluated(run: &LoggedRun, arguments: &[&str]) -> Evaluation {
    report_only(&cli(arguments), run.path()).await.unwrap()
}

fn html(run: &LoggedRun) -> String {
    fs::read_to_string(run.path().join("report.html")).unwrap()
}

/// The spec of the example with another text in it, in a folder where its data are found.
fn changed_spec(folder: &Path, from: &str, to: &str) -> String {
    let original = cli(&[]).spec;
    let text = fs::read_to_string(&original).unwrap();
    assert!(text.contains(from), "{from}");
    let data = original.with_file_name("data");
    let text = text.replace(from, to).replace("data/", &format!("{}/", data.display()));
    let path = folder.join("model.yaml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn performance_fell_in_april_and_the_temperature_of_july_meant_nothing() {
    let run = LoggedRun::of_the_year();
    let json = run.path().join("figures.json");
    let evaluation =
        evaluated(&run, &["--json", json.to_str().unwrap(), "--as-of", "2013-04-01T00:00:00Z"]).await;
    let analysis = evaluation.analysis();
    assert_eq!(evaluation.problems(), Vec::<String>::new());

    let titles: Vec<_> =
        analysis.headlines.iter().map(|headline| (headline.severity, headline.title.as_str())).collect();
    assert_eq!(
        titles,
        [
            (Severity::Bad, "Performance fell in April 2013, and has not recovered"),
            (Severity::Notice, "temp drifted most in July 2013, and performance did not follow"),
            (Severity::Notice, "The distribution of scores changed in October 2013, with version gbm-2"),
        ]
    );
    let verdicts: Vec<_> = analysis.months.iter().map(|month| month.verdict).collect();
    assert_eq!(verdicts[..2], [PerformanceVerdict::Held, PerformanceVerdict::Fell]);
    let temp = |period: &str| {
        let of = |finding: &&tiltmeter_monitor::drift::DriftFinding| {
            finding.column == "temp" && finding.period.to_string() == period
        };
        analysis.drift.iter().find(of).unwrap().verdict
    };
    assert_eq!(
        (temp("2013-07"), temp("2013-W29"), temp("2013-12")),
        (Verdict::Drift, Verdict::Drift, Verdict::Stable)
    );

    // for programs
    let figures: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(figures["months"][1]["month"], "2013-04");
    assert_eq!(figures["as_of"][0]["labelled"], 13_670);
    let periods: Vec<_> = figures["drift"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["period"].as_str().unwrap())
        .collect();
    for period in ["2013-04-03", "2013-W14", "2013-04"] {
        assert_eq!(periods.iter().filter(|found| **found == period).count(), 14, "{period}");
    }

    // for people
    let page = html(&run);
    for text in
        ["Performance fell in April 2013", "gbm-2", "143,623", "temp drifted most in July 2013", "<svg"]
    {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.len() < 600_000, "{} bytes", page.len());
    let text = evaluation.render(Style::PLAIN, run.path());
    assert!(text.contains("Performance fell in April 2013") && text.contains("report.html"), "{text}");
}

#[tokio::test]
async fn a_second_evaluation_compares_with_the_baseline_of_the_first() {
    let run = LoggedRun::of_spring();
    let first = evaluated(&run, &[]).await;
    let stored = fs::read(run.path().join("baseline.tiltbase")).unwrap();
    let page = html(&run);
    let second = evaluated(&run, &[]).await;
    assert_eq!(second.analysis().baseline, first.analysis().baseline);
    assert_eq!(fs::read(run.path().join("baseline.tiltbase")).unwrap(), stored);
    assert_eq!(html(&run), page, "the same data give the same page");

    fs::write(run.path().join("baseline.tiltbase"), &stored[..stored.len() / 2]).unwrap();
    let third = evaluated(&run, &[]).await;
    assert!(third.problems()[0].contains("the baseline is damaged"), "{:?}", third.problems());
    assert_eq!(third.analysis().baseline, first.analysis().baseline, "made anew");
    assert!(html(&run).contains("the baseline is damaged"));
}

#[tokio::test]
async fn a_damaged_file_is_named_in_the_report_and_the_others_are_read() {
    let run = LoggedRun::of_spring();
    let (file, rows) = run.file_of("2013-03-20");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let evaluation = evaluated(&run, &[]).await;
    assert_eq!(evaluation.analysis().predictions, SPRING as u64 - rows);
    let named = "date=2013-03-20/rows-0000.parquet";
    let problem = format!("{named}: is damaged");
    assert!(evaluation.problems()[0].contains(&problem), "{:?}", evaluation.problems());
    assert!(html(&run).contains(named));
    assert!(evaluation.render(Style::PLAIN, Path::new("/")).contains("2013-03-20"));
}

#[tokio::test]
async fn without_labels_the_report_says_so_and_shows_drift() {
    let run = LoggedRun::of_spring();
    let spec = changed_spec(run.path(), "data/labels.parquet", "data/absent.parquet");
    let evaluation = evaluated(&run, &["--spec", &spec]).await;
    assert!(
        evaluation.problems().iter().any(|problem| problem.contains("absent.parquet")),
        "{:?}",
        evaluation.problems()
    );
    assert!(evaluation.analysis().notes.iter().any(|note| note.starts_with("there are no labels")));
    assert!(
        evaluation.analysis().drift.iter().any(|finding| {
            finding.verdict == Verdict::Drift && finding.period.kind() == PeriodKind::Month
        })
    );
    assert!(html(&run).contains("there are no labels"));
}

#[tokio::test]
async fn a_baseline_of_another_model_is_refused_in_words() {
    let run = LoggedRun::of_spring();
    evaluated(&run, &[]).await;
    let stored = fs::read(run.path().join("baseline.tiltbase")).unwrap();
    let baseline = tiltmeter_stats::Baseline::decode(&stored).unwrap();
    let other = tiltmeter_stats::Baseline::new("fraud", baseline.columns().to_vec(), None).unwrap();
    fs::write(run.path().join("baseline.tiltbase"), other.encode()).unwrap();
    let evaluation = evaluated(&run, &[]).await;
    assert!(evaluation.analysis().notes[0].contains("is one of the model fraud, not of flight-delay"));
    assert!(evaluation.analysis().months[0].quality.roc_auc.value().is_some());
    assert!(html(&run).contains("is one of the model fraud"));
}

#[tokio::test]
async fn written_predictions_that_are_not_found_are_a_problem() {
    let run = LoggedRun::of_spring();
    let books = r#"{"example": "example-flights", "finished": true, "accounting": {
        "exchanges": {"observed": 32768, "decoded": 32768, "dropped_by_reason": {}, "abandoned": 0},
        "predictions": {"decoded": 32768, "written": 32768, "sampled_out": 0, "dropped_by_reason": {}, "abandoned": 0}}}"#;
    fs::write(run.path().join("run.json"), books).unwrap();
    assert_eq!(evaluated(&run, &[]).await.problems(), Vec::<String>::new());
    let (file, rows) = run.file_of("2013-03-20");
    fs::remove_file(file).unwrap();
    let evaluation = evaluated(&run, &[]).await;
    let lost =
        format!("{rows} of 32,768 predictions that the log has written are not among what could be read");
    assert_eq!(evaluation.problems(), [lost.as_str()]);
    assert!(html(&run).contains(&lost));
}

#[tokio::test]
async fn a_run_that_did_not_end_is_called_partial() {
    let run = LoggedRun::of_spring();
    fs::write(run.path().join("run.json"), r#"{"example": "example-flights", "finished": false}"#).unwrap();
    let evaluation = evaluated(&run, &[]).await;
    assert!(evaluation.problems()[0].starts_with("the run did not end by itself"));
    assert!(html(&run).contains("the run did not end by itself"));
}

#[tokio::test]
async fn a_report_that_cannot_be_written_costs_nothing_else() {
    let run = LoggedRun::of_spring();
    fs::create_dir_all(run.path().join("report.html/in the way")).unwrap();
    let json = run.path().join("figures.json");
    let evaluation = evaluated(&run, &["--json", json.to_str().unwrap()]).await;
    assert!(evaluation.unwritten().unwrap().contains("cannot write"), "{:?}", evaluation.unwritten());
    assert!(evaluation.render(Style::PLAIN, run.path()).contains("Performance fell in April 2013"));
    assert!(json.is_file());
    let left: Vec<_> = fs::read_dir(run.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{left:?}");
}

#[tokio::test]
async fn a_damaged_run_file_is_called_that() {
    let run = LoggedRun::of_spring();
    fs::write(run.path().join("run.json"), "{\"example\": \"exa").unwrap();
    let error = report_only(&cli(&[]), run.path()).await.unwrap_err().to_string();
    assert!(error.ends_with("run.json is damaged: it is not JSON"), "{error}");
}

#[tokio::test]
async fn a_reference_that_changes_is_noticed_and_the_first_baseline_is_kept() {
    let run = LoggedRun::of_spring();
    let first = evaluated(&run, &[]).await;
    // fewer columns: another baseline
    let spec = changed_spec(run.path(), "  visib: float              # miles\n", "");
    let second = evaluated(&run, &["--spec", &spec]).await;
    assert!(
        second.problems().iter().any(|problem| problem.starts_with("the reference has changed")),
        "{:?}",
        second.problems()
    );
    assert_eq!(second.analysis().baseline, first.analysis().baseline);
}

#[tokio::test]
async fn a_folder_that_is_no_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = report_only(&cli(&[]), folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("is not the folder of a run of this example"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_run_without_any_predictions_has_a_report_that_says_so() {
    let run = LoggedRun::of_spring();
    fs::remove_dir_all(run.path().join("predictions")).unwrap();
    let evaluation = evaluated(&run, &[]).await;
    assert!(evaluation.problems()[0].starts_with("there are no files of predictions"));
    assert!(html(&run).contains("there are no predictions"));
}
