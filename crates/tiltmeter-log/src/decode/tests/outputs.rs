//! Outputs of more than one value, from whole responses and from streams.

use super::*;
use crate::layer::Media;

const MULTICLASS: &str = "{spec_version: 1, name: m, type: multiclass, owner: o, tier: 1, endpoint: {path: /p}, \
    response: {class_probabilities: /p}, features: {a: float}}";
const CLASSES: &str = "{spec_version: 1, name: m, type: multiclass, owner: o, tier: 1, endpoint: {path: /p}, \
    response: {prediction: /c, class_probabilities: {pointer: /p, classes: [red, green]}}, features: {a: float}}";
const RANKING: &str = "{spec_version: 1, name: m, type: ranking, owner: o, tier: 1, endpoint: {path: /p}, \
    response: {ranking: {pointer: /k, item: id, score: fit, max_items: 2}}, features: {a: float}}";
const NAMES: &str = "{spec_version: 1, name: m, type: ranking, owner: o, tier: 1, endpoint: {path: /p}, \
    response: {ranking: /k}, features: {a: float}}";
const TEXT: &str = "{spec_version: 1, name: m, type: text, owner: o, tier: 1, endpoint: {path: /p}, \
    response: {model_version: /model, generated_text: {pointer: /text, stream: /choices/0/delta, max_bytes: 10}}, \
    features: {a: string}}";

fn answered(text: &str, response: &str) -> Prediction {
    decode_with(text, &exchange(b"{}", response.as_bytes(), 200)).unwrap().remove(0)
}

fn probabilities(row: &Prediction) -> Vec<(&str, f64)> {
    row.class_probabilities.iter().flat_map(|all| all.iter()).map(|(class, p)| (&**class, *p)).collect()
}

fn items(row: &Prediction) -> Vec<(&str, Option<f64>)> {
    row.ranking.iter().flat_map(|all| all.iter()).map(|item| (&*item.item, item.score)).collect()
}

fn streamed(response: &[u8], extent: Extent, media: Media) -> Prediction {
    let mut exchange = exchange_with((b"{}", Extent::Whole), (response, extent), 200);
    exchange.response_format.media = media;
    decode_with(TEXT, &exchange).unwrap().remove(0)
}

