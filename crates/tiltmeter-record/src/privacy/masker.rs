//! The policy, applied to a row.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::action::{NoKeys, Rule, TextAction};
use super::detect::Detectors;
use super::field::{ScannedField, TextField, ValueField, masked};
use super::places::Place;
use super::scan::Scanner;
use super::{Keyring, MaskCounts, MaskedColumn, MaskerError, PrivacyPolicy, compile, json};
use crate::{BodyPointer, ModelSpec, ModelVersion, Prediction, RankedItem, Rescued, Token, Value, ValueType};

/// The column of segments; a misfit of one is rescued as `segments.<name>`.
const SEGMENTS: &str = "segments";

/// Applies the privacy policy of one model to its predictions.
///
/// Cost of a row without text to look through: about 10 ns for each field with a rule, 300 for one that is hashed. Text
/// that is looked through costs 0.5 ns a byte without digits, and 8 ns a byte where it is full of numbers. Rows of one request that share a text share what became of it. Without a policy: one comparison.
///
/// Its `Debug` shows no values.
pub struct Masker {
    work: Option<Box<Work>>,
    counts: MaskCounts,
}

/// The rules of one model, each with its place in a row.
struct Work {
    features: Vec<(usize, ValueField)>,
    /// The features that are looked through: those the spec lists, and those of no text, whose misfits would be rescued.
    scanned: Vec<usize>,
    feature_count: usize,
    entity_id: Option<TextField>,
    request_id: Option<TextField>,
    scanned_request_id: ScannedField,
    model_version: Option<TextAction>,
    /// The last version in which nothing was found; at first the spec's own.
    clean_version: Option<ModelVersion>,
    prediction: Option<ValueField>,
    /// Whether the prediction is no text, so that one that is text would be rescued.
    prediction_is_loose: bool,
    class_probabilities: Option<TextAction>,
    ranking: Option<TextAction>,
    generated_text: Option<TextAction>,
    raw_input: Option<TextAction>,
    /// By name.
    segments: Vec<(Arc<str>, TextAction)>,
    other_segments: Option<TextAction>,
    /// The columns of our own that are looked through because the spec lists them.
    scanned_columns: Vec<MaskedColumn>,
    places: Place,
    /// The columns whose rescued values keep their type alone.
    ruled: HashSet<Arc<str>>,
    scanner: Option<Scanner>,
}

impl Masker {
    /// Applies `spec.privacy`; `keys` are what its hashes are made with.
    ///
    /// # Errors
    /// When a rule hashes and there are no keys, and when a pattern of a policy that was not read from a spec is no
    /// regular expression.
    pub fn new(spec: &ModelSpec, keys: Option<&Keyring>) -> Result<Self, MaskerError> {
        let work = match &spec.privacy {
            Some(policy) => Some(Box::new(Work::new(spec, policy, keys)?)),
            None => None,
        };
        Ok(Self { work, counts: MaskCounts::default() })
    }

    /// Whether there is a policy at all.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.work.is_some()
    }

    /// Applies the policy to `row`. Once: what is masked already would be masked again.
    pub fn apply(&mut self, row: &mut Prediction) {
        if let Some(work) = &mut self.work {
            work.apply(row, &mut self.counts);
        }
    }

    /// What was done since the last call.
    pub fn take_counts(&mut self) -> MaskCounts {
        std::mem::take(&mut self.counts)
    }
}

impl fmt::Debug for Masker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Masker")
            .field("is_active", &self.is_active())
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

