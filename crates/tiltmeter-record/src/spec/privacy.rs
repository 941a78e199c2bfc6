//! The spec's `privacy`: which rule may stand on which field.

use std::sync::Arc;

use super::feature::Declared;
use super::field::Field;
use super::fields::Fields;
use super::key_source::key_source;
use super::near::nearest;
use super::problem::Problem;
use super::{RequestMap, ValueType};
use crate::privacy::{Action, Detector, MaskedColumn, PatternRule, PrivacyPolicy, compile};
use crate::quote::Quoted;
use crate::{BodyPointer, FeatureName};

const MAX_PATTERNS: usize = 64;

const TEXT: Kind = Kind {
    allowed: "drop, mask, hash, {mask: {keep_last: n}} or {truncate: n}, of text",
    words: &["drop", "mask", "hash"],
    keys: &["mask", "truncate"],
    whole: false,
};
const NUMBER: Kind = Kind {
    allowed: "drop, {round: step} or {bucket: [bound, …]}, of numbers",
    words: &["drop"],
    keys: &["round", "bucket"],
    whole: false,
};
const WHOLE: Kind = Kind { whole: true, ..NUMBER };
const BOOLEAN: Kind = Kind { allowed: "drop, of a boolean", words: &["drop"], keys: &[], whole: false };
const NAMES: Kind =
    Kind { allowed: "drop or hash, of names", words: &["drop", "hash"], keys: &[], whole: false };
const ANY: Kind = Kind {
    allowed: "drop, mask, hash, {mask: {keep_last: n}}, {truncate: n}, {round: step} or {bucket: [bound, …]}",
    words: TEXT.words,
    keys: &["mask", "truncate", "round", "bucket"],
    whole: false,
};

/// The actions that fit a kind of values.
#[derive(Clone, Copy)]
struct Kind {
    allowed: &'static str,
    words: &'static [&'static str],
    keys: &'static [&'static str],
    /// Whether numbers are whole, and so must be what becomes of them.
    whole: bool,
}

impl Kind {
    fn of(value_type: ValueType) -> Self {
        match value_type {
            ValueType::String => TEXT,
            ValueType::Float => NUMBER,
            ValueType::Integer => WHOLE,
            ValueType::Boolean => BOOLEAN,
        }
    }
}

/// What the rest of the spec says that rules depend on.
#[derive(Clone, Copy)]
pub(super) struct Context<'c, 'd> {
    /// `None`: they have problems of their own.
    pub(super) features: Option<&'c Declared<'d>>,
    pub(super) request: &'c RequestMap,
    /// The type of that column.
    pub(super) prediction: ValueType,
    pub(super) has_generated_text: bool,
}

