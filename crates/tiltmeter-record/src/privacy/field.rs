//! One field with a rule.

use std::sync::Arc;

use super::MaskCounts;
use super::action::{Rule, TextAction};
use super::scan::Scanner;
use crate::{Rescued, Value};

/// A rule on text, and what it made of the last one: rows of one request share their texts.
#[derive(Debug)]
pub(super) struct TextField {
    action: TextAction,
    last: Option<(Arc<str>, Option<Arc<str>>)>,
}

/// A text without a rule that is looked through, and the last one in which nothing was found.
#[derive(Debug, Default)]
pub(super) struct ScannedField {
    clean: Option<Arc<str>>,
}

impl ScannedField {
    /// Whether `text` has changed.
    pub(super) fn apply(
        &mut self,
        text: &mut Arc<str>,
        scanner: &mut Scanner,
        counts: &mut MaskCounts,
    ) -> bool {
        if self.clean.as_ref().is_some_and(|clean| Arc::ptr_eq(clean, text)) {
            return false;
        }
        match scanner.changed(text, counts) {
            Some(scanned) => {
                *text = scanned.into();
                true
            }
            None => {
                self.clean = Some(Arc::clone(text));
                false
            }
        }
    }
}

impl TextField {
    pub(super) fn new(action: TextAction) -> Self {
        Self { action, last: None }
    }

    pub(super) fn apply(
        &mut self,
        text: &Arc<str>,
        scanner: Option<&mut Scanner>,
        counts: &mut MaskCounts,
    ) -> Option<Arc<str>> {
        if matches!(self.action, TextAction::Drop) {
            self.action.count(counts);
            return None;
        }
        if let Some((last, made)) = &self.last
            && Arc::ptr_eq(last, text)
        {
            self.action.count(counts);
            return made.clone();
        }
        let scanned = if self.action.leaves_text() { scanner } else { None };
        let scanned = scanned.and_then(|scanner| scanner.changed(text, counts));
        let made: Option<Arc<str>> =
            self.action.apply(scanned.as_deref().unwrap_or(text), counts).map(Into::into);
        self.last = Some((Arc::clone(text), made.clone()));
        made
    }
}

/// A rule on a value.
#[derive(Debug)]
pub(super) struct ValueField {
    column: Arc<str>,
    rule: FieldRule,
}

#[derive(Debug)]
enum FieldRule {
    Text(TextField),
    Other(Rule),
}

impl ValueField {
    pub(super) fn new(column: Arc<str>, rule: Rule) -> Self {
        let rule = match rule {
            Rule::Text(action) => FieldRule::Text(TextField::new(action)),
            other => FieldRule::Other(other),
        };
        Self { column, rule }
    }

    /// Applies the rule to `value`. One that the rule is not made for goes, and its type is rescued.
    pub(super) fn apply(
        &mut self,
        value: &mut Value,
        rescued: &mut Vec<Rescued>,
        scanner: Option<&mut Scanner>,
        counts: &mut MaskCounts,
    ) {
        *value = match (&mut self.rule, &*value) {
            (_, Value::Missing) => return,
            (FieldRule::Other(Rule::Drop), _) => {
                counts.dropped += 1;
                Value::Missing
            }
            (FieldRule::Text(field), Value::Text(text)) => field.apply(text, scanner, counts).into(),
            (FieldRule::Other(Rule::Number(action)), Value::Integer(number)) => {
                action.count(counts);
                action.of_whole(*number)
            }
            (FieldRule::Other(Rule::Number(action)), Value::Float(number)) => {
                action.count(counts);
                action.of(*number).into()
            }
            (_, value) => {
                counts.misfits += 1;
                let json_type = match value {
                    Value::Text(_) => "string",
                    Value::Boolean(_) => "boolean",
                    _ => "number",
                };
                rescued.push(Rescued { column: Arc::clone(&self.column), json: masked(json_type) });
                Value::Missing
            }
        };
    }
}

/// What stays of a rescued value of which nothing but the type may stay.
pub(super) fn masked(json_type: &str) -> String {
    format!("\"<masked {json_type}>\"")
}