impl Work {
    fn new(spec: &ModelSpec, policy: &PrivacyPolicy, keys: Option<&Keyring>) -> Result<Self, MaskerError> {
        let rule = |action| Rule::new(action, keys).map_err(|NoKeys| MaskerError::no_keys());
        let column = |column: MaskedColumn| {
            let action = policy.columns.iter().find(|(name, _)| *name == column).map(|(_, action)| action);
            action.map(rule).transpose()
        };
        let text = |name| Ok::<_, MaskerError>(column(name)?.map(Rule::into_text));
        let mut patterns = Vec::new();
        for pattern in &policy.patterns {
            let compiled = compile(&pattern.pattern).map_err(|_| MaskerError::pattern(&pattern.pattern))?;
            patterns.push((compiled, rule(&pattern.action)?.into_text()));
        }
        let scanner = Scanner::new(patterns, Detectors::new(&policy.detect));

        let mut features = Vec::new();
        let mut scanned = Vec::new();
        let mut placed: Vec<(&[Token], Rule)> = Vec::new();
        for (pointer, action) in &policy.pointers {
            placed.push((pointer.tokens(), rule(action)?));
        }
        let mut ruled: HashSet<Arc<str>> = HashSet::new();
        for (place, feature) in spec.features.iter().enumerate() {
            let name: Arc<str> = feature.column().into();
            match policy.features.iter().find(|(name, _)| *name == feature.name) {
                Some((_, action)) => {
                    placed.push((feature.pointer.tokens(), rule(action)?));
                    ruled.insert(Arc::clone(&name));
                    features.push((place, ValueField::new(name, rule(action)?)));
                }
                None if scanner.is_none() => {}
                None if feature.value_type != ValueType::String || policy.scan.contains(&feature.name) => {
                    scanned.push(place);
                }
                None => {}
            }
        }
        if let (Some(pointer), Some(rule)) = (&spec.request.entity_id, column(MaskedColumn::EntityId)?) {
            placed.push((pointer.tokens(), rule));
        }
        ruled.extend(policy.columns.iter().map(|(column, _)| column.as_str().into()));
        if policy.columns.iter().any(|(column, _)| *column == MaskedColumn::ClassProbabilities) {
            ruled.insert(MaskedColumn::Prediction.as_str().into());
        }
        for (name, _) in &policy.segments {
            ruled.extend([SEGMENTS.into(), format!("{SEGMENTS}.{name}").into()]);
        }
        // a misfit may have what a rule by pointer is about inside
        let is_around = |place: &BodyPointer| {
            policy.pointers.iter().any(|(pointer, _)| pointer.covers(place) || place.covers(pointer))
        };
        let around = spec.features.iter().filter(|feature| is_around(&feature.pointer));
        ruled.extend(around.map(|feature| Arc::from(feature.column())));
        for (name, place) in
            [("entity_id", &spec.request.entity_id), ("event_time", &spec.request.event_time)]
        {
            ruled.extend(place.as_ref().filter(|place| is_around(place)).map(|_| Arc::from(name)));
        }
        let mut segments = Vec::new();
        for (name, action) in &policy.segments {
            segments.push((Arc::clone(name), rule(action)?.into_text()));
        }
        let placed: Vec<_> = placed.iter().map(|(tokens, rule)| (*tokens, rule)).collect();
        let prediction = column(MaskedColumn::Prediction)?;
        Ok(Self {
            features,
            scanned,
            feature_count: spec.features.len(),
            entity_id: text(MaskedColumn::EntityId)?.map(TextField::new),
            request_id: text(MaskedColumn::RequestId)?.map(TextField::new),
            scanned_request_id: ScannedField::default(),
            model_version: text(MaskedColumn::ModelVersion)?,
            clean_version: spec.version.clone(),
            prediction: prediction
                .map(|rule| ValueField::new(MaskedColumn::Prediction.as_str().into(), rule)),
            prediction_is_loose: spec.prediction_type() != ValueType::String,
            class_probabilities: text(MaskedColumn::ClassProbabilities)?,
            ranking: text(MaskedColumn::Ranking)?,
            generated_text: text(MaskedColumn::GeneratedText)?,
            raw_input: text(MaskedColumn::RawInput)?,
            segments,
            other_segments: policy.other_segments.as_ref().map(rule).transpose()?.map(Rule::into_text),
            scanned_columns: policy.scan_columns.clone(),
            places: Place::new(&placed),
            ruled,
            scanner,
        })
    }

    fn apply(&mut self, row: &mut Prediction, counts: &mut MaskCounts) {
        for entry in &mut row.rescued {
            self.rescued(entry, counts);
        }
        // beyond the spec's features no rule reaches
        row.features.truncate(self.feature_count);
        for (place, field) in &mut self.features {
            if let Some(value) = row.features.get_mut(*place) {
                field.apply(value, &mut row.rescued, self.scanner.as_mut(), counts);
            }
        }
        if let Some(scanner) = &mut self.scanner {
            for place in &self.scanned {
                if let Some(Value::Text(text)) = row.features.get_mut(*place) {
                    scan(scanner, text, counts);
                }
            }
        }
        self.prediction(row, counts);
        if let Some(text) = &mut row.entity_id {
            match (&mut self.entity_id, &mut self.scanner) {
                (Some(field), scanner) => row.entity_id = field.apply(text, scanner.as_mut(), counts),
                (None, Some(scanner)) if self.scanned_columns.contains(&MaskedColumn::EntityId) => {
                    scan(scanner, text, counts);
                }
                _ => {}
            }
        }
        match (&mut self.request_id, &mut self.scanner) {
            (Some(field), scanner) => {
                let made = field.apply(&row.request_id, scanner.as_mut(), counts);
                row.request_id = made.unwrap_or_default();
            }
            (None, Some(scanner)) => {
                self.scanned_request_id.apply(&mut row.request_id, scanner, counts);
            }
            _ => {}
        }
        self.model_version(row, counts);
        self.outputs(row, counts);
        self.segments(&mut row.segments, counts);
        if let Some(text) = row.raw_input.take() {
            row.raw_input = self.raw_input(text, counts);
        }
    }

