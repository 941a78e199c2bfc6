//! Exchanges that failed are recorded, whatever their request is.

use super::*;

/// Requests that cannot be decoded.
fn undecodable() -> Vec<Captured> {
    let part = |extent| exchange_with((b"{\"age\": 1", extent), (b"", Extent::Whole), 500);
    let mut exchanges: Vec<Captured> =
        [Extent::Open, Extent::Part, Extent::Refused, Extent::Uncaptured].map(part).into();
    for request in [&b""[..], b"no json", b"{\"age\": 1", b"\xff", b"{}{}"] {
        exchanges.push(exchange(request, b"{}", 500));
    }
    let mut unknown = exchange(b"{}", b"{}", 500);
    unknown.request_format.encoding = crate::layer::Encoding::Unknown;
    exchanges.push(unknown);
    exchanges
}

#[test]
fn a_failure_is_one_record_without_features() {
    for mut exchange in undecodable() {
        for (status, error, expected) in [
            (Some(500), None, ErrorType::Status),
            (Some(404), None, ErrorType::Status),
            (Some(408), None, ErrorType::Timeout),
            (Some(504), None, ErrorType::Timeout),
            (None, Some(ErrorType::Panic), ErrorType::Panic),
            (Some(200), Some(ErrorType::Cancelled), ErrorType::Cancelled),
        ] {
            exchange.status = status.map(|status| StatusCode::from_u16(status).unwrap());
            exchange.error = error;
            let rows = decode_with(SPEC, &exchange).unwrap();
            assert_eq!(rows.len(), 1);
            assert_eq!((rows[0].status, rows[0].error_type), (status, Some(expected)));
            assert!(rows[0].features.iter().all(Value::is_missing) && rows[0].features.len() == 4);
            assert_eq!((rows[0].score, &*rows[0].request_id), (None, "r1"));
            assert_eq!(rows[0].model_version.as_ref().map(ModelVersion::as_str), Some("v0"));
        }
    }
}

#[test]
fn what_did_not_fail_is_dropped_for_its_reason() {
    let reasons: Vec<_> = undecodable()
        .into_iter()
        .map(|mut exchange| {
            exchange.status = Some(StatusCode::OK);
            decode_with(SPEC, &exchange).unwrap_err()
        })
        .collect();
    use ExchangeDrop::*;
    let malformed = RequestMalformed;
    assert_eq!(
        reasons,
        [
            RequestUnread,
            RequestUnread,
            RequestTooLarge,
            NothingRecorded,
            malformed,
            malformed,
            malformed,
            malformed,
            malformed,
            RequestEncoding
        ]
    );
}