/// Reads `privacy`.
pub(super) fn read(
    field: &Field<'_>,
    context: Context<'_, '_>,
    problems: &mut Vec<Problem>,
) -> Option<PrivacyPolicy> {
    let Context { features, prediction, .. } = context;
    let columns = MaskedColumn::ALL.map(MaskedColumn::as_str);
    let others = ["features", "segments", "pointers", "patterns", "detect", "scan", "hash_key"];
    let known: Vec<&str> = columns.into_iter().chain(others).collect();
    let fields = Fields::known(field, &known, problems)?;
    let mut policy = PrivacyPolicy::default();
    for column in MaskedColumn::ALL {
        let kind = match column {
            MaskedColumn::Prediction => Kind::of(prediction),
            MaskedColumn::ModelVersion | MaskedColumn::ClassProbabilities | MaskedColumn::Ranking => NAMES,
            _ => TEXT,
        };
        let action = fields.optional(column.as_str()).and_then(|field| action(field, kind, problems));
        policy.columns.extend(action.map(|action| (column, action)));
    }
    if let Some(field) = fields.optional("features") {
        policy.features = feature_rules(field, features, problems);
    }
    for (name, field) in mapping(fields.optional("segments"), "a mapping, name of a segment: rule", problems)
    {
        let action = action(&field, TEXT, problems);
        if name == OTHER_SEGMENTS {
            policy.other_segments = action;
        } else if let Err(problem) = segment(name, &field, features) {
            problems.push(problem);
        } else {
            policy.segments.extend(action.map(|action| (Arc::from(name), action)));
        }
    }
    for (text, field) in mapping(fields.optional("pointers"), "a mapping, pointer: rule", problems) {
        let rule = action(&field, ANY, problems);
        match text.parse() {
            Ok(pointer) => {
                over_columns(&pointer, &field, &policy, context, problems);
                policy.pointers.extend(rule.map(|rule| (pointer, rule)));
            }
            Err(error) => {
                let error: crate::PointerError = error;
                let problem = Problem::new(field.key_at, "privacy.pointers", error.found());
                problems.push(problem.allow("a JSON pointer such as /customer/name, with '*' at most once"));
            }
        }
    }
    if let Some(field) = fields.optional("patterns") {
        policy.patterns = patterns(field, problems);
    }
    let detectors = Detector::ALL.map(|detector| (detector.as_str(), detector));
    let list = |key, allowed, problems: &mut Vec<Problem>| {
        fields.optional(key).and_then(|field| field.list(allowed, problems)).unwrap_or_default()
    };
    for element in list("detect", "a list of email, phone, iban, card, ip", problems) {
        match element.choice(&detectors, problems) {
            Some(detector) if policy.detect.contains(&detector) => {
                let found = format!("{} a second time", Quoted(detector.as_str()));
                problems.push(element.problem(found).allow("each detector once"));
            }
            detector => policy.detect.extend(detector),
        }
    }
    for element in list("scan", "a list of features of type string", problems) {
        let column = scanned_column(&element, prediction, &mut policy, problems);
        let is_feature = element.word().is_some_and(|name| declared(features, name).is_some());
        if column.is_none() || (is_feature && features.is_some()) {
            let name = scanned(&element, features, &policy, problems);
            policy.scan.extend(name);
        }
    }
    let has_text = context.request.raw_input || context.has_generated_text;
    if policy.looks_through() && !has_text && fields.optional("scan").is_none() {
        let found = "patterns or detectors, but neither raw_input, generated_text nor scan";
        let allowed = "them with scan, the list of features to look through (it may be empty: [])";
        problems.push(field.problem(found).allow(allowed));
    }
    policy.hash_key = fields.optional("hash_key").and_then(|field| key_source(field, problems));
    Some(policy)
}

/// The entries of a mapping that may be absent.
fn mapping<'d>(
    field: Option<&Field<'d>>,
    allowed: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(&'d str, Field<'d>)> {
    let fields = field.and_then(|field| Fields::any(field, allowed, problems));
    let entry = |(name, field): &(&'d str, Field<'d>)| {
        (*name, Field { path: field.path.clone(), key_at: field.key_at, node: field.node })
    };
    fields.map(|fields| fields.iter().map(entry).collect()).unwrap_or_default()
}

/// What is declared under that name: `None` is unknown, `Some(None)` has problems of its own.
fn declared(features: Option<&Declared<'_>>, name: &str) -> Option<Option<(FeatureName, ValueType)>> {
    let Some(features) = features else { return Some(None) };
    let (_, feature) = features.iter().find(|(key, _)| *key == name)?;
    Some(feature.map(|feature| (feature.name.clone(), feature.value_type)))
}

fn unknown(problem: Problem, name: &str, features: Option<&Declared<'_>>) -> Problem {
    let names = features.into_iter().flat_map(Declared::iter).map(|(key, _)| key);
    problem.allow("a feature that is declared in features").suggest(nearest(name, names))
}

/// The name that stands for every segment without a rule.
const OTHER_SEGMENTS: &str = "*";

/// A rule that can never be applied is a mistake: a segment is no feature, and has a name that the log takes.
fn segment(name: &str, field: &Field<'_>, features: Option<&Declared<'_>>) -> Result<(), Problem> {
    let problem = |found: String| Problem::new(field.key_at, "privacy.segments", found);
    let mut features = features.into_iter().flat_map(Declared::iter).map(|(key, _)| key);
    if let Some(feature) = features.find(|feature| feature.eq_ignore_ascii_case(name)) {
        let found = if feature == name {
            format!("{}, which is a feature", Quoted(name))
        } else {
            format!("{}, which is the feature {} but for its case", Quoted(name), Quoted(feature))
        };
        return Err(problem(found).allow("segments; rules of features stand under privacy.features"));
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_name) {
        let allowed = "1 to 64 letters, digits, '.', '_' and '-', or '*' for all other segments";
        return Err(problem(format!("{} as a segment", Quoted(name))).allow(allowed));
    }
    Ok(())
}