    /// The decision. One without a rule that is a class of the row becomes what the class becomes: a decision that follows
    /// from the probabilities is the name of a class once more.
    fn prediction(&mut self, row: &mut Prediction, counts: &mut MaskCounts) {
        if let Some(field) = &mut self.prediction {
            field.apply(&mut row.prediction, &mut row.rescued, self.scanner.as_mut(), counts);
            return;
        }
        let Value::Text(text) = &mut row.prediction else { return };
        let is_class =
            row.class_probabilities.iter().flat_map(|all| all.iter()).any(|(class, _)| class == text);
        let is_listed = |column| self.scanned_columns.contains(&column);
        let is_scanned = self.prediction_is_loose
            || is_listed(MaskedColumn::Prediction)
            || (is_class && is_listed(MaskedColumn::ClassProbabilities));
        match (&self.class_probabilities, &mut self.scanner) {
            (Some(action), _) if is_class => {
                row.prediction = action.apply(text, counts).map(Arc::from).into();
            }
            (_, Some(scanner)) if is_scanned => scan(scanner, text, counts),
            _ => {}
        }
    }

    /// The version may be a client's word, part of a path. What is found in one leaves nothing of it: it would be no version.
    fn model_version(&mut self, row: &mut Prediction, counts: &mut MaskCounts) {
        let Some(version) = &row.model_version else { return };
        if let Some(action) = &self.model_version {
            row.model_version = action.apply(version.as_str(), counts).and_then(|made| made.parse().ok());
            return;
        }
        let Some(scanner) = &mut self.scanner else { return };
        if self.clean_version.as_ref() == Some(version) {
            return;
        }
        if scanner.changed(version.as_str(), counts).is_some() {
            row.model_version = None;
            let column = MaskedColumn::ModelVersion.as_str().into();
            row.rescued.push(Rescued { column, json: masked("string") });
        } else {
            self.clean_version = row.model_version.clone();
        }
    }

    /// What becomes of a name in a column of names; `None`: it goes.
    fn name(&mut self, column: MaskedColumn, name: &Arc<str>, counts: &mut MaskCounts) -> Option<Arc<str>> {
        let action = match column {
            MaskedColumn::Ranking => &self.ranking,
            _ => &self.class_probabilities,
        };
        if let Some(action) = action {
            return action.apply(name, counts).map(Into::into);
        }
        let scanned = self.scanner.as_mut().and_then(|scanner| scanner.changed(name, counts));
        Some(scanned.map_or_else(|| Arc::clone(name), Into::into))
    }

    /// Class names, ranked items and generated text.
    fn outputs(&mut self, row: &mut Prediction, counts: &mut MaskCounts) {
        let column = MaskedColumn::ClassProbabilities;
        if let Some(classes) = &row.class_probabilities
            && (self.class_probabilities.is_some() || self.scanned_columns.contains(&column))
        {
            let mut named: Vec<(Arc<str>, f64)> = Vec::with_capacity(classes.len());
            for (class, probability) in classes.iter() {
                named.extend(self.name(column, class, counts).map(|name| (name, *probability)));
            }
            tell_apart(&mut named);
            row.class_probabilities = Some(named.into());
        }
        let column = MaskedColumn::Ranking;
        if let Some(items) = &row.ranking
            && (self.ranking.is_some() || self.scanned_columns.contains(&column))
        {
            let mut named = Vec::with_capacity(items.len());
            for RankedItem { item, score } in items.iter() {
                let item = self.name(column, item, counts);
                named.extend(item.map(|item| RankedItem { item, score: *score }));
            }
            row.ranking = Some(named.into());
        }
        if let Some(text) = &mut row.generated_text {
            let action = self.generated_text.as_ref();
            if let Some(scanner) = &mut self.scanner
                && action.is_none_or(TextAction::leaves_text)
            {
                scan(scanner, text, counts);
            }
            if let Some(action) = action {
                row.generated_text = action.apply(text, counts).map(Into::into);
            }
        }
    }