#[test]
fn a_failed_batch_without_instances_is_a_record_and_one_with_some_is_so_many() {
    let empty = decode_with(BATCHED, &exchange(br#"{"rows": []}"#, b"", 422)).unwrap();
    assert_eq!(empty.len(), 1);
    assert!(empty[0].raw_input.is_some(), "the text of the request says what it was");
    let some = exchange(br#"{"rows": [{"age": 1}, {}]}"#, b"", 422);
    assert_eq!(decode_with(BATCHED, &some).unwrap().len(), 2);
    let huge = format!(r#"{{"rows": [{}{{}}]}}"#, "{},".repeat(100_000));
    assert_eq!(decode_with(BATCHED, &exchange(huge.as_bytes(), b"", 413)).unwrap().len(), 1);
}

#[test]
fn a_timeout_of_the_server_is_one_even_if_the_request_is_read() {
    let row = decode_with(SPEC, &exchange(br#"{"age": 4}"#, b"{\"score\": 1}", 504)).unwrap().remove(0);
    assert_eq!((row.error_type, row.score), (Some(ErrorType::Timeout), None));
    assert_eq!(row.features[0], Value::Float(4.0));
}

#[test]
fn a_body_of_another_shape_is_not_kept_where_rules_are_by_place() {
    let ruled = format!("{BATCHED}privacy: {{pointers: {{/rows/*/note: drop}}}}\n");
    let looked_through = format!("{BATCHED}privacy: {{detect: [email]}}\n");
    for request in [r#"{"inputs": [{"note": "mallory"}]}"#, r#"{"rows": {"note": "mallory"}}"#, "mallory"] {
        let exchange = exchange(request.as_bytes(), b"", 422);
        let mut decoder = Decoder::new(spec(&ruled), "/predict".into()).unwrap();
        let rows = decode_by(&mut decoder, &exchange).unwrap();
        assert_eq!((rows.len(), rows[0].raw_input.as_deref()), (1, None), "{request}");
        assert_eq!(decoder.misfits().collect::<Vec<_>>(), [("raw_input", 1)]);
        let rows = decode_with(&looked_through, &exchange).unwrap();
        assert_eq!(rows[0].raw_input.as_deref(), Some(request));
    }
    let fine = exchange(br#"{"rows": [{"note": "mallory"}]}"#, b"", 422);
    assert!(decode_with(&ruled, &fine).unwrap()[0].raw_input.is_some());
}

/// What can be read of a failed batch is kept, however few of its instances the application came to speak of.
#[test]
fn a_failed_batch_keeps_its_features_whatever_its_numbers() {
    let request = br#"{"rows": [{"age": 1}, {"age": 2}, {"age": 3}]}"#;
    let ages = |rows: &[Prediction]| rows.iter().map(|row| row.features[0].clone()).collect::<Vec<_>>();
    let read = [Value::Float(1.0), Value::Float(2.0), Value::Float(3.0)];
    let observed = |count: usize| crate::layer::Said {
        observations: vec![Observation::new().with_prediction(7); count].into(),
        ..Default::default()
    };
    for count in [0, 1, 3] {
        let failed = Captured { said: Some(Box::new(observed(count))), ..exchange(request, b"", 500) };
        let rows = decode_with(BATCHED, &failed).unwrap();
        assert_eq!(ages(&rows), read);
        let said = rows.iter().filter(|row| !row.prediction.is_missing()).count();
        assert_eq!((said, rows[0].error_type), (count, Some(ErrorType::Status)));
    }
    let more = Captured { said: Some(Box::new(observed(5))), ..exchange(request, b"", 500) };
    let rows = decode_with(BATCHED, &more).unwrap();
    assert_eq!((rows.len(), ages(&rows[..3])), (5, read.to_vec()), "nothing that was said is lost");

    let half = br#"{"out": [{"value": 1}]}"#;
    let cancelled = Captured { error: Some(ErrorType::Cancelled), ..exchange(request, half, 200) };
    let rows = decode_with(BATCHED, &cancelled).unwrap();
    assert_eq!((ages(&rows), rows[0].error_type), (read.to_vec(), Some(ErrorType::Cancelled)));
}

#[test]
fn what_was_said_beside_a_request_that_is_too_large_is_kept() {
    let huge = format!(r#"{{"rows": [{}{{}}]}}"#, "{},".repeat(100_000));
    let said = crate::layer::Said {
        observations: vec![Observation::new().with("age", 1.0), Observation::new().with("age", 2.0)].into(),
        ..Default::default()
    };
    let failed = Captured { said: Some(Box::new(said)), ..exchange(huge.as_bytes(), b"", 413) };
    let rows = decode_with(BATCHED, &failed).unwrap();
    let ages: Vec<_> = rows.iter().map(|row| row.features[0].clone()).collect();
    assert_eq!(ages, [Value::Float(1.0), Value::Float(2.0)]);
    assert!(rows.iter().all(|row| row.error_type == Some(ErrorType::Status)));
}

/// What all rows would share makes them too large: what was said of each does not go with it.
#[test]
fn what_was_said_beside_bodies_that_take_too_much_room_is_kept() {
    let said = crate::layer::Said {
        observations: vec![Observation::new().with("age", 1.0); 100].into(),
        ..Default::default()
    };
    let request = format!(r#"{{"id": "{}"}}"#, "x".repeat(1_000_000));
    let exchange = Captured { said: Some(Box::new(said)), ..exchange(request.as_bytes(), b"", 500) };
    let rows = decode_with(SPEC, &exchange).unwrap();
    assert_eq!(rows.len(), 100);
    assert!(rows.iter().all(|row| row.features[0] == Value::Float(1.0) && row.entity_id.is_none()));
    assert!(rows.iter().all(|row| row.error_type == Some(ErrorType::Status)));
}
