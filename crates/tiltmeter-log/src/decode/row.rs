//! One record, put together from what the application said of it and from the bodies.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tiltmeter_record::{ErrorType, ModelSpec, ModelVersion, Observation, Prediction, Value};
use uuid::Uuid;

use super::Decoder;
use super::columns::{
    CONFIDENCE, ENTITY_ID, EVENT_TIME, FEATURES, MODEL_VERSION, Misfits, PREDICTION, SCORE,
};
use super::cut::is_looked_through;
use super::features::FeatureNames;
use super::fit::{fit, fit_name, fit_number, fit_told};
use super::outputs::{decision, fit_probabilities, fit_ranking, fit_text, told_probabilities, told_ranking};
use super::segments::{SegmentNames, Segments};
use crate::codec::{FieldValue, RequestField, RequestFields, ResponseField};
use crate::layer::Said;

/// The first instant whose date has four digits, as readers of dates expect: 0001-01-01T00:00:00Z.
const YEAR_1: Timestamp = Timestamp::constant(-62_135_596_800, 0);

/// What is the same for all predictions of an exchange.
pub(super) struct Common<'a> {
    pub(super) request_id: Arc<str>,
    pub(super) observed_at: Timestamp,
    pub(super) latency: Duration,
    pub(super) endpoint: Arc<str>,
    pub(super) status: Option<u16>,
    pub(super) error_type: Option<ErrorType>,
    pub(super) raw_input: Option<Arc<str>>,
    pub(super) said: Option<&'a Said>,
}

impl Decoder {
    pub(super) fn row(
        &mut self,
        instance: usize,
        is_last: bool,
        told: Option<&Observation>,
        common: &Common<'_>,
        prediction_id: Uuid,
        sequence: u64,
    ) -> Prediction {
        let Self { spec, columns, request, response, feature_names, segment_names, version, .. } = self;
        let mut misfits = Misfits::new(columns);
        let mut segments = Segments::default();
        let features = features(
            Source { spec, names: feature_names, request, instance, is_last },
            told,
            &mut self.told,
            &mut segments,
            segment_names,
            &mut misfits,
        );
        for (name, value) in common.said.iter().flat_map(|said| said.segments.iter().rev()) {
            segments.add(name, value, segment_names, &mut misfits);
        }

        let event_time = match told.and_then(|told| told.event_time) {
            Some(time) => {
                let named = || FieldValue::Text(time.to_string().into());
                event_time(spec, Some(time), named, common.observed_at, &mut misfits)
            }
            None => match request.take(instance, RequestField::EventTime, is_last) {
                FieldValue::Missing => common.observed_at,
                value => {
                    let time = if let FieldValue::Text(text) = &value { text.parse().ok() } else { None };
                    event_time(spec, time, || value.clone(), common.observed_at, &mut misfits)
                }
            },
        };
        let entity_id = match told.and_then(|told| told.entity_id.clone()) {
            Some(told) => FieldValue::Text(told),
            None => request.take(instance, RequestField::EntityId, is_last),
        };
        let entity_id = fit_name(entity_id, ENTITY_ID, &mut misfits);

        let mut take = |slot| response.take(instance, slot, is_last);
        let told_number = |told: Option<f64>| told.map(FieldValue::Float);
        let score =
            told_number(told.and_then(|told| told.score)).unwrap_or_else(|| take(ResponseField::Score));
        let score = fit_number(score, SCORE, &mut misfits);
        let confidence = told_number(told.and_then(|told| told.confidence));
        let confidence = confidence.unwrap_or_else(|| take(ResponseField::Confidence));
        let mut confidence = fit_number(confidence, CONFIDENCE, &mut misfits);
        let mut prediction = match told.map(|told| &told.prediction) {
            Some(told) if !told.is_missing() => {
                fit_told(told, spec.prediction_type(), PREDICTION, &mut misfits)
            }
            _ => fit(take(ResponseField::Prediction), spec.prediction_type(), PREDICTION, &mut misfits),
        };
        let output = &spec.response;
        let class_probabilities = match told.and_then(|told| told.class_probabilities.as_ref()) {
            Some(told) => told_probabilities(told, &mut misfits),
            None => fit_probabilities(
                &take(ResponseField::ClassProbabilities),
                output.class_probabilities.as_ref(),
                &mut misfits,
            ),
        };
        if prediction.is_missing()
            && confidence.is_none()
            && let Some((class, probability)) =
                class_probabilities.as_deref().and_then(|probabilities| decision(spec, probabilities))
        {
            (prediction, confidence) = (class, Some(probability));
        }
        let ranking = match told.and_then(|told| told.ranking.as_ref()) {
            Some(told) => Some(told_ranking(told, output.ranking.as_ref())),
            None => fit_ranking(&take(ResponseField::Ranking), output.ranking.as_ref(), &mut misfits),
        };
        let (generated_text, is_cut) = match told.and_then(|told| told.generated_text.clone()) {
            Some(told) => (FieldValue::Text(told), false),
            None => (take(ResponseField::GeneratedText), self.response_is_cut),
        };
        let generated_text = fit_text(generated_text, is_cut, spec, &mut misfits);
        let told_version = told.and_then(|told| told.model_version.as_ref());
        let model_version = told_version
            .or_else(|| common.said.and_then(|said| said.model_version.as_ref()))
            .cloned()
            .or_else(|| named_version(version, take(ResponseField::ModelVersion), &mut misfits))
            .or_else(|| common.said.and_then(|said| said.path_version.clone()))
            .or_else(|| spec.version.clone());

        Prediction {
            prediction_id,
            request_id: Arc::clone(&common.request_id),
            instance_index: u32::try_from(instance).unwrap_or(u32::MAX),
            sequence,
            entity_id,
            model_version,
            event_time,
            observed_at: common.observed_at,
            features,
            // once is enough: the rows of a request have its id
            raw_input: common.raw_input.clone().filter(|_| instance == 0),
            prediction,
            score,
            confidence,
            class_probabilities,
            ranking,
            generated_text,
            segments: segments.into_texts(is_looked_through(spec), &mut misfits),
            latency: common.latency,
            endpoint: Arc::clone(&common.endpoint),
            status: common.status,
            error_type: common.error_type,
            rescued: misfits.into_rescued(),
            inclusion: tiltmeter_record::Inclusion::default(),
        }
    }
}