    /// A segment whose name is personal data goes.
    fn segments(&mut self, segments: &mut Vec<(Arc<str>, Arc<str>)>, counts: &mut MaskCounts) {
        if let Some(scanner) = &mut self.scanner {
            segments.retain(|(name, _)| scanner.changed(name, counts).is_none());
        }
        for (name, value) in segments {
            let action = self.segments.iter().find(|(ruled, _)| ruled == name).map(|(_, action)| action);
            let action = action.or(self.other_segments.as_ref());
            if let Some(scanner) = &mut self.scanner
                && action.is_none_or(TextAction::leaves_text)
            {
                scan(scanner, value, counts);
            }
            if let Some(action) = action {
                *value = action.apply(value, counts).unwrap_or_default().into();
            }
        }
    }

    fn raw_input(&mut self, text: Arc<str>, counts: &mut MaskCounts) -> Option<Arc<str>> {
        let (by_places, action) = (!self.places.is_empty(), self.raw_input.as_ref());
        if let Some(action) = action.filter(|action| !action.leaves_text()) {
            return action.apply(&text, counts).map(Into::into);
        }
        let looked_through = if by_places || self.scanner.is_some() {
            match json::rewrite(&text, &self.places, self.scanner.as_mut(), counts) {
                Ok(rewritten) => rewritten,
                // a text that was meant as JSON may hide in its escapes what is looked for
                Err(json::Unreadable) if by_places || begins_as_json(&text) => {
                    counts.unreadable += 1;
                    return None;
                }
                Err(json::Unreadable) => match &mut self.scanner {
                    Some(scanner) => scanner.scan(&text, counts),
                    None => return None,
                },
            }
        } else {
            Cow::Borrowed(&*text)
        };
        match (action, looked_through) {
            (Some(action), looked_through) => action.apply(&looked_through, counts).map(Into::into),
            (None, Cow::Owned(looked_through)) => Some(looked_through.into()),
            (None, Cow::Borrowed(_)) => Some(text),
        }
    }

    fn rescued(&mut self, entry: &mut Rescued, counts: &mut MaskCounts) {
        let segment = entry.column.strip_prefix(SEGMENTS).and_then(|name| name.strip_prefix('.'));
        let is_ruled =
            self.ruled.contains(&entry.column) || (segment.is_some() && self.other_segments.is_some());
        // the name is someone's word
        if let (Some(name), Some(scanner)) = (segment, &mut self.scanner)
            && scanner.changed(name, counts).is_some()
        {
            entry.column = SEGMENTS.into();
        }
        if is_ruled {
            counts.misfits += 1;
            entry.json = masked(json::type_of(&entry.json));
        } else if let Some(scanner) = &mut self.scanner {
            let type_alone = || masked(json::type_of(&entry.json));
            let scanned = match json::rewrite(&entry.json, &Place::default(), Some(scanner), counts) {
                Ok(Cow::Borrowed(_)) => return,
                Ok(Cow::Owned(json)) if json.len() <= Rescued::MAX_LEN => json,
                Ok(_) | Err(json::Unreadable) => type_alone(),
            };
            entry.json = scanned;
        }
    }
}

fn scan(scanner: &mut Scanner, text: &mut Arc<str>, counts: &mut MaskCounts) {
    if let Some(scanned) = scanner.changed(text, counts) {
        *text = scanned.into();
    }
}

fn begins_as_json(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').starts_with(['{', '[', '"'])
}
/// Numbers the classes that have become alike: a table of probabilities has each name once.
fn tell_apart(named: &mut [(Arc<str>, f64)]) {
    let mut taken = HashSet::with_capacity(named.len());
    // how many there are of each name so far: so that a thousand alike are not counted a thousand times
    let mut alike: HashMap<Arc<str>, usize> = HashMap::new();
    for (name, _) in named {
        let mut distinct = Arc::clone(name);
        while !taken.insert(Arc::clone(&distinct)) {
            let number = alike.entry(Arc::clone(name)).or_insert(1);
            *number += 1;
            distinct = format!("{name} {number}").into();
        }
        *name = distinct;
    }
}