/// Rules by pointer are about `raw_input`: where one stands on the value of a column, or around it, the column has the
/// value once more, and needs a rule of its own.
fn over_columns(
    pointer: &BodyPointer,
    field: &Field<'_>,
    policy: &PrivacyPolicy,
    context: Context<'_, '_>,
    problems: &mut Vec<Problem>,
) {
    let mut report = |what: String, allowed: &str| {
        let found = format!("{}, where {what} stands", Quoted(&pointer.to_string()));
        problems.push(Problem::new(field.key_at, "privacy.pointers", found).allow(allowed));
    };
    let has_entity_rule = policy.columns.iter().any(|(column, _)| *column == MaskedColumn::EntityId);
    if let Some(entity_id) = &context.request.entity_id
        && !has_entity_rule
        && pointer.covers(entity_id)
    {
        report("entity_id".to_owned(), "a pointer there once entity_id has a rule too: privacy.entity_id");
    }
    for (name, feature) in context.features.into_iter().flat_map(Declared::iter) {
        let has_rule = policy.features.iter().any(|(ruled, _)| ruled.as_str() == name);
        if feature.is_some_and(|feature| !has_rule && pointer.covers(&feature.pointer)) {
            let allowed = "a pointer there once the feature has a rule too, under privacy.features";
            report(format!("the feature {}", Quoted(name)), allowed);
        }
    }
}

/// Takes the column that `scan` lists, if it is one; a feature may have its name as well.
fn scanned_column(
    element: &Field<'_>,
    prediction: ValueType,
    policy: &mut PrivacyPolicy,
    problems: &mut Vec<Problem>,
) -> Option<MaskedColumn> {
    let name = element.word()?;
    let mut columns = MaskedColumn::ALL.into_iter().filter(|column| column.can_be_listed());
    let column = columns.find(|column| column.as_str() == name)?;
    let quoted = Quoted(name);
    let problem = if column == MaskedColumn::Prediction && prediction != ValueType::String {
        let found = format!("{quoted}, which is of type {}", prediction.as_str());
        element.problem(found).allow("columns of text")
    } else if policy.scan_columns.contains(&column) {
        element.problem(format!("{quoted} a second time")).allow("each column once")
    } else if policy.columns.iter().any(|(ruled, _)| *ruled == column) {
        element.problem(format!("{quoted}, which has a rule already")).allow("columns without a rule")
    } else {
        policy.scan_columns.push(column);
        return Some(column);
    };
    problems.push(problem);
    Some(column)
}

fn feature_rules(
    field: &Field<'_>,
    features: Option<&Declared<'_>>,
    problems: &mut Vec<Problem>,
) -> Vec<(FeatureName, Action)> {
    let mut rules = Vec::new();
    for (name, field) in mapping(Some(field), "a mapping, name of a feature: rule", problems) {
        match declared(features, name) {
            None => {
                let found = format!("{} as a feature", Quoted(name));
                let problem = Problem::new(field.key_at, "privacy.features", found);
                problems.push(unknown(problem, name, features));
            }
            Some(None) => {}
            Some(Some((name, value_type))) => {
                let action = action(&field, Kind::of(value_type), problems);
                rules.extend(action.map(|action| (name, action)));
            }
        }
    }
    rules
}

fn scanned(
    element: &Field<'_>,
    features: Option<&Declared<'_>>,
    policy: &PrivacyPolicy,
    problems: &mut Vec<Problem>,
) -> Option<FeatureName> {
    let name: FeatureName = element.name("the name of a feature", problems)?;
    let quoted = Quoted(name.as_str());
    let problem = match declared(features, name.as_str()) {
        None => unknown(element.misfit(""), name.as_str(), features),
        Some(None) => return None,
        Some(Some((_, value_type))) if value_type != ValueType::String => {
            let found = format!("{quoted}, a feature of type {}", value_type.as_str());
            element.problem(found).allow("features of type string")
        }
        Some(_) if policy.scan.contains(&name) => {
            element.problem(format!("{quoted} a second time")).allow("each feature once")
        }
        Some(_) => match policy.features.iter().find(|(ruled, _)| *ruled == name) {
            // what is truncated is looked through anyway
            Some(_) => element
                .problem(format!("{quoted}, which has a rule already"))
                .allow("features without a rule under privacy.features"),
            None => return Some(name),
        },
    };
    problems.push(problem);
    None
}

