//! Many models on one path, whose versions change while the service runs.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::post;
use http::HeaderMap;
use tiltmeter::log::Capture;
use tiltmeter::{LogBuilder, Observation, RequestLog};
use tiltmeter_tests::{SPEC, Served, model, post_head};

const GOOD: &[u8] = br#"{"id": "c1", "age": 40}"#;

/// Says of the model and its version what the request wants it to say.
async fn predict(
    Path((_, version)): Path<(String, String)>,
    headers: HeaderMap,
    log: RequestLog,
    _: Bytes,
) -> &'static str {
    match headers["x-handler"].to_str().unwrap() {
        "nothing" => {}
        "version" => log.set_model_version("said".parse().unwrap()),
        "fallback" => {
            log.set_model("m0").unwrap();
            log.set_model_version("said".parse().unwrap());
        }
        "other model" => log.set_model("m0").unwrap(),
        _ => assert!(log.set_model("unknown").is_err()),
    }
    log.record(Observation::new().with("age", 40.0).with_score(0.5));
    match &version[..] {
        "latest" => r#"{"score": 0.5, "version": "7"}"#,
        _ => r#"{"score": 0.5}"#,
    }
}

async fn served() -> Served {
    let spec = |n: usize| {
        SPEC.replace("churn", &format!("m{n}, version: of-m{n}"))
            .replace("/predict", "'/models/{model}/versions/{version}'")
            .replace("{score: /score}", "{score: /score, model_version: /version}")
    };
    let builder = (0..20).fold(LogBuilder::new(), |builder, n| builder.with_model(model(&spec(n))));
    let router = Router::new().route("/models/{model}/versions/{version}", post(predict));
    Served::behind(builder, Capture::BodiesAndHandler, router).await
}

/// Asks each model for each version, with each of `words` for the handler; returns what was asked by the request's id.
async fn ask(
    served: &Served,
    words: &[&'static str],
) -> BTreeMap<String, (usize, &'static str, &'static str)> {
    let mut asked = BTreeMap::new();
    for n in 0..20 {
        for version in ["1", "2", "latest", "no%20version"] {
            for word in words {
                let id = format!("r{}", asked.len());
                let head = post_head(GOOD.len())
                    .replace("/predict", &format!("/models/m{n}/versions/{version}"))
                    .replace("x-request-id: r1", &format!("x-handler: {word}\r\nx-request-id: {id}"));
                let answer = served.say(&[head.as_bytes(), GOOD].concat()).await;
                assert!(answer.contains(r#""score": 0.5"#), "{answer}");
                asked.insert(id, (n, version, *word));
            }
        }
    }
    asked
}

/// The model and version of each request.
async fn logged(served: Served) -> BTreeMap<String, (String, Option<String>)> {
    let (report, rows) = served.end_with_models().await;
    assert_eq!(report.ledgers.exchanges.observed, rows.len() as u64);
    let of_row = rows.iter().map(|(spec, row)| {
        let version = row.model_version.as_ref().map(|version| version.as_str().to_owned());
        (row.request_id.to_string(), (spec.name.to_string(), version))
    });
    let logged: BTreeMap<_, _> = of_row.collect();
    assert_eq!(logged.len(), rows.len(), "one row of each request");
    logged
}

#[tokio::test]
async fn each_exchange_goes_to_the_model_and_version_that_answered() {
    let served = served().await;
    let asked = ask(&served, &["nothing", "version", "fallback", "unknown model"]).await;
    // a model that there is not passes by
    let head = post_head(GOOD.len())
        .replace("/predict", "/models/m99/versions/1")
        .replace("host", "x-handler: nothing\r\nhost");
    assert!(served.say(&[head.as_bytes(), GOOD].concat()).await.contains("0.5"));
    let expected = asked.into_iter().map(|(id, (n, version, word))| {
        let of_model = match (word, version) {
            ("version" | "fallback", _) => "said".to_owned(),
            // the response knows it better than the path
            (_, "latest") => "7".to_owned(),
            (_, "no%20version") => format!("of-m{n}"),
            _ => version.to_owned(),
        };
        let n = if word == "fallback" { 0 } else { n };
        (id, (format!("m{n}"), Some(of_model)))
    });
    assert_eq!(logged(served).await, expected.collect());
}

/// The path names a version of the model that it names, and of no other.
#[tokio::test]

async fn a_model_that_stands_in_has_not_the_version_of_the_path() {
    let served = served().await;
    let asked = ask(&served, &["other model"]).await;
    let expected = asked.into_iter().map(|(id, (_, version, _))| {
        let version = if version == "latest" { "7" } else { "of-m0" };
        (id, ("m0".to_owned(), Some(version.to_owned())))
    });
    assert_eq!(logged(served).await, expected.collect());
}