/// Where the features of one record come from, beside the application.
struct Source<'a> {
    spec: &'a ModelSpec,
    names: &'a FeatureNames,
    request: &'a mut RequestFields,
    instance: usize,
    is_last: bool,
}

/// The features: those that the application said, missing ones as well, and the others from the request. What it said
/// that is no feature is a segment.
fn features(
    source: Source<'_>,
    told: Option<&Observation>,
    is_told: &mut Vec<bool>,
    segments: &mut Segments,
    segment_names: &mut SegmentNames,
    misfits: &mut Misfits<'_>,
) -> Vec<Value> {
    let Source { spec, names, request, instance, is_last } = source;
    let Some(told) = told else {
        let feature = |(place, feature): (usize, &tiltmeter_record::spec::FeatureSpec)| {
            let value = request.take(instance, RequestField::Feature(place), is_last);
            fit(value, feature.value_type, FEATURES + place, misfits)
        };
        return spec.features.iter().enumerate().map(feature).collect();
    };
    if let Some((features, others)) = names.in_order(told.fields()) {
        for (name, value) in others.iter().rev() {
            segments.add(name, value, segment_names, misfits);
        }
        let feature = |(place, (_, value)): (usize, &(_, Value))| {
            fit_told(value, spec.features[place].value_type, FEATURES + place, misfits)
        };
        return features.iter().enumerate().map(feature).collect();
    }
    let mut features = vec![Value::Missing; spec.features.len()];
    is_told.clear();
    is_told.resize(features.len(), false);
    let mut hint = features.len().saturating_sub(1);
    // of several fields of one name the last counts: it comes first here
    for (name, value) in told.fields().iter().rev() {
        let Some(place) = names.place(name, hint) else {
            segments.add(name, value, segment_names, misfits);
            continue;
        };
        hint = place.saturating_sub(1);
        if !std::mem::replace(&mut is_told[place], true) {
            features[place] = fit_told(value, spec.features[place].value_type, FEATURES + place, misfits);
        }
    }
    for (place, feature) in spec.features.iter().enumerate().filter(|(place, _)| !is_told[*place]) {
        let value = request.take(instance, RequestField::Feature(place), is_last);
        features[place] = fit(value, feature.value_type, FEATURES + place, misfits);
    }
    features
}

/// The event time that was named, if it is of our era and within the spec's bound on skew; else the time of observation.
fn event_time(
    spec: &ModelSpec,
    time: Option<Timestamp>,
    named: impl FnOnce() -> FieldValue,
    observed_at: Timestamp,
    misfits: &mut Misfits<'_>,
) -> Timestamp {
    let within = |time: &Timestamp| {
        spec.request.max_skew.is_none_or(|bound| time.duration_since(observed_at).unsigned_abs() <= bound)
    };
    let is_a_date = |time: &Timestamp| *time >= YEAR_1;
    time.filter(is_a_date).filter(within).unwrap_or_else(|| {
        misfits.rescue(EVENT_TIME, &named());
        observed_at
    })
}

/// The version that the response names. A name that is no version is rescued.
fn named_version(
    last: &mut Option<ModelVersion>,
    value: FieldValue,
    misfits: &mut Misfits<'_>,
) -> Option<ModelVersion> {
    let name = fit_name(value, MODEL_VERSION, misfits)?;
    if last.as_ref().is_none_or(|last| *last.as_str() != *name) {
        match name.parse() {
            Ok(version) => *last = Some(version),
            Err(_) => {
                misfits.rescue(MODEL_VERSION, &FieldValue::Text(name));
                return None;
            }
        }
    }
    last.clone()
}