fn action(field: &Field<'_>, kind: Kind, problems: &mut Vec<Problem>) -> Option<Action> {
    let words = [("drop", Action::Drop), ("mask", Action::Mask { keep_last: 0 }), ("hash", Action::Hash)];
    if let Some((word, action)) = words.into_iter().find(|(word, _)| field.is_word(word)) {
        if kind.words.contains(&word) {
            return Some(action);
        }
        problems.push(field.misfit(kind.allowed));
        return None;
    }
    if !field.is_mapping() || kind.keys.is_empty() {
        problems.push(field.misfit(kind.allowed));
        return None;
    }
    let problems_before = problems.len();
    let fields = Fields::known(field, kind.keys, problems)?;
    let mut entries = fields.iter();
    let (Some((key, field)), None) = (entries.next(), entries.next()) else {
        // an action that is not known is a problem already
        if problems.len() == problems_before {
            problems.push(field.problem("a mapping without one action").allow(kind.allowed));
        }
        return None;
    };
    match *key {
        "mask" => {
            let fields = Fields::known(field, &["keep_last"], problems)?;
            let field = fields.required("keep_last", CHARACTERS, problems)?;
            characters(field, problems).map(|keep_last| Action::Mask { keep_last })
        }
        "truncate" => characters(field, problems).map(|keep_first| Action::Truncate { keep_first }),
        "round" => {
            let allowed = if kind.whole { "a whole step above 0" } else { "a step above 0" };
            let fits: fn(f64) -> bool =
                if kind.whole { |step| step > 0.0 && is_whole(step) } else { |step| step > 0.0 };
            let step = field.number(allowed, fits, problems)?;
            Some(Action::Round { step })
        }
        _ => bounds(field, kind, problems).map(|bounds| Action::Bucket { bounds }),
    }
}

const CHARACTERS: &str = "how many characters stay, from 1 to 1000";

fn characters(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<usize> {
    let number = field.integer().and_then(|number| usize::try_from(number).ok());
    let number = number.filter(|number| (1..=1000).contains(number));
    if number.is_none() {
        problems.push(field.misfit(CHARACTERS));
    }
    number
}

/// 2^53: beyond it a float is no longer the whole number that was written.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() <= EXACT
}

fn bounds(field: &Field<'_>, kind: Kind, problems: &mut Vec<Problem>) -> Option<Arc<[f64]>> {
    let allowed = if kind.whole { "whole numbers" } else { "numbers" };
    let elements = field.list("a list of bounds", problems)?;
    if elements.is_empty() {
        problems.push(field.problem("no bound").allow("a list of bounds"));
    }
    let mut bounds: Vec<f64> = Vec::new();
    for element in &elements {
        let bound = element.number(allowed, if kind.whole { is_whole } else { |_| true }, problems)?;
        if bounds.last().is_some_and(|last| *last >= bound) {
            problems.push(element.misfit("bounds that ascend"));
            return None;
        }
        bounds.push(bound);
    }
    (!bounds.is_empty()).then(|| bounds.into())
}

fn patterns(field: &Field<'_>, problems: &mut Vec<Problem>) -> Vec<PatternRule> {
    let elements = field.list("a list of {pattern: …, action: …}", problems).unwrap_or_default();
    if elements.len() > MAX_PATTERNS {
        problems.push(field.problem("more than 64 patterns").allow("at most 64"));
        return Vec::new();
    }
    let mut rule = |element: &Field<'_>| {
        let fields = Fields::known(element, &["pattern", "action"], problems)?;
        let pattern = fields.required("pattern", PATTERN, problems);
        let pattern = pattern.and_then(|field| pattern_text(field, problems));
        let becomes = fields.required("action", TEXT.allowed, problems);
        let becomes = becomes.and_then(|field| action(field, TEXT, problems));
        Some(PatternRule { pattern: pattern?, action: becomes? })
    };
    elements.iter().filter_map(&mut rule).collect()
}

const PATTERN: &str = "a regular expression that matches no empty text, in the syntax of Rust's crate regex";

fn pattern_text(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<String> {
    let pattern = field.non_empty(PATTERN, problems)?;
    let fault = match compile(&pattern) {
        Ok(compiled) if compiled.is_match("") => "it matches an empty text",
        Ok(_) => return Some(pattern),
        Err(regex::Error::CompiledTooBig(_)) => "it is too large",
        Err(_) => "it cannot be read",
    };
    problems.push(field.problem(format!("{} ({fault})", Quoted(&pattern))).allow(PATTERN));
    None
}

#[cfg(test)]
mod tests;