#[test]
fn probabilities_by_class_and_the_decision_that_follows() {
    let row = answered(MULTICLASS, r#"{"p": {"red": 0.2, "green": 0.5, "blue": 0.5, "red": 0.1}}"#);
    assert_eq!(probabilities(&row), [("green", 0.5), ("blue", 0.5), ("red", 0.1)]);
    assert_eq!((row.prediction, row.confidence), (Value::Text("green".into()), Some(0.5)));
    let row = answered(MULTICLASS, r#"{"p": [0, 1]}"#);
    assert_eq!(probabilities(&row), [("0", 0.0), ("1", 1.0)]);
}

#[test]
fn classes_of_the_spec_name_the_elements_and_a_given_prediction_is_not_derived() {
    let row = answered(CLASSES, r#"{"p": [0.25, 0.75]}"#);
    assert_eq!(probabilities(&row), [("red", 0.25), ("green", 0.75)]);
    assert!(row.prediction.is_missing() && row.confidence.is_none());
}

#[test]
fn probabilities_that_do_not_fit_are_rescued() {
    for p in ["[0.5]", "[0.5, 0.2, 0.3]", r#"[0.5, "x"]"#, "[]", "{}", "0.5", r#"{"red": null}"#, "[[1], 2]"]
    {
        let row = answered(CLASSES, &format!("{{\"p\": {p}}}"));
        assert_eq!(row.class_probabilities, None, "{p}");
        assert_eq!(row.rescued[0].column.as_ref(), "class_probabilities");
    }
    assert!(answered(CLASSES, r#"{"p": null}"#).rescued.is_empty());
    let many = format!("{{\"p\": [{}0]}}", "0,".repeat(4_096));
    assert_eq!(answered(MULTICLASS, &many).class_probabilities, None, "more classes than a model has");
}

#[test]
fn the_first_items_of_a_ranking_are_kept() {
    let row = answered(RANKING, r#"{"k": [{"id": "a", "fit": 2, "x": []}, {"id": 7}, {"id": "c"}]}"#);
    assert_eq!(items(&row), [("a", Some(2.0)), ("7", None)]);
    assert!(row.rescued.is_empty(), "the spec asks for no more");
    assert_eq!(items(&answered(NAMES, r#"{"k": ["a", 2]}"#)), [("a", None), ("2", None)]);
    for k in [r#"{"a": 1}"#, r#"[{"fit": 1}]"#, r#"["a"]"#, r#"[{"id": "a", "fit": "x"}]"#] {
        let row = answered(RANKING, &format!("{{\"k\": {k}}}"));
        assert_eq!((row.ranking, row.rescued.len()), (None, 1), "{k}");
    }
}

#[test]
fn a_ranking_that_is_a_large_object_costs_the_response_nothing_else() {
    let spec = RANKING.replace("response: {", "response: {score: /score, ");
    let members: String = (0..500).map(|item| format!("\"{item}\": {item}, ")).collect();
    let row = answered(&spec, &format!("{{\"k\": {{{members}\"last\": {{}}}}, \"score\": 0.5}}"));
    assert_eq!((row.error_type, row.score, row.ranking.is_none()), (None, Some(0.5), true));
    assert_eq!(row.rescued[0].column.as_ref(), "ranking");
}

#[test]
fn text_is_cut_on_a_character() {
    let row = answered(TEXT, r#"{"text": "123456789éé"}"#);
    assert_eq!(row.generated_text.as_deref(), Some("123456789"));
    let row = answered(TEXT, r#"{"text": ["a"]}"#);
    assert_eq!((row.generated_text.clone(), rescued(&row)[0]), (None, ("generated_text", r#"["a"]"#)));
}

#[test]
fn plain_text_is_the_text_as_far_as_it_was_captured() {
    let text = |row: Prediction| row.generated_text.map(|text| text.to_string());
    assert_eq!(text(streamed(b"{\"a\": 1}", Extent::Whole, Media::Plain)), Some("{\"a\": 1}".into()));
    assert_eq!(text(streamed("né".as_bytes(), Extent::Part, Media::Plain)), Some("né".into()));
    assert_eq!(text(streamed(&"né".as_bytes()[..2], Extent::Open, Media::Plain)), Some("n".into()));
    let invalid = streamed(b"a\xff", Extent::Whole, Media::Plain);
    assert_eq!(invalid.error_type, Some(ErrorType::Unreadable));
}

#[test]
fn the_pieces_of_a_stream_are_joined() {
    let stream = b"\xef\xbb\xbfdata: {\"model\": \"m1\", \"choices\": [{\"delta\": \"Hel\"}]}\n\n: a comment\n\
        event: x\ndata:{\"choices\": [{\"delta\": \"lo\"}]}\r\n\r\ndata: {\"choices\":\ndata: [{\"delta\": \"!\"}]}\r\r\
        data: broken\n\ndata: {\"choices\": [{\"delta\": null}]}\n\ndata: {\"choices\": []}\n\ndata: [DONE]\n\n";
    let row = streamed(stream, Extent::Whole, Media::EventStream);
    assert_eq!(row.generated_text.as_deref(), Some("Hello!"));
    assert_eq!(row.model_version.as_ref().map(ModelVersion::as_str), Some("m1"));
    assert_eq!((row.error_type, row.rescued.len()), (None, 0));
    let row = streamed(&stream[..80], Extent::Part, Media::EventStream);
    assert_eq!(row.generated_text.as_deref(), Some("Hel"), "an event that is cut is skipped");
    let row = streamed(b"data: broken\n\n", Extent::Whole, Media::EventStream);
    assert_eq!((row.generated_text, row.error_type), (None, Some(ErrorType::Unreadable)));
}

/// Several texts, each with an instance of the request: of a batch of prompts, or of the choices for one.
const TEXTS: &str = "{spec_version: 1, name: m, type: text, owner: o, tier: 1, endpoint: {path: /p}, \
    request: {features: /prompts/*}, response: {model_version: /model, score: /choices/*/score, \
    generated_text: {pointer: /texts/*, stream: /choices/*/delta/content}}, features: {a: string}}";

/// What a chat completion with so many choices sends: one choice in each event, whose `index` says which it is.
fn chat(events: &[(&str, &str)]) -> String {
    let event = |(choice, rest): &(&str, &str)| {
        format!("data: {{\"model\": \"m1\", \"choices\": [{{{choice}}}]{rest}}}\n\n")
    };
    events.iter().map(event).chain(["data: [DONE]\n\n".to_owned()]).collect()
}

fn streamed_for(text: &str, instances: usize, response: &str, extent: Extent) -> Vec<Prediction> {
    let prompts = vec!["{}"; instances].join(",");
    let request = format!("{{\"prompts\": [{prompts}]}}");
    let mut exchange = exchange_with((request.as_bytes(), Extent::Whole), (response.as_bytes(), extent), 200);
    exchange.response_format.media = Media::EventStream;
    decode_with(text, &exchange).unwrap()
}

fn texts(rows: &[Prediction]) -> Vec<&str> {
    rows.iter().map(|row| row.generated_text.as_deref().unwrap_or("-")).collect()
}

const INTERLEAVED: [(&str, &str); 7] = [
    (r#""index": 0, "delta": {"role": "assistant", "content": ""}"#, ""),
    (r#""index": 1, "delta": {"content": "Good"}"#, ""),
    (r#""delta": {"content": "Hel"}, "index": 0"#, ""),
    (r#""delta": {"content": " day"}, "score": 0.25, "index": 1"#, ""),
    (r#""index": 0, "delta": {"content": "lo"}, "score": 0.5"#, ""),
    (r#""index": 1, "delta": {}, "finish_reason": "stop""#, ""),
    (r#""index": 0, "delta": {}, "finish_reason": "stop""#, r#", "usage": {"index": 9}"#),
];

#[test]
fn the_choices_of_a_stream_are_joined_each_by_itself() {
    let stream = chat(&INTERLEAVED);
    let rows = streamed_for(TEXTS, 2, &stream, Extent::Whole);
    assert_eq!(texts(&rows), ["Hello", "Good day"]);
    assert_eq!(rows.iter().map(|row| row.score).collect::<Vec<_>>(), [Some(0.5), Some(0.25)]);
    assert!(rows.iter().all(|row| row.model_version.as_ref().map(ModelVersion::as_str) == Some("m1")));
    let usage = stream.replace("data: [DONE]", "data: {\"choices\": [], \"usage\": {}}\n\ndata: [DONE]");
    assert_eq!(texts(&streamed_for(TEXTS, 2, &usage, Extent::Whole)), ["Hello", "Good day"]);
}

#[test]
fn one_choice_of_a_stream_is_that_of_its_number() {
    let stream = chat(&INTERLEAVED);
    for (choice, expected) in [("0", "Hello"), ("1", "Good day"), ("2", "-")] {
        let text = TEXT.replace("/choices/0/delta", &format!("/choices/{choice}/delta/content"));
        assert_eq!(texts(&streamed_for(&text, 1, &stream, Extent::Whole)), [expected], "{choice}");
    }
    let only: Vec<_> =
        INTERLEAVED.into_iter().filter(|(choice, _)| choice.contains(r#""index": 0"#)).collect();
    let text = TEXT.replace("/choices/0/delta", "/choices/0/delta/content");
    assert_eq!(texts(&streamed_for(&text, 1, &chat(&only), Extent::Whole)), ["Hello"]);
    let named = "data: {\"choices\": {\"0\": {\"delta\": \"a\", \"index\": 5}}}\n\n";
    assert_eq!(
        texts(&streamed_for(TEXT, 1, named, Extent::Whole)),
        ["a"],
        "a member that has a number for a name"
    );
}

#[test]
fn without_an_index_the_place_of_a_choice_counts() {
    let both = r#""delta": {"content": "a"}}, {"delta": {"content": "b"}, "index": "1""#;
    let rows = streamed_for(TEXTS, 2, &chat(&[(both, ""), (both, "")]), Extent::Whole);
    assert_eq!(texts(&rows), ["aa", "bb"]);
}

#[test]
fn a_choice_of_which_nothing_came_has_no_text() {
    let stream = chat(&INTERLEAVED[..1]);
    let rows = streamed_for(TEXTS, 2, &stream[..stream.len() - 14], Extent::Part);
    assert_eq!((texts(&rows), rows[1].error_type), (vec!["", "-"], None));
    let more = chat(&[(r#""index": 2, "delta": {"content": "x"}"#, "")]);
    let mut exchange =
        exchange_with((b"{\"prompts\": [{}, {}]}", Extent::Whole), (more.as_bytes(), Extent::Whole), 200);
    exchange.response_format.media = Media::EventStream;
    assert_eq!(decode_with(TEXTS, &exchange), Err(ExchangeDrop::InstanceMismatch));
    let absurd = more.replace("\"index\": 2", "\"index\": 4000000000");
    let row = streamed_for(TEXTS, 1, &absurd, Extent::Whole).remove(0);
    assert_eq!(row.error_type, Some(ErrorType::Unreadable));
}

#[test]
fn a_long_stream_is_cut_where_the_text_is_full() {
    let event = |piece: &str| format!("data: {{\"choices\": [{{\"delta\": \"{piece}\"}}]}}\n\n");
    let stream = event("123456789") + &event("éé") + &event("x").repeat(1_000);
    let row = streamed(stream.as_bytes(), Extent::Whole, Media::EventStream);
    assert_eq!(row.generated_text.as_deref(), Some("123456789"), "a later piece does not close the hole");
}

proptest! {
    /// Wherever a stream is cut, the text is a beginning of the whole text.
    #[test]
    fn a_stream_that_is_cut_has_a_beginning_of_the_text(
        pieces in prop::collection::vec("[a-zé]{0,3}", 0..6), cut in any::<prop::sample::Index>(),
    ) {
        let stream: String = pieces
            .iter()
            .map(|piece| format!("data: {{\"choices\": [{{\"delta\": \"{piece}\"}}]}}\n\n"))
            .collect();
        let whole = pieces.concat();
        let cut = if stream.is_empty() { 0 } else { cut.index(stream.len()) };
        let row = streamed(&stream.as_bytes()[..cut], Extent::Part, Media::EventStream);
        prop_assert!(whole.starts_with(row.generated_text.as_deref().unwrap_or_default()));
    }

    /// In whatever order the choices take their turns, each has its own text.
    #[test]
    fn interleaved_choices_have_their_texts(
        pieces in prop::collection::vec((0..4_usize, "[a-zé]{0,3}", any::<bool>()), 0..30),
    ) {
        let event = |(choice, piece, is_index_first): &(usize, String, bool)| {
            let (index, delta) = (format!("\"index\": {choice}"), format!("\"delta\": {{\"content\": \"{piece}\"}}"));
            let choice = if *is_index_first { [index, delta] } else { [delta, index] };
            format!("data: {{\"choices\": [{{{}}}]}}\n\n", choice.join(", "))
        };
        let stream: String = pieces.iter().map(event).collect();
        let rows = streamed_for(TEXTS, 4, &stream, Extent::Whole);
        for (instance, row) in rows.iter().enumerate() {
            let whole: String =
                pieces.iter().filter(|(choice, ..)| *choice == instance).map(|(_, piece, _)| piece.as_str()).collect();
            prop_assert_eq!(row.generated_text.as_deref().unwrap_or_default(), whole);
        }
    }

    #[test]
    fn no_stream_makes_it_panic(body in "(data: ?|[\n\r]|\\PC|[{}\":]){0,60}") {
        streamed(body.as_bytes(), Extent::Whole, Media::EventStream);
        let mut exchange = exchange(b"{\"prompts\": [{}]}", body.as_bytes(), 200);
        exchange.response_format.media = Media::EventStream;
        let _ = decode_with(TEXTS, &exchange);
    }
}

#[test]
fn a_cut_text_does_not_end_in_half_of_what_a_detector_finds() {
    let text = TEXT.replace("max_bytes: 10", "max_bytes: 40");
    let policy = text.replace("features: {a: string}}", "features: {a: string}, privacy: {detect: [card]}}");
    let response = r#"{"text": "please pay with 4111 1111 1111 1111 today"}"#;
    let said = |spec: &str| answered(spec, response).generated_text.unwrap();
    assert_eq!(&*said(&policy.replace("40", "34")), "please pay");
    assert_eq!(&*said(&text.replace("40", "34")), "please pay with 4111 1111 1111 111");

    let stream = b"data: {\"choices\": [{\"delta\": \"please pay 4111 1111\"}]}\n\n";
    let mut exchange = exchange_with((b"{}", Extent::Whole), (stream, Extent::Cut), 200);
    exchange.response_format.media = Media::EventStream;
    let cut = decode_with(&policy, &exchange).unwrap().remove(0);
    assert_eq!(cut.generated_text.as_deref(), Some("please pay"));
    let cut = decode_with(&text, &exchange).unwrap().remove(0);
    assert_eq!(cut.generated_text.as_deref(), Some("please pay 4111 1111"));
}
